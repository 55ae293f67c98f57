"""Our own IAR loaders, called as C-SPY calls them, over the controller that forgives nothing."""

import binascii
from typing import NamedTuple

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Mode, Operation, StrictController
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_schemas.address_range import AddressRange
from support.c_spy_calls import (
    FLAG_ERASE_ONLY,
    FLAG_MASS_ERASE,
    OVERRIDE_LAYOUT,
    OVERRIDE_PAGESIZE,
    RESULT_ERASE_DONE,
    RESULT_ERROR,
    RESULT_ERROR_WITH_MSG,
    RESULT_OK,
    CSpyCalls,
)
from support.paths import FIXTURES
from support.strict import ERASED, pattern

FOLDER = FIXTURES / "iar" / "config" / "flashloader" / "Strict"

RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
FAR_RAM = (AddressRange(start=0, size_bytes=0x1000), AddressRange(start=0x2020_0000, size_bytes=0x8000))
"""Of the loader whose code lies far from its data."""

END = ARRAY_BASE + 0x1_0000

STEMS = ("strict_iar", "strict_iar_overlay", "strict_iar_relocatable", "strict_iar_dynamic", "strict_iar_far")
WITH_MESSAGE = tuple(stem for stem in STEMS if stem != "strict_iar_overlay")
LASTING = WITH_MESSAGE
"""Loaders of which no part is overwritten."""

OVERRIDES = {"strict_iar_dynamic": OVERRIDE_LAYOUT | OVERRIDE_PAGESIZE}
"""What FlashInit adds to its result."""


class Rig(NamedTuple):
    """A downloaded loader, its processor and its device."""

    loader: CSpyCalls
    core: UnicornCore
    controller: StrictController


def rig(stem: str = "strict_iar", *, start: int = RAM.start) -> Rig:
    """Download a loader to a machine whose memory holds zeros; `start` is for the relocatable one."""
    controller = StrictController()
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M0, ram=ram_of(stem, start), peripherals=[controller])
    moved_by = start if stem == "strict_iar_relocatable" else 0
    return Rig(CSpyCalls(core, elf(stem), moved_by=moved_by), core, controller)


def ram_of(stem: str, start: int = RAM.start) -> tuple[AddressRange, ...]:
    return FAR_RAM if stem == "strict_iar_far" else (AddressRange(start=start, size_bytes=RAM.size_bytes),)


def elf(stem: str) -> ElfImage:
    return read_elf((FOLDER / f"{stem}.out").read_bytes())


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)


@pytest.mark.parametrize("stem", STEMS)
def test_whole_job(stem: str) -> None:
    """Init once, a list of blocks, writes over pages and blocks, erase and write in one call, checksum, sign off."""
    loader, core, controller = rig(stem)
    assert loader.init(ARRAY_BASE) == RESULT_OK | OVERRIDES.get(stem, 0)

    assert loader.erase(span(ARRAY_BASE + 0x2000, ARRAY_BASE + 0x3000), span(ARRAY_BASE + 0x3000, END)) == RESULT_OK
    expected = bytearray(0x2000) + bytes([ERASED]) * 0xE000
    assert controller.array == expected

    data = pattern(0x403)
    for number, piece in enumerate((data[:0x400], data[0x400:])):
        assert loader.write(ARRAY_BASE + 0x3000, 0xF01 + number * 0x400, piece) == RESULT_OK
    expected[0x3F01:0x4304] = data
    assert controller.array == expected
    assert loader.checksum(span(ARRAY_BASE + 0x3F01, ARRAY_BASE + 0x4304)) == binascii.crc_hqx(data, 0)

    assert loader.erase_and_write(span(ARRAY_BASE + 0x1000, ARRAY_BASE + 0x2000), 0xF0, data[:0x202]) == RESULT_OK
    expected[0x1000:0x2000] = bytes([ERASED]) * 0x1000
    expected[0x10F0:0x12F2] = data[:0x202]
    assert controller.array == expected

    assert loader.signoff() == RESULT_OK
    assert (controller.mode, controller.is_unlocked) == (Mode.MAPPED_READ, False)
    assert core.read_memory(ARRAY_BASE, len(expected)) == expected
    assert loader.write(ARRAY_BASE, 0, bytes(256)) == RESULT_ERROR
    assert loader.signoff() == RESULT_ERROR
    assert controller.array == expected
    assert controller.violations == []


@pytest.mark.parametrize("stem", LASTING)
def test_init_starts_over_whatever_was_before(stem: str) -> None:
    """After an init, a write, a checksum, which maps the memory, and a signoff, which leaves it mapped and locked."""
    loader, _, controller = rig(stem)
    steps = (
        lambda: None,
        lambda: loader.write(ARRAY_BASE, 0, pattern(256)),
        lambda: loader.checksum(span(ARRAY_BASE, END)),
        loader.signoff,
    )
    for step in steps:
        step()
        assert loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE) == RESULT_ERASE_DONE | OVERRIDES.get(stem, 0)
        assert (controller.mode, controller.is_unlocked) == (Mode.ERASE, True)
    assert controller.counters.chips_erased == len(steps)
    assert controller.violations == []


