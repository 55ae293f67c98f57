"""Where a loader and its host work in the RAM of a target."""

from dataclasses import replace

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv.hosts.core import Budget
from loaderconv.programming.timeouts import CHIP_MS, INIT_MS, SECTOR_MS
from loaderconv.programming.workplace import LEAST_STACK_BYTES, Workplace, open_loader
from loaderconv.simulation.ranges import on_grid
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed
from support.strict import pattern
from support.workplaces import STRICT_IAR, subject

DATA = pattern(0x301)
FAR, SPARSE = STRICT_IAR, "strict_stldr_sparse.stldr"
RELOCATABLE = "iar/config/flashloader/Strict/strict_iar_relocatable.board"


def ram(start: int, size_bytes: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=size_bytes)


def opened(name: str, rams: list[AddressRange]) -> Workplace:
    core = UnicornCore(CpuModel.CORTEX_M4, ram=on_grid(rams, GRAIN_BYTES), peripherals=[StrictController()])
    return open_loader(core, subject(name), rams, "the target", lambda: None)


TCM, SRAM, SMALL = ram(0, 0x1000), ram(0x2000_0000, 0x4000), ram(0x1000_0000, 0x800)

CHOICES = {
    "a chip with 16 KiB": ("strict_flm.FLM", [SRAM], SRAM),
    "the largest": ("strict_flm.FLM", [SMALL, SRAM, TCM], SRAM),
    "just enough": ("strict_flm.FLM", [ram(0x2000_0000, 0x1000)], ram(0x2000_0000, 0x1000)),
    "where it was linked": ("strict_stldr.stldr", [ram(0x2400_0000, 0x8000), SRAM], SRAM),
    "where its code is": (SPARSE, [ram(0x2402_0000, 0x8000), SRAM], SRAM),
    "code far away from data": (FAR, [ram(0x2020_0000, 0x8000), TCM], TCM),
    "where its pass puts it": (RELOCATABLE, [SMALL, ram(0x2000_0000, 0x8000)], ram(0x2000_0000, 0x8000)),
}


@pytest.mark.parametrize(("name", "rams", "expected"), CHOICES.values(), ids=CHOICES)
def test_the_ram_of_the_host(name: str, rams: list[AddressRange], expected: AddressRange) -> None:
    place = opened(name, rams)
    assert place.ram == expected
    for part in (*place.subject.taken, place.host.buffer, place.host.stack):
        assert any(each.start <= part.start and part.end <= each.end for each in rams)
    sector = AddressRange(start=ARRAY_BASE + 0x1000, size_bytes=0x1000)
    assert place.host.erase(sector).succeeded
    assert place.host.program(sector.start, DATA).succeeded
    assert place.host.read(AddressRange(start=sector.start, size_bytes=len(DATA))).data == DATA
    place.finish()


def test_what_fits_has_its_stack_and_little_more_is_asked_for() -> None:
    stacks: list[int | None] = []
    for size_bytes in range(0x800, 0xC00, 0x20):
        try:
            stacks.append(opened("strict_flm.FLM", [ram(0x2000_0020, size_bytes)]).host.stack.size_bytes)
        except RunFailed:
            stacks.append(None)
    fitting = [each for each in stacks if each is not None]
    assert stacks == [None] * (len(stacks) - len(fitting)) + fitting
    assert stacks[0] is None
    assert LEAST_STACK_BYTES <= min(fitting) <= LEAST_STACK_BYTES + 0x80


REFUSALS = {
    "too small": (
        "strict_flm.FLM",
        [SMALL, ram(0x2000_0000, 0x400)],
        r"needs \d+ bytes .* has 2048 \(0x10000000",
    ),
    "no RAM at all": ("strict_flm.FLM", [], r"has 0 \(none is known\)"),
    "another chip's": ("strict_stldr.stldr", [ram(0x2400_0000, 0x8000)], "has to lie at 0x20000004.*has no RAM"),
    "half outside": ("strict_stldr.stldr", [ram(0x2000_0000, 0x200)], "has to lie at 0x20000004.*has no RAM"),
    "data outside": (SPARSE, [SRAM], r"has to lie at 0x24020000\.\.0x24020007"),
    "no room beside the image": ("strict_stldr.stldr", [ram(0x2000_0000, 0x800)], "stack and buffer do not fit"),
    "16 KiB for an IAR loader of 32": (RELOCATABLE, [SMALL], "has to lie at"),
}


@pytest.mark.parametrize(("name", "rams", "words"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(name: str, rams: list[AddressRange], words: str) -> None:
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[SRAM])
    with pytest.raises(RunFailed, match=words):
        open_loader(core, subject(name), rams, "the target", lambda: None)


def test_what_a_converted_loader_installs_is_not_free() -> None:
    used = subject("strict_flm.FLM")
    installed = ram(0x2000_0400, 0x400)
    loader = used.loader.model_copy(update={"installed": (installed,)})
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[SRAM], peripherals=[StrictController()])
    place = open_loader(core, replace(used, loader=loader), [SRAM], "the target", lambda: None)
    assert place.ram == ram(0x2000_0800, 0x3800)
    assert place.subject.taken == (installed,)


class Watched(UnicornCore):
    """Notes how long each run might take."""

    timeouts_ms: list[int]

    def run(self, stop_address: int, budget: Budget, meanwhile=None):  # type: ignore[no-untyped-def]
        self.timeouts_ms.append(budget.timeout_ms)
        return super().run(stop_address, budget, meanwhile)


@pytest.mark.parametrize(
    ("name", "longest_erase_ms"),
    [("strict_flm.FLM", SECTOR_MS), ("strict_stldr.stldr", 16 * SECTOR_MS), (FAR, CHIP_MS)],
)
def test_hosts_get_the_time_that_their_calls_may_take(name: str, longest_erase_ms: int) -> None:
    rams = [TCM, ram(0x2000_0000, 0x8000), ram(0x2020_0000, 0x8000)]
    core = Watched(CpuModel.CORTEX_M4, ram=rams, peripherals=[StrictController()])
    core.timeouts_ms = []
    host = open_loader(core, subject(name), rams, "the target", lambda: None).host
    assert host.start().succeeded
    assert set(core.timeouts_ms) == {INIT_MS}
    assert host.erase(AddressRange(start=ARRAY_BASE, size_bytes=0x2000)).succeeded
    assert set(core.timeouts_ms) == {INIT_MS, longest_erase_ms}
    assert host.erase_all().succeeded
    assert max(core.timeouts_ms) == CHIP_MS, "a mass erase takes long, by FlashInit too"
