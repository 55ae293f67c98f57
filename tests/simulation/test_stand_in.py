"""The ideal drivers object to whatever their flavours do not promise, and do the rest on their flash."""

from collections.abc import Callable

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.simulation.ideal_flash import IdealFlash
from loaderconv.simulation.source_view import SourceView
from loaderconv.simulation.stand_in import RETURN, SourceCall, hollow
from loaderconv.simulation.stand_in_flm import IdealFlm
from loaderconv.simulation.stand_in_iar import IarContract, IdealIar
from loaderconv.simulation.stand_in_stldr import IdealStldr
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import RunFailed

RAM = AddressRange(start=0x2000_0000, size_bytes=0x1000)
OWN = AddressRange(start=0x2000_0000, size_bytes=0x100)
BUFFER = 0x2000_0400
BLOCK = 0x2000_0080
BASE = 0x0800_0000
DELTA = 0x1000_0000
PAGE, SECTOR, SIZE = 0x100, 0x400, 0x1340
DEVICE = Device(
    name="ideal",
    kind=DeviceKind.NOR_FLASH,
    base_address=BASE,
    size_bytes=SIZE,
    page_size_bytes=PAGE,
    erased_value=0xFF,
    sectors=(
        SectorRun(offset_bytes=0, sector_size_bytes=SECTOR, count=4),
        SectorRun(offset_bytes=4 * SECTOR, sector_size_bytes=SIZE - 4 * SECTOR, count=1),
    ),
)


def view(delta: int = 0) -> SourceView:
    flash = IdealFlash(DEVICE)
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM], peripherals=[flash])
    core.write_memory(BUFFER, bytes(range(256)))
    return SourceView(core, flash, DEVICE, delta, (OWN,))


def flm(**changes: bool) -> IdealFlm:
    options = {"wants_blank_pages": False, "compares_words": False, **changes}
    return IdealFlm(view(), BASE, 0, **options)


def iar(*, signs_off: bool = True, once: bool = False, overrides: bool = False) -> IdealIar:
    contract = IarContract(BASE + DELTA, (0, 0), BLOCK, signs_off, once, overrides)
    driver = IdealIar(view(DELTA), contract)
    driver.view.core.write_memory(BLOCK + 12, BUFFER.to_bytes(4, "little"))
    return driver


def call(routine: str, *arguments: int, stacked: tuple[int, int] = (0, 0)) -> SourceCall:
    first, second, third, fourth = (*arguments, 0, 0, 0, 0)[:4]
    return SourceCall(routine, (first, second, third, fourth), stacked)


def do(driver: IdealFlm | IdealStldr | IdealIar, *asked: SourceCall) -> int:
    answer = -1
    for each in asked:
        assert driver.objection(each) is None
        answer = driver.perform(each)
    return answer


def init(phase: int) -> SourceCall:
    return call("Init", BASE, 0, phase)


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ([], call("EraseSector", BASE)),
        ([], call("UnInit", 1)),
        ([], call("Init", BASE, 0, 4)),
        ([], call("Init", BASE + 4, 0, 1)),
        ([], call("Init", BASE, 8_000_000, 1)),
        ([init(1)], init(2)),
        ([init(1)], call("UnInit", 2)),
        ([init(2)], call("EraseChip")),
        ([init(3)], call("EraseSector", BASE)),
        ([init(1)], call("EraseSector", BASE + PAGE)),
        ([init(1)], call("EraseSector", BASE + SIZE)),
        ([init(1)], call("ProgramPage", BASE, PAGE, BUFFER)),
        ([init(2)], call("ProgramPage", BASE + 4, PAGE, BUFFER)),
        ([init(2)], call("ProgramPage", BASE, PAGE - 4, BUFFER)),
        ([init(2)], call("ProgramPage", BASE, 2 * PAGE, BUFFER)),
        ([init(2)], call("ProgramPage", BASE - PAGE, PAGE, BUFFER)),
        ([init(2)], call("ProgramPage", BASE, PAGE, BUFFER)),
        ([init(2)], call("Verify", BASE, PAGE, BUFFER)),
        ([init(3)], call("Verify", BASE, SIZE + 4, BUFFER)),
        ([init(3)], call("Read", BASE + SIZE, 4, BUFFER)),
    ],
    ids=lambda value: str(value) if isinstance(value, SourceCall) else None,
)
def test_an_flm_objects(before: list[SourceCall], wrong: SourceCall) -> None:
    driver = flm()
    do(driver, *before)
    assert driver.objection(wrong)


@pytest.mark.parametrize("buffer", [BUFFER + 1, BUFFER + 2, OWN.start, RAM.end - 4, 0x3000_0000, BASE, 0xFFFF_FF80])
def test_a_buffer_must_be_aligned_in_ram_and_not_the_sources_own(buffer: int) -> None:
    driver = flm()
    do(driver, init(1), call("EraseChip"), call("UnInit", 1), init(2))
    assert driver.objection(call("ProgramPage", BASE, PAGE, buffer))
    assert driver.objection(call("ProgramPage", BASE, PAGE, BUFFER)) is None