def test_signoff_tells_of_a_memory_that_cannot_be_mapped() -> None:
    loader, _, controller = rig()
    loader.init(ARRAY_BASE)
    controller.fail_next(Operation.MODE_CHANGE)
    assert loader.signoff() == RESULT_ERROR
    assert loader.init(ARRAY_BASE) == RESULT_OK
    assert controller.violations == []


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("flags", [FLAG_MASS_ERASE, FLAG_MASS_ERASE | FLAG_ERASE_ONLY])
def test_mass_erase_is_done_by_init(stem: str, flags: int) -> None:
    loader, _, controller = rig(stem)
    assert loader.init(ARRAY_BASE, flags=flags) == RESULT_ERASE_DONE | OVERRIDES.get(stem, 0)
    assert controller.array == bytes([ERASED]) * len(controller.array)
    assert loader.write(ARRAY_BASE, 0, b"\x12") == RESULT_OK
    assert controller.array[0] == 0x12
    assert controller.violations == []


def test_erase_only_erases_nothing_by_itself() -> None:
    loader, _, controller = rig()
    assert loader.init(ARRAY_BASE, flags=FLAG_ERASE_ONLY) == RESULT_OK
    assert not any(controller.array)


def contents(core: UnicornCore, stem: str) -> dict[int, int]:
    """Return the bytes of all RAM by their addresses."""
    data = {ram.start: core.read_memory(ram.start, ram.size_bytes) for ram in ram_of(stem)}
    return {start + at: value for start, piece in data.items() for at, value in enumerate(piece)}


@pytest.mark.parametrize("stem", STEMS)
def test_empty_erase_list_touches_nothing(stem: str) -> None:
    """The test of the interface that needs no hardware and no init."""
    loader, core, controller = rig(stem)
    before = contents(core, stem)
    assert loader.erase() == RESULT_OK
    changed = [address for address, value in contents(core, stem).items() if value != before[address]]
    assert changed
    params = span(loader.address("theFlashParams"), loader.address("theFlashParams") + 20)
    stack = span(loader.address("CSTACK$$Base"), loader.stack_top)
    assert all(address in params or address in stack for address in changed)
    assert controller.counters.mode_changes == 0


@pytest.mark.parametrize("stem", WITH_MESSAGE)
def test_argument_reaches_the_driver(stem: str) -> None:
    loader, _, controller = rig(stem)
    for arguments, mapped_reads in (((), 0), (("--read-back",), 300)):
        result = loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE, arguments=arguments)
        assert result == RESULT_ERASE_DONE | OVERRIDES.get(stem, 0)
        controller.counters.mapped_reads = 0
        assert loader.write(ARRAY_BASE, 0, pattern(300)) == RESULT_OK
        assert controller.counters.mapped_reads == mapped_reads
    assert controller.violations == []


@pytest.mark.parametrize("stem", WITH_MESSAGE)
def test_unknown_argument_is_refused_with_a_message(stem: str) -> None:
    loader, core, controller = rig(stem)
    assert loader.init(ARRAY_BASE, arguments=("--read-back", "--read-bac")) == RESULT_ERROR_WITH_MSG
    message = core.read_memory(loader.buffer.start, 32)
    assert message.partition(b"\0")[0] == b"Unknown argument"
    assert loader.write(ARRAY_BASE, 0, bytes(4)) == RESULT_ERROR
    assert controller.violations == []


def test_overlay_refuses_an_argument_without_a_message() -> None:
    """A message would overwrite FlashInit while it runs."""
    loader, core, _ = rig("strict_iar_overlay")
    before = core.read_memory(loader.buffer.start, 256)
    assert loader.init(ARRAY_BASE, arguments=("--read-bac",)) == RESULT_ERROR
    assert core.read_memory(loader.buffer.start, 256) == before


def test_wrong_base_and_unknown_flags_are_refused() -> None:
    loader, _, controller = rig()
    assert loader.init(ARRAY_BASE + 0x1000) == RESULT_ERROR
    assert loader.init(ARRAY_BASE, flags=4 | FLAG_MASS_ERASE) == RESULT_ERROR
    assert not any(controller.array)
    assert not controller.is_unlocked


@pytest.mark.parametrize(
    ("start", "end"),
    [(0x1000, 0x1800), (0x1001, 0x2000), (0x1000, 0x1000), (0x4000, 0x9000), (0xC000, 0x1_4000), (-0x1000, 0x1000)],
)
def test_erase_takes_whole_sectors_only(start: int, end: int) -> None:
    loader, _, controller = rig()
    assert loader.init(ARRAY_BASE) == RESULT_OK
    assert loader.erase(span(ARRAY_BASE + start, ARRAY_BASE + end)) == RESULT_ERROR
    assert not any(controller.array)
    assert controller.violations == []


