"""What a loader does to its own code and stack is told, and no good loader is blamed."""

from dataclasses import replace

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE
from loaderconv.hosts.call import CallFrame, call_routine
from loaderconv.hosts.core import Budget
from loaderconv.programming.guards import CANARY, GuardedCore
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from support.strict import pattern
from support.workplaces import RAM, STRICT_IAR, board_place, strict_place, subject

SECTOR = AddressRange(start=ARRAY_BASE + 0x1000, size_bytes=0x1000)
DATA = pattern(0x203)


def code(*halfwords: int) -> bytes:
    return b"".join(halfword.to_bytes(2, "little") for halfword in halfwords)


def with_code(used: Subject, routine: Routine, replacement: bytes) -> Subject:
    """Return a loader in which a routine does something else."""
    entry = used.loader.entry_point(routine)
    assert entry is not None
    segments = []
    for segment in used.loader.segments:
        at = entry.address - segment.address
        data = segment.data
        if 0 <= at < len(data):
            data = data[:at] + replacement + data[at + len(replacement) :]
        segments.append(segment.model_copy(update={"data": data}))
    return replace(used, loader=used.loader.model_copy(update={"segments": tuple(segments)}))


GOOD = [
    *("strict_flm.FLM", "strict_flm_no_chip.FLM", "strict_flm_onchip.FLM", "strict_flm_reader.FLM"),
    *("strict_stldr.stldr", "strict_stldr_sparse.stldr", "strict_stldr_at_zero.stldr", "strict_stldr_short.stldr"),
    *(STRICT_IAR, "iar/config/flashloader/Strict/strict_iar_dynamic.flash"),
    "iar/config/flashloader/Strict/strict_iar_relocatable.board",
]


@pytest.mark.parametrize("name", GOOD)
def test_good_loaders_are_not_blamed(name: str) -> None:
    """Three sessions with a look at the code after each; C-SPY downloads the loader again for each."""
    place, controller, _ = strict_place(subject(name))
    for _ in range(2):
        assert place.host.start().succeeded
        assert place.host.erase(SECTOR).succeeded
        assert place.host.program(SECTOR.start, DATA).succeeded
        assert place.host.read(SECTOR).data.startswith(DATA)
        place.finish()
    assert place.download().start().succeeded
    place.finish()
    assert controller.violations == []


@pytest.mark.parametrize("name", ["qspi.FLM", "qspi.stldr", "qspi.flash"])
def test_good_loaders_on_a_board_are_not_blamed(name: str) -> None:
    place = board_place(subject(f"quadspi/{name}")).place
    sector = AddressRange(start=0x9010_1000, size_bytes=0x1000)
    assert place.host.erase(sector).succeeded
    assert place.host.program(sector.start, DATA).succeeded
    place.finish()


def test_code_that_lies_where_data_go_later() -> None:
    """FlashInit of some loaders lies in the buffer."""
    used = subject("iar/config/flashloader/Strict/strict_iar_dynamic.flash")
    place, _, core = strict_place(used)
    segment = next(each for each in used.loader.image_segments if each.executable)
    assert place.host.start().succeeded
    place.core.write_memory(segment.address + 0x100, b"data")
    place.core.check_code()
    core.write_memory(segment.address + 0x200, b"\0\0\0\0")
    with pytest.raises(RunFailed, match=f"own code at 0x{segment.address + 0x200:08x}"):
        place.finish()


def test_a_reset_that_runs_through_ram_is_no_damage() -> None:
    """The boot ROM of some chips uses what is the loader's stack later."""
    stack = strict_place(subject(STRICT_IAR)).place.host.stack

    def reset(core: UnicornCore) -> None:
        core.write_memory(stack.start, b"boot" * 0x20)

    place, _, _ = strict_place(subject(STRICT_IAR), reset)
    for _ in range(2):
        assert place.host.start().succeeded
        assert place.host.erase(SECTOR).succeeded