def test_an_flm_erases_programs_and_compares() -> None:
    driver = flm()
    do(driver, init(1), call("EraseSector", BASE + SECTOR), call("UnInit", 1))
    assert driver.view.flash.is_blank(SECTOR, SECTOR)
    assert not driver.view.flash.is_blank(0, SECTOR)
    do(driver, init(2), call("ProgramPage", BASE + SECTOR, PAGE, BUFFER), call("UnInit", 2), init(3))
    assert driver.view.flash.read(SECTOR, PAGE) == bytes(range(256))
    assert do(driver, call("Verify", BASE + SECTOR, PAGE, BUFFER)) == BASE + SECTOR + PAGE
    driver.view.core.write_memory(BUFFER + 7, b"\0")
    assert do(driver, call("Verify", BASE + SECTOR, PAGE, BUFFER)) == BASE + SECTOR + 7
    assert driver.refuse(call("Verify", BASE, PAGE, BUFFER)) != BASE + PAGE


def test_an_flm_on_flash_with_ecc_takes_a_page_once() -> None:
    driver = flm(wants_blank_pages=True)
    do(driver, init(1), call("EraseChip"), call("UnInit", 1), init(2))
    assert do(driver, call("ProgramPage", BASE, PAGE, BUFFER)) == 0
    assert do(driver, call("ProgramPage", BASE, PAGE, BUFFER)) == 1


def test_the_last_page_is_as_short_as_the_device() -> None:
    driver = flm()
    do(driver, init(1), call("EraseChip"), call("UnInit", 1), init(2))
    assert driver.objection(call("ProgramPage", BASE + SIZE - 0x40, PAGE, BUFFER))
    assert do(driver, call("ProgramPage", BASE + SIZE - 0x40, 0x40, BUFFER)) == 0


def test_an_flm_that_compares_words_objects_to_parts_of_them() -> None:
    for compares_words in (False, True):
        driver = flm(compares_words=compares_words)
        do(driver, init(3))
        assert (driver.objection(call("Verify", BASE, 6, BUFFER)) is not None) == compares_words


@pytest.mark.parametrize(
    ("phases", "is_open"), [([], False), ([1], False), ([2], False), ([3], True), ([1, None], True), ([3, None], True)]
)
def test_an_flm_may_be_read_in_its_phase_and_after_its_end(phases: list[int | None], is_open: bool) -> None:
    driver = flm()
    entered: int | None = None
    for phase in phases:
        do(driver, call("UnInit", entered or 0) if phase is None else init(phase))
        entered = phase
    assert_open(driver.view, is_open)


def test_a_failed_phase_has_not_begun() -> None:
    driver = flm()
    assert driver.refuse(init(3)) == 1
    assert_open(driver.view, is_open=False)
    do(driver, init(3))
    assert driver.refuse(call("UnInit", 3)) == 1
    do(driver, init(1))


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ([], call("Write", BASE, 1, BUFFER)),
        ([], call("Read", BASE, 1, BUFFER)),
        ([call("Init")], call("SectorErase", BASE, BASE + SECTOR)),
        ([call("Init")], call("SectorErase", BASE + 4, BASE + 4)),
        ([call("Init")], call("MassErase", 3)),
        ([call("Init")], call("Write", BASE, 0, BUFFER)),
        ([call("Init")], call("Write", BASE + SIZE - 2, 4, BUFFER)),
        ([call("Init")], call("Write", BASE, 4, BUFFER + 1)),
        ([call("Init"), call("MassErase"), call("Write", BASE, 1, BUFFER)], call("Read", BASE, 1, BUFFER)),
        ([call("Init"), call("SectorErase", BASE, BASE)], call("Read", BASE, 1, BUFFER)),
    ],
    ids=lambda value: str(value) if isinstance(value, SourceCall) else None,
)
def test_a_stldr_objects(before: list[SourceCall], wrong: SourceCall) -> None:
    driver = IdealStldr(view())
    do(driver, *before)
    assert driver.objection(wrong)


def test_a_stldr_is_mapped_by_init_alone() -> None:
    driver = IdealStldr(view())
    assert_open(driver.view, is_open=False)
    assert do(driver, call("Init")) == 1
    assert_open(driver.view, is_open=True)
    do(driver, call("MassErase"), call("Write", BASE + 3, 5, BUFFER))
    assert driver.view.flash.read(0, 9) == b"\xff\xff\xff\0\1\2\3\4\xff"
    assert_open(driver.view, is_open=False)
    do(driver, call("Init"), call("Read", BASE + 4, 2, BUFFER + 0x100))
    assert driver.view.core.read_memory(BUFFER + 0x100, 2) == b"\1\2"


