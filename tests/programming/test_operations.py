"""Firmware onto the device of our own loaders, under all three hosts."""

from collections.abc import Callable

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation
from loaderconv.hosts.core import Budget
from loaderconv.hosts.host import sectors_in
from loaderconv.programming import operations
from loaderconv.programming.failures import LeftIncomplete
from loaderconv.programming.job import Wishes, program_firmware
from loaderconv.programming.operations import RunLog
from loaderconv.programming.progress import SILENT
from loaderconv.programming.verification import BY_LOADER, READ_BACK, Verification, verify
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.run_report import RunOperation
from support.strict import pattern
from support.strict_hosts import LOADERS, StrictHost, old_contents, strict_host

every_loader = pytest.mark.parametrize("name", LOADERS)


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=ARRAY_BASE + start, size_bytes=end - start)


def piece(offset: int, data: bytes) -> FirmwarePiece:
    return FirmwarePiece(ARRAY_BASE + offset, data)


def image_of(*pieces: FirmwarePiece) -> FirmwareImage:
    return FirmwareImage("firmware", pieces)


IMAGE = image_of(piece(0x0FF5, pattern(0x21)), piece(0x2001, pattern(0x303)), piece(0x3FFF, pattern(2)))
"""Odd borders, across borders of sectors of both sizes."""

SECTORS = (span(0, 0x8000),)


class Listener:
    """Notes what it hears; may be made to press Ctrl-C."""

    def __init__(self, interrupt_in: str = "") -> None:
        self.phases: dict[str, list[int]] = {}
        self._interrupt_in = interrupt_in

    def begin(self, phase: str, total_bytes: int) -> None:
        self.phases[phase] = [total_bytes]

    def advance(self, done_bytes: int) -> None:
        phase = list(self.phases)[-1]
        if phase == self._interrupt_in:
            raise KeyboardInterrupt
        self.phases[phase].append(done_bytes)


def done(log: RunLog) -> list[RunOperation]:
    """Return what was done to the memory; C-SPY initialises the loader first."""
    return [each for each in log.operations if each.operation != "initialise"]


def expected_contents(used: StrictHost, image: FirmwareImage, *, keep: bool) -> bytes:
    content = bytearray(old_contents(len(used.controller.array)))
    for each in image.pieces:
        for sector in () if keep else sectors_in(used.host.device, each.range):
            content[sector.start - ARRAY_BASE : sector.end - ARRAY_BASE] = b"\xff" * sector.size_bytes
    for each in image.pieces:
        content[each.address - ARRAY_BASE : each.range.end - ARRAY_BASE] = each.data
    return bytes(content)


@pytest.mark.parametrize("keep", [False, True], ids=["erased", "kept"])
@every_loader
def test_the_device_holds_the_image(name: str, keep: bool) -> None:
    image = IMAGE if not keep else image_of(*IMAGE.pieces[:1])
    used = strict_host(name)
    log, listener = RunLog(), Listener()
    assert program_firmware(used.host, image, Wishes(keep=keep), log, listener) == (READ_BACK, None)
    assert used.controller.array == expected_contents(used, image, keep=keep)
    assert used.controller.violations == []
    assert log.passed
    assert all(total == sum(done) for total, *done in listener.phases.values())
    phases = [*(["read"] if keep else []), "erase", "program", "verify"]
    assert list(listener.phases) == phases
    assert list(dict.fromkeys(each.operation.split()[0] for each in done(log))) == phases


@pytest.mark.parametrize("keep", [False, True], ids=["erased", "kept"])
def test_flash_that_takes_each_page_once(keep: bool) -> None:
    used = strict_host("strict_flm_onchip.FLM")
    image = image_of(piece(0x7FD, pattern(0x10)))
    assert program_firmware(used.host, image, Wishes(keep=keep), RunLog(), SILENT) == (READ_BACK, None)
    assert used.controller.array == expected_contents(used, image, keep=keep)
    assert used.controller.violations == []


def test_pages_across_sectors() -> None:
    """What lies beside the image in its pages is refused or kept, never lost."""
    image = image_of(piece(0x410, pattern(0x10)))
    used = strict_host("strict_flm_odd_page.FLM")
    with pytest.raises(UsageProblem, match="units of 320 bytes"):
        program_firmware(used.host, image, Wishes(), RunLog(), SILENT)
    assert used.controller.array == old_contents(len(used.controller.array))
    assert program_firmware(used.host, image, Wishes(keep=True), RunLog(), SILENT) == (READ_BACK, None)
    assert used.controller.array == expected_contents(used, image, keep=True)
    assert used.controller.violations == []