def test_erase_list_ends_at_the_first_error() -> None:
    loader, _, controller = rig()
    loader.init(ARRAY_BASE)
    first, second = span(ARRAY_BASE, ARRAY_BASE + 0x1000), span(ARRAY_BASE + 0x1000, ARRAY_BASE + 0x2000)
    controller.fail_next(Operation.ERASE_SECTOR)
    assert loader.erase(first, second) == RESULT_ERROR
    assert controller.counters.sectors_erased == 0
    assert loader.erase(first, second) == RESULT_OK
    assert controller.violations == []


@pytest.mark.parametrize("operation", [Operation.PROGRAM_PAGE, Operation.MODE_CHANGE])
def test_errors_of_the_device_reach_the_host_and_do_not_stick(operation: Operation) -> None:
    loader, _, controller = rig()
    loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE)
    controller.fail_next(operation)
    assert loader.write(ARRAY_BASE, 0, pattern(600)) == RESULT_ERROR
    assert loader.write(ARRAY_BASE, 0, pattern(600)) == RESULT_OK
    assert controller.array[:600] == pattern(600)
    assert controller.violations == []


def test_nothing_works_before_init() -> None:
    loader, _, controller = rig()
    assert loader.write(ARRAY_BASE, 0, bytes(256)) == RESULT_ERROR
    assert loader.erase(span(ARRAY_BASE, ARRAY_BASE + 0x1000)) == RESULT_ERROR
    assert loader.checksum(span(ARRAY_BASE, ARRAY_BASE + 4)) == 0xFFFF_FFFF
    assert loader.signoff() == RESULT_ERROR
    assert controller.counters.mode_changes == 0
    assert controller.violations == []


def test_overlay_can_be_initialised_once() -> None:
    """The first data overwrite FlashInit; with the file downloaded again it runs again."""
    loader, core, controller = rig("strict_iar_overlay")
    init = loader.address("FlashInit")
    assert init in loader.buffer
    code = core.read_memory(init, 64)
    assert loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE) == RESULT_ERASE_DONE
    assert core.read_memory(init, 64) == code
    assert loader.write(ARRAY_BASE, 0, pattern(512)) == RESULT_OK
    assert core.read_memory(init, 64) == pattern(64)

    again = CSpyCalls(core, elf("strict_iar_overlay"))
    assert again.init(ARRAY_BASE) == RESULT_OK
    assert controller.violations == []


@pytest.mark.parametrize("start", [0x2000_0000, 0x2000_4000, 0x1000_0000])
def test_relocatable_loader_runs_where_it_was_put(start: int) -> None:
    loader, _, controller = rig("strict_iar_relocatable", start=start)
    limit = symbols_by_name(elf("strict_iar_relocatable"))["CSTACK$$Limit"].value
    assert (loader.static_base, loader.stack_top) == (start, start + limit)
    assert loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE, arguments=["--read-back"]) == RESULT_ERASE_DONE
    assert loader.write(ARRAY_BASE + 0x1000, 3, pattern(777)) == RESULT_OK
    assert controller.array[0x1003 : 0x1003 + 777] == pattern(777)
    assert controller.violations == []


@pytest.mark.parametrize("stem", STEMS)
def test_stack_stays_inside_cstack(stem: str) -> None:
    loader, core, _ = rig(stem)
    loader.init(ARRAY_BASE, flags=FLAG_MASS_ERASE)
    loader.write(ARRAY_BASE, 1, pattern(600))
    stack = span(loader.address("CSTACK$$Base"), loader.stack_top)
    assert 0 < stack.size_bytes - core.untouched_bytes(stack) <= 256


def test_dynamic_layout_is_written_by_init() -> None:
    loader, core, controller = rig("strict_iar_dynamic")
    text = b"4 0x1000, 3 0x4000\0"
    file = (FOLDER / "strict_iar_dynamic.out").read_bytes()
    assert b"%d 0x%X, %d 0x%X\0" in file
    assert text not in file
    loader.fill_buffer(b"\xa5" * 64)
    assert loader.init(ARRAY_BASE) == RESULT_OK | OVERRIDE_LAYOUT | OVERRIDE_PAGESIZE
    assert core.read_memory(loader.buffer.start, 64) == text.ljust(64, b"\xa5")
    assert loader.page_size_bytes == 256
    assert controller.violations == []


def test_dynamic_layout_is_none_where_init_fails() -> None:
    loader, core, _ = rig("strict_iar_dynamic")
    loader.fill_buffer(bytes(64))
    assert loader.init(ARRAY_BASE + 0x1000) == RESULT_ERROR
    assert core.read_memory(loader.buffer.start, 64) == bytes(64)
    assert loader.page_size_bytes == ARRAY_BASE + 0x1000, "the word still holds what the host wrote"


def test_placeholder_of_the_dynamic_loader_is_one_block_over_the_device() -> None:
    """For a host that heeds no override."""
    loader, _, controller = rig("strict_iar_dynamic")
    loader.init(ARRAY_BASE)
    assert loader.erase(span(ARRAY_BASE, END)) == RESULT_OK
    assert controller.array == bytes([ERASED]) * len(controller.array)
    assert controller.violations == []