def test_a_stldr_wants_init_after_a_failure() -> None:
    driver = IdealStldr(view())
    do(driver, call("Init"), call("MassErase"))
    assert driver.refuse(call("Write", BASE, 1, BUFFER)) == 0
    assert driver.objection(call("Write", BASE, 1, BUFFER))
    do(driver, call("Init"), call("Write", BASE, 1, BUFFER))


START = BASE + DELTA


def begin(flags: int = 0) -> SourceCall:
    return call("FlashInit", START, SIZE, BASE, flags)


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ([], call("FlashErase", START, SECTOR)),
        ([], call("FlashSignoff")),
        ([], call("FlashInit", BASE, SIZE, BASE)),
        ([], call("FlashInit", START, SIZE, START)),
        ([], begin(4)),
        ([], call("FlashInit", START, SIZE, BASE, stacked=(1, BLOCK))),
        ([begin()], begin()),
        ([begin()], call("FlashErase", BASE, SECTOR)),
        ([begin()], call("FlashErase", START, 2 * SECTOR)),
        ([begin()], call("FlashErase", START + PAGE, SECTOR)),
        ([begin(2)], call("FlashWrite", START, SECTOR - PAGE, 2 * PAGE, BUFFER)),
        ([begin(2)], call("FlashWrite", START, 4, PAGE, BUFFER)),
        ([begin(2)], call("FlashWrite", START, 0, PAGE + 4, BUFFER)),
        ([begin(2)], call("FlashWrite", START + PAGE, 0, PAGE, BUFFER)),
        ([begin(2)], call("FlashWrite", START, 0, PAGE, BUFFER + 2)),
        ([begin()], call("FlashWrite", START, 0, PAGE, BUFFER)),
    ],
    ids=lambda value: str(value) if isinstance(value, SourceCall) else None,
)
def test_an_iar_loader_objects(before: list[SourceCall], wrong: SourceCall) -> None:
    driver = iar()
    do(driver, *before)
    assert driver.objection(wrong)


def test_flash_init_wants_a_buffer() -> None:
    driver = iar()
    driver.view.core.write_memory(BLOCK + 12, OWN.start.to_bytes(4, "little"))
    assert driver.objection(begin())


def test_an_iar_session_erases_writes_and_ends() -> None:
    driver = iar()
    assert do(driver, begin(2)) == 3
    assert driver.view.flash.is_blank(0, SIZE)
    driver.view.core.write_memory(BUFFER, bytes(range(256)))
    do(driver, call("FlashWrite", START, PAGE, PAGE, BUFFER))
    assert driver.view.flash.read(PAGE, PAGE) == bytes(range(256))
    assert_open(driver.view, is_open=False)
    do(driver, call("FlashSignoff"))
    assert_open(driver.view, is_open=True)
    assert do(driver, begin(2)) == 0


def test_without_signoff_a_session_may_begin_again_unless_only_once() -> None:
    driver = iar(signs_off=False)
    do(driver, begin())
    assert_open(driver.view, is_open=True)
    do(driver, begin())
    only_once = iar(signs_off=False, once=True)
    do(only_once, begin())
    assert only_once.objection(begin())


def test_a_loader_may_tell_another_layout() -> None:
    driver = iar(overrides=True)
    assert do(driver, begin()) == 0x5_0002
    assert driver.view.core.read_memory(BUFFER, 9) == b"4 0x1000\0"


def assert_open(seen: SourceView, is_open: bool) -> None:
    read: Callable[[], bytes] = lambda: seen.core.read_memory(BASE, 4)  # noqa: E731 - used twice
    if is_open:
        assert read() == seen.flash.read(0, 4)
    else:
        with pytest.raises(RunFailed):
            read()


def test_the_device_answers_nothing_around_it_and_takes_no_store() -> None:
    seen = view()
    seen.flash.closed_by = None
    assert seen.core.read_memory(BASE + SIZE - 4, 4) == b"\x5a" * 4
    with pytest.raises(RunFailed, match="outside of the device"):
        seen.core.read_memory(BASE + SIZE, 4)
    with pytest.raises(RunFailed, match="written directly"):
        seen.core.write_memory(BASE, b"\0")


def test_code_is_replaced_by_undefined_instructions_and_returns() -> None:
    code = hollow(0x2000_0004, bytes(64), [0x2000_0008, 0x2000_0100])
    assert len(code) == 64
    assert code[4:6] == RETURN
    others = [code[start : start + 2] for start in range(0, 64, 2) if start != 4]
    assert all(each[1] == 0xDE for each in others)
    assert len(set(others)) == len(others)
    assert hollow(0x2000_0024, bytes(32), []) == code[32:]