OVER_ITSELF = code(0x2100, 0x467A, 0x6051, 0x2001, 0x4770, 0xBF00, 0xBF00, 0xBF00)
"""movs r1, #0; mov r2, pc; str r1, [r2, #4]; movs r0, #1; bx lr; and NOPs, over which it writes."""


@pytest.mark.parametrize("name", ["strict_flm.FLM", "strict_stldr.stldr"])
def test_a_loader_that_writes_over_its_code(name: str) -> None:
    used = with_code(subject(name), Routine.PROGRAM_PAGE, OVER_ITSELF)
    place, _, _ = strict_place(used)
    place.host.program(SECTOR.start, DATA)
    entry = used.loader.entry_point(Routine.PROGRAM_PAGE)
    assert entry is not None
    spoilt = (entry.address & ~1) + place.host.moved_by + 11
    with pytest.raises(RunFailed) as failure:
        place.finish()
    assert f"0x{spoilt:08x}" in failure.value.message


def test_a_faulting_loader_that_wrote_over_its_code_is_told_so() -> None:
    # movs r1, #0; mov r2, pc; str r1, [r2, #4]; udf
    used = with_code(subject("strict_stldr.stldr"), Routine.PROGRAM_PAGE, code(0x2100, 0x467A, 0x6051, 0xDE00, 0, 0))
    with pytest.raises(RunFailed, match="wrote over its own code"):
        strict_place(used).place.host.program(SECTOR.start, DATA)


DEEP = {
    "that comes back": (code(0xB0FF, 0xB0FF, 0x2100, 0x9100, 0xB07F, 0xB07F, 0x2001, 0x4770), "it came back"),
    "that faults": (code(0xB0FF, 0xB0FF, 0x2100, 0x9100, 0xDE00), "it ended by fault at 0x2000"),
}
"""Sinks sp by 2 * 508 bytes, and stores a zero there."""


@pytest.mark.parametrize(("replacement", "words"), DEEP.values(), ids=DEEP)
def test_a_stack_that_runs_over(replacement: bytes, words: str) -> None:
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM])
    guarded = GuardedCore(core)
    top = RAM.start + 0x2000
    stack = AddressRange(start=top - 1016, size_bytes=1016)
    core.write_memory(RAM.start, code(0xBE00))
    core.write_memory(RAM.start + 0x100, replacement)
    guarded.guard_stack(stack)

    def run() -> None:
        call_routine(guarded, CallFrame(top, RAM.start), "Deep", RAM.start + 0x100, (), Budget())

    for _ in range(2):
        with pytest.raises(RunFailed, match=rf"end of its stack at 0x{stack.start:08x}, 1016 bytes.*{words}"):
            run()
        assert core.read_memory(stack.start, len(CANARY)) == CANARY, "so that the next one is seen as well"


@pytest.mark.parametrize("suffix", ["stldr", "flash"])
def test_a_loader_with_a_deep_stack(suffix: str) -> None:
    place = board_place(subject(f"quadspi/deep_stack.{suffix}")).place
    sector = AddressRange(start=0x9010_1000, size_bytes=0x1000)
    assert place.host.erase(sector).succeeded
    with pytest.raises(RunFailed, match="ran over the end of its stack"):
        place.host.program(sector.start, DATA)


def test_data_behind_the_image_that_no_file_counts() -> None:
    """ST's own loaders keep up to 112 bytes at the low end of what STM32CubeProgrammer takes for the stack."""
    place, _, core = strict_place(subject("strict_stldr.stldr"))
    core.write_memory(place.host.stack.start, b"data" * 28)
    assert place.host.start().succeeded


def test_a_stack_too_small_for_a_canary_is_left_alone() -> None:
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM])
    before = core.read_memory(RAM.start, 64)
    GuardedCore(core).guard_stack(AddressRange(start=RAM.start, size_bytes=32))
    assert core.read_memory(RAM.start, 64) == before