def test_sectors_that_the_loader_tells_when_it_is_initialised() -> None:
    used = strict_host("strict_iar_dynamic.flash")
    before = used.host.device.sectors
    image = image_of(piece(0x4010, pattern(0x10)))
    assert program_firmware(used.host, image, Wishes(), RunLog(), SILENT) == (READ_BACK, None)
    assert used.host.device.sectors != before
    assert used.controller.array == expected_contents(used, image, keep=False)
    assert used.controller.violations == []


INITS = {"strict_flm.FLM": 3, "strict_stldr.stldr": 3, "strict_iar.board": 1}
"""For two operations and the look at what came of them; a session needs one."""


@pytest.mark.parametrize(("name", "count"), INITS.items())
def test_the_loader_is_not_initialised_for_every_page(name: str, count: int) -> None:
    used = strict_host(name)
    calls = used.count(Routine.INIT)
    image = image_of(piece(0x1000, pattern(0x1100)))
    assert program_firmware(used.host, image, Wishes(), RunLog(), SILENT) == (READ_BACK, None)
    assert len(calls) == count


@every_loader
def test_an_error_of_the_loader_is_the_end(name: str) -> None:
    used = strict_host(name)
    used.controller.fail_next(Operation.PROGRAM_PAGE)
    log = RunLog()
    assert program_firmware(used.host, IMAGE, Wishes(), log, SILENT) == (None, None)
    assert [each.passed for each in log.operations][-2:] == [True, False]
    assert log.operations[-1].operation.startswith("program 0x90000f00")
    assert log.operations[-1].observed.endswith("; 0x90000000..0x90007fff may be erased or half programmed")
    assert used.controller.counters.pages_programmed == 0


@every_loader
def test_an_error_while_erasing_leaves_everything_unprogrammed(name: str) -> None:
    used = strict_host(name)
    used.controller.fail_next(Operation.ERASE_SECTOR)
    log = RunLog()
    assert program_firmware(used.host, IMAGE, Wishes(), log, SILENT) == (None, None)
    assert not log.operations[-1].passed
    assert log.operations[-1].operation.startswith("erase 0x90000000")
    assert used.controller.counters.pages_programmed == 0


Start = Callable[[StrictHost], object]

HANGS: dict[str, tuple[Operation, AddressRange, Start]] = {
    "erase": (
        Operation.ERASE_SECTOR,
        span(0x1000, 0x4000),
        lambda used: operations.erase(used.host, [span(0x1000, 0x1001), span(0x3000, 0x3FFF)], RunLog(), SILENT),
    ),
    "erase everything": (
        Operation.ERASE_CHIP,
        span(0, 0x1_0000),
        lambda used: operations.erase_all(used.host, RunLog()),
    ),
    "program": (
        Operation.PROGRAM_PAGE,
        span(0, 0x8000),
        lambda used: program_firmware(used.host, IMAGE, Wishes(), RunLog(), SILENT),
    ),
}


@pytest.mark.parametrize(("operation", "incomplete", "run"), HANGS.values(), ids=HANGS.keys())
@every_loader
def test_a_hanging_loader_leaves_words_of_what_is_incomplete(
    name: str, operation: Operation, incomplete: AddressRange, run: Start
) -> None:
    used = strict_host(name, budget=Budget(instructions=300_000))
    used.controller.hang_next(operation)
    with pytest.raises(LeftIncomplete) as failure:
        run(used)
    assert failure.value.incomplete == incomplete
    assert failure.value.message.endswith(f"; {incomplete} may be erased or half programmed.")
    assert failure.value.message.count("half programmed") == 1


@pytest.mark.parametrize("phase", ["erase", "program"])
def test_ctrl_c_leaves_words_of_what_is_incomplete(phase: str) -> None:
    used = strict_host("strict_stldr.stldr")
    with pytest.raises(KeyboardInterrupt) as interrupt:
        program_firmware(used.host, IMAGE, Wishes(), RunLog(), Listener(interrupt_in=phase))
    assert interrupt.value.__notes__ == [f"{SECTORS[0]} may be erased or half programmed: program it again."]


@pytest.mark.parametrize("phase", ["read", "verify"])
def test_ctrl_c_says_nothing_where_nothing_is_incomplete(phase: str) -> None:
    used = strict_host("strict_stldr.stldr")
    image = image_of(piece(0x100, pattern(0x10)))
    with pytest.raises(KeyboardInterrupt) as interrupt:
        program_firmware(used.host, image, Wishes(keep=True), RunLog(), Listener(interrupt_in=phase))
    assert not hasattr(interrupt.value, "__notes__")


