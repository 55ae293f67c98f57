"""The on-target recipe: good loaders pass it, and each fault shows at the step that is there for it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.programming.failures import LeftIncomplete
from loaderconv.programming.operations import RunLog
from loaderconv.programming.selftest import Ground, choose_ground, selftest
from loaderconv.programming.workplace import Workplace
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.run_report import RunOperation
from support.workplaces import STRICT_IAR, board_place, strict_place, subject

SMALL_SECTORS = AddressRange(start=ARRAY_BASE + 0x1000, size_bytes=0x2000)

GOOD = {
    "strict_flm.FLM": SMALL_SECTORS,
    "strict_stldr.stldr": SMALL_SECTORS,
    STRICT_IAR: SMALL_SECTORS,
    "strict_flm_onchip.FLM": None,
    "strict_flm_odd_page.FLM": None,
}
"""Where they are tested; the last two have sectors of a page, and pages that do not divide sectors."""


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=ARRAY_BASE + start, size_bytes=end - start)


def carry_out(place: Workplace, allowed: AddressRange | None = None, *, everything: bool = False) -> RunLog:
    log = RunLog()
    ground = choose_ground(place.host, allowed)
    selftest(place.host, place.subject.loader, ground, log, everything=everything, download=place.download)
    place.finish()
    return log


def failed(log: RunLog) -> RunOperation:
    """Return what failed, behind which nothing was done."""
    assert [each.passed for each in log.operations].index(False) == len(log.operations) - 1
    return log.operations[-1]


@pytest.mark.parametrize(("name", "allowed"), GOOD.items())
def test_good_loaders_pass(name: str, allowed: AddressRange | None) -> None:
    place, controller, _ = strict_place(subject(name))
    ground = choose_ground(place.host, allowed)
    log = carry_out(place, allowed)
    assert log.passed, log.operations[-1]
    assert controller.violations == []
    start, end = ground.all.start - ARRAY_BASE, ground.all.end - ARRAY_BASE
    assert not any(controller.array[:start] + controller.array[end:]), "nothing else was touched"
    operations = [each.operation for each in log.operations]
    assert operations[0] == "session 1: initialise"
    assert operations.count(f"erase {ground.first} again") == 2


@pytest.mark.parametrize("name", ["strict_flm.FLM", "strict_stldr.stldr", STRICT_IAR])
def test_everything_is_erased_where_that_is_wanted(name: str) -> None:
    place, controller, _ = strict_place(subject(name))
    assert carry_out(place, SMALL_SECTORS, everything=True).passed
    assert controller.array == b"\xff" * len(controller.array)


MIDDLE = AddressRange(start=0x9010_0000, size_bytes=0x4000)
VERIFY_IS_BLIND = ("verify 0x90102", "with the first byte wrong", "NOT found: this Verify cannot be trusted")

FAULTS = {
    "verify_cannot_fail.FLM": VERIFY_IS_BLIND,
    "verify_cannot_fail.stldr": VERIFY_IS_BLIND,
    "erases_beyond.FLM": ("read back 0x90103000", "beside it", "0xff in place of"),
    "erases_beyond.stldr": ("read back 0x90103000", "beside it", "0xff in place of"),
    "erases_beyond.flash": ("read back 0x90103000", "beside it", "0xff in place of"),
    "init_once.FLM": ("session 1: initialise", "", "Init returned 1"),
    "init_once.stldr": ("look at what lies around", "", "Init returned 0"),
    "second_session.FLM": ("erase 0x90102000", "", "EraseSector returned 1"),
    "second_session.stldr": ("look at what lies around", "", "Read returned 0"),
}


@pytest.mark.parametrize(("name", "words"), FAULTS.items(), ids=FAULTS)
def test_a_fault_shows(name: str, words: tuple[str, str, str]) -> None:
    bench = board_place(subject(f"quadspi/{name}"))
    log = carry_out(bench.place, MIDDLE)
    sessions = [each.operation for each in log.operations if each.operation.startswith("session")]
    assert len(sessions) == 1 + name.startswith("second_session")
    found = failed(log)
    beginning, end, observed = words
    assert found.operation.startswith(beginning)
    assert found.operation.endswith(end)
    assert found.observed.startswith(observed)


@pytest.mark.parametrize("suffix", ["FLM", "flash"])
def test_without_the_fault_nothing_shows(suffix: str) -> None:
    bench = board_place(subject(f"quadspi/qspi.{suffix}"))
    before = bench.memory.peek(0, 0x10_2000), bench.memory.peek(0x10_4000, 0x1000)
    assert carry_out(bench.place, MIDDLE).passed
    assert (bench.memory.peek(0, 0x10_2000), bench.memory.peek(0x10_4000, 0x1000)) == before


Spoil = Callable[[StrictController], None]


def erase_too_much(controller: StrictController) -> None:
    controller.array[0x0FF0:0x1000] = b"\xff" * 16


def program_too_far(controller: StrictController) -> None:
    controller.array[0x1FFF] = 0


SPOILT: dict[str, tuple[str, Spoil, str]] = {
    "a sector in front is hurt": ("verify", erase_too_much, "compare what lies around 0x90001000..0x90002fff"),
    "a byte behind is programmed": ("read back", program_too_far, "blank check 0x90001404..0x90001fff"),
}


@pytest.mark.parametrize(("at", "spoil", "operation"), SPOILT.values(), ids=SPOILT)
def test_what_the_loader_must_leave_alone(at: str, spoil: Spoil, operation: str) -> None:
    place, controller, _ = strict_place(subject("strict_stldr.stldr"))

    class Log(RunLog):
        def do(self, words: str, size_bytes: int, run: Callable[[], object]) -> object:  # type: ignore[override]
            if words.startswith(at):
                spoil(controller)
            return super().do(words, size_bytes, run)  # type: ignore[arg-type]

    log = Log()
    ground = choose_ground(place.host, SMALL_SECTORS)
    selftest(place.host, place.subject.loader, ground, log, everything=False)
    assert failed(log).operation == operation


@pytest.mark.parametrize("operation", [Operation.ERASE_SECTOR, Operation.PROGRAM_PAGE])
def test_an_error_of_the_memory_is_the_end(operation: Operation) -> None:
    place, controller, _ = strict_place(subject("strict_flm.FLM"))
    controller.fail_next(operation)
    words = "erase" if operation is Operation.ERASE_SECTOR else "program"
    assert failed(carry_out(place)).operation.startswith(words)


def test_a_loader_that_does_not_come_back() -> None:
    bench = board_place(subject("quadspi/clobbers_r4.FLM"))
    with pytest.raises(LeftIncomplete, match="r4") as failure:
        carry_out(bench.place, MIDDLE)
    assert failure.value.incomplete == AddressRange(start=0x9010_2000, size_bytes=0x2000)


def test_before_anything_is_erased_nothing_is_incomplete() -> None:
    place, controller, _ = strict_place(subject("strict_flm.FLM"))
    controller.array[:] = b"\xff" * len(controller.array)
    place.core.write_memory(place.host.moved_by + 0x86, b"\x00\xde")  # Init: udf
    with pytest.raises(RunFailed) as failure:
        carry_out(place)
    assert not isinstance(failure.value, LeftIncomplete)
    assert "undefined instruction" in failure.value.message


@dataclass
class DeviceHost:
    """No more of a host than what the ground depends on."""

    device: Device
    program_alignment_bytes: int = 1


def host_of(*runs: tuple[int, int, int], size: int, alignment: int = 1) -> DeviceHost:
    sectors = tuple(SectorRun(offset_bytes=at, sector_size_bytes=each, count=count) for at, each, count in runs)
    device = Device(
        name="model",
        kind=DeviceKind.NOR_FLASH,
        base_address=ARRAY_BASE,
        size_bytes=size,
        page_size_bytes=alignment,
        sectors=sectors,
    )
    return DeviceHost(device, alignment)


GROUNDS = {
    "the last two": (host_of((0, 0x1000, 4), size=0x4000), None, (0x2000, 0x3000, 0x4000)),
    "of two sizes": (host_of((0, 0x1000, 2), (0x2000, 0x400, 1), size=0x2400), None, (0x1000, 0x2000, 0x2400)),
    "the last two of a range": (host_of((0, 0x1000, 4), size=0x4000), (0x800, 0x3800), (0x1000, 0x2000, 0x3000)),
    "units across sectors": (host_of((0, 0x400, 16), size=0x4000, alignment=0x1000), None, (0x2000, 0x3000, 0x4000)),
    "units that divide nothing": (host_of((0, 0x400, 8), size=0x2000, alignment=0x300), None, (0xC00, 0x1800, 0x2000)),
}


@pytest.mark.parametrize(("host", "allowed", "expected"), GROUNDS.values(), ids=GROUNDS)
def test_the_ground(host: DeviceHost, allowed: tuple[int, int] | None, expected: tuple[int, int, int]) -> None:
    ground = choose_ground(host, span(*allowed) if allowed else None)  # type: ignore[arg-type]
    start, middle, end = expected
    assert ground == Ground(span(start, middle), span(middle, end))
    assert ground.all == span(start, end)


def test_a_gap_between_the_two() -> None:
    host = host_of((0, 0x1000, 2), (0x4000, 0x1000, 1), size=0x5000)
    ground = choose_ground(host, None)  # type: ignore[arg-type]
    assert ground == Ground(span(0x1000, 0x2000), span(0x4000, 0x5000))


NO_GROUND = {
    "one sector": (host_of((0, 0x1000, 1), size=0x1000), None),
    "two halves": (host_of((0, 0x1000, 3), size=0x3000), (0x800, 0x2800)),
    "one unit": (host_of((0, 0x400, 4), size=0x1000, alignment=0x1000), None),
    "units cut off by the range": (host_of((0, 0x400, 16), size=0x4000, alignment=0x1000), (0x400, 0x2000)),
}


@pytest.mark.parametrize(("host", "allowed"), NO_GROUND.values(), ids=NO_GROUND)
def test_no_ground(host: DeviceHost, allowed: tuple[int, int] | None) -> None:
    with pytest.raises(UsageProblem, match=r"needs two whole sectors .* has [01]\."):
        choose_ground(host, span(*allowed) if allowed else None)  # type: ignore[arg-type]