VERIFIED = (piece(0x101, old_contents(0x1_0000)[0x101:0x304]), piece(0x4002, old_contents(0x1_0000)[0x4002:0x4100]))
"""What the memory holds from the start."""

WAYS = {
    Verification.AUTO: READ_BACK,
    Verification.READ: READ_BACK,
    Verification.LOADER: BY_LOADER,
    Verification.NONE: None,
}


@pytest.mark.parametrize(("how", "by"), WAYS.items())
@every_loader
def test_who_verifies(name: str, how: Verification, by: str | None) -> None:
    used = strict_host(name)
    log = RunLog()
    assert verify(used.host, VERIFIED, how, log, SILENT) == (by, None)
    assert log.passed
    assert len(done(log)) == (0 if how is Verification.NONE else 2)
    assert used.controller.violations == []


@pytest.mark.parametrize("how", [Verification.READ, Verification.LOADER])
@every_loader
def test_a_difference(name: str, how: Verification) -> None:
    used = strict_host(name)
    log = RunLog()
    for offset in (0x120, 0x121, 0x4080):
        used.controller.array[offset] ^= 0x80
    _, mismatch = verify(used.host, VERIFIED, how, log, SILENT)
    assert mismatch is not None
    assert mismatch.address == ARRAY_BASE + 0x120
    assert mismatch.expected == old_contents(0x200)[0x120:0x130].hex(" ")
    assert mismatch.found == used.controller.array[0x120:0x130].hex(" ")
    assert mismatch.count_bytes == (3 if how is Verification.READ else 2)
    assert [each.passed for each in done(log)] == ([False, False] if how is Verification.READ else [False])


@every_loader
def test_the_loader_verifies_what_cannot_be_read(name: str) -> None:
    used = strict_host(name, is_readable=False)
    whole_words = [piece(0x100, old_contents(0x1_0000)[0x100:0x300])]
    with pytest.raises(RunFailed, match="could not be read"):
        verify(used.host, whole_words, Verification.READ, RunLog(), SILENT)
    log = RunLog()
    assert verify(used.host, whole_words, Verification.AUTO, log, SILENT) == (BY_LOADER, None)
    assert [each.passed for each in done(log)] == [True]

    used.controller.array[0x200] ^= 1
    found = verify(used.host, whole_words, Verification.AUTO, log, SILENT)
    assert found == (BY_LOADER, None), "nobody can tell where"
    assert not log.passed


def test_what_the_loader_verifies_fits_into_the_buffer() -> None:
    used = strict_host("strict_stldr.stldr")
    size = used.host.buffer.size_bytes
    assert size < 0x2000
    pieces = [piece(0x1001, old_contents(0x1_0000)[0x1001 : 0x1001 + 2 * size])]
    log = RunLog()
    assert verify(used.host, pieces, Verification.LOADER, log, SILENT) == (BY_LOADER, None)
    assert log.passed


def test_without_a_verify_the_host_reads_back() -> None:
    used = strict_host("strict_flm_no_chip.FLM")
    assert used.loader.entry_point(Routine.VERIFY) is None
    assert verify(used.host, VERIFIED, Verification.LOADER, RunLog(), SILENT) == (READ_BACK, None)


@every_loader
def test_reading(name: str) -> None:
    used = strict_host(name)
    log, listener = RunLog(), Listener()
    wanted = span(0xC013, 0x1_0000)
    assert operations.read(used.host, wanted, log, listener) == old_contents(0x1_0000)[0xC013:]
    assert listener.phases == {"read": [0x3FED, 0x3FED]}
    assert [(each.operation, each.size_bytes) for each in done(log)] == [(f"read {wanted}", 0x3FED)]


@every_loader
def test_erasing(name: str) -> None:
    used = strict_host(name)
    log, listener = RunLog(), Listener()
    assert operations.erase(used.host, [span(0x1800, 0x1801), span(0x3FFF, 0x9000)], log, listener)
    assert listener.phases["erase"] == [0xA000, 0x1000, 0x9000]
    expected = bytearray(old_contents(0x1_0000))
    expected[0x1000:0x2000], expected[0x3000:0xC000] = b"\xff" * 0x1000, b"\xff" * 0x9000
    assert used.controller.array == expected
    assert not operations.erase(used.host, [span(0x2_0000, 0x2_0001)], log, listener)
    assert log.operations[-1].observed.startswith("no sector in 0x90020000")

    assert operations.erase_all(used.host, log)
    assert used.controller.array == b"\xff" * 0x1_0000
    assert used.controller.violations == []
