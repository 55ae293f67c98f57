"""Our own stldr under CubeProgrammer over the controller that forgives nothing."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Mode, Operation, StrictController
from loaderconv.hosts.cube_programmer import CubeProgrammerHost, TransferStyle
from loaderconv.hosts.host import Outcome
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from support.paths import FIXTURES
from support.strict import ERASED, STYLES, pattern

RAM = AddressRange(start=0x2000_0000, size_bytes=8 * 1024)
END = ARRAY_BASE + 0x1_0000
RUNNABLE = ("strict_stldr", "strict_stldr_at_zero", "strict_stldr_short")


class Rig(NamedTuple):
    """A downloaded loader, its processor and its device."""

    host: CubeProgrammerHost
    core: UnicornCore
    controller: StrictController


def rig(stem: str = "strict_stldr", style: TransferStyle | None = None) -> Rig:
    """Download a loader to a machine whose memory holds zeros, so that a missing erase shows."""
    controller = StrictController()
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM], peripherals=[controller])
    loader = read_loader_file(FIXTURES / f"{stem}.stldr").loader
    return Rig(CubeProgrammerHost(core, loader, RAM, style=style or TransferStyle()), core, controller)


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
@pytest.mark.parametrize("stem", RUNNABLE)
def test_whole_job(stem: str, style: TransferStyle) -> None:
    host, _, controller = rig(stem, style)

    assert host.erase(span(ARRAY_BASE + 0x3000, ARRAY_BASE + 0x4001)).succeeded
    expected = bytearray(len(controller.array))
    expected[0x3000:0x8000] = bytes([ERASED]) * 0x5000
    assert controller.array == expected

    data = pattern(0x1003)
    assert host.program(ARRAY_BASE + 0x3801, data).succeeded
    expected[0x3801:0x4804] = data
    assert controller.array == expected

    assert host.verify(ARRAY_BASE + 0x3801, data).succeeded
    for wrong in (bytes([data[0] ^ 1]) + data[1:], data[:-1] + bytes([data[-1] ^ 0x80])):
        assert not host.verify(ARRAY_BASE + 0x3801, wrong).succeeded
    written = span(ARRAY_BASE + 0x3801, ARRAY_BASE + 0x4804)
    assert int.from_bytes(host.checksum(written, initial=77).data, "little") == 77 + sum(data)
    assert host.read(written).data == data

    assert host.erase_all().succeeded
    assert controller.array == bytes([ERASED]) * len(controller.array)
    assert controller.violations == []


@pytest.mark.parametrize("stem", RUNNABLE)
def test_scenario_of_every_loader(stem: str) -> None:
    host, _, controller = rig(stem)
    assert [entry.observed for entry in round_trip(host) if not entry.passed] == []
    assert controller.violations == []


def test_init_starts_over_and_ends_with_the_memory_mapped() -> None:
    host, _, controller = rig()
    for _ in range(3):
        assert host.call(Routine.INIT).low_word == 1
        assert (controller.mode, controller.is_unlocked) == (Mode.MAPPED_READ, True)
        assert host.call(Routine.ERASE_SECTOR, ARRAY_BASE, ARRAY_BASE).low_word == 1
        assert controller.mode is Mode.ERASE
    assert controller.violations == []


def test_nothing_works_before_init() -> None:
    """RAM is painted: only Init clears the state in .bss."""
    host, _, controller = rig()
    assert host.call(Routine.ERASE_SECTOR, ARRAY_BASE, ARRAY_BASE).low_word == 0
    assert host.call(Routine.PROGRAM_PAGE, ARRAY_BASE, 4, host.buffer.start).low_word == 0
    assert host.call(Routine.ERASE_CHIP, 0).low_word == 0
    assert host.call(Routine.READ, ARRAY_BASE, 4, host.buffer.start).low_word == 0
    assert host.call(Routine.VERIFY, ARRAY_BASE, host.buffer.start, 1, 0).low_word != 0
    assert not any(controller.array)
    assert controller.violations == []


@pytest.mark.parametrize("last", [0x4000, 0x4001, 0x7FFF])
def test_end_of_an_erase_lies_anywhere_in_the_last_sector(last: int) -> None:
    host, _, controller = rig()
    assert host.sector_erase(ARRAY_BASE + 0x3FFF, ARRAY_BASE + last).succeeded
    assert controller.counters.sectors_erased == 2
    assert controller.array[0x3000:0x8000] == bytes([ERASED]) * 0x5000
    assert controller.violations == []


@pytest.mark.parametrize(
    "run",
    [
        lambda host: host.sector_erase(END - 1, END),
        lambda host: host.sector_erase(ARRAY_BASE + 1, ARRAY_BASE),
        lambda host: host.sector_erase(ARRAY_BASE - 1, ARRAY_BASE),
        lambda host: host.program(END - 3, bytes(4)),
        lambda host: host.program(ARRAY_BASE - 1, bytes(2)),
        lambda host: host.read(span(END - 3, END + 1)),
    ],
)
def test_what_is_not_on_the_device_fails_untouched(run: Callable[[CubeProgrammerHost], Outcome]) -> None:
    host, _, controller = rig()
    assert not run(host).succeeded
    assert not any(controller.array)
    assert controller.violations == []


@pytest.mark.parametrize(
    ("operation", "run"),
    [
        (Operation.MODE_CHANGE, lambda host: host.read(span(ARRAY_BASE, ARRAY_BASE + 4))),
        (Operation.ERASE_SECTOR, lambda host: host.erase(span(ARRAY_BASE, ARRAY_BASE + 0x2000))),
        (Operation.ERASE_CHIP, lambda host: host.erase_all()),
        (Operation.PROGRAM_PAGE, lambda host: host.program(ARRAY_BASE, bytes(600))),
    ],
)
def test_an_error_of_the_device_lasts_until_the_next_init(
    operation: Operation, run: Callable[[CubeProgrammerHost], Outcome]
) -> None:
    host, _, controller = rig()
    controller.fail_next(operation)
    assert not run(host).succeeded
    assert host.call(Routine.ERASE_CHIP, 0).low_word == 0, "no routine works after a failure"
    assert run(host).succeeded
    assert controller.violations == []


def test_verify_answers_as_the_sources_of_st() -> None:
    """The sum leaves head and tail out, the comparison does not; a difference at byte i gives address + 2 i + 1."""
    host, core, controller = rig()
    controller.array[:16] = data = pattern(16)
    host.call(Routine.INIT)
    different = data[:5] + bytes([data[5] ^ 0x10]) + data[6:]
    for content, expected in ((data, 0), (different, ARRAY_BASE + 11)):
        core.write_memory(host.buffer.start, content)
        result = host.call(Routine.VERIFY, ARRAY_BASE, host.buffer.start, 4, 0x0002_0003)
        assert (result.low_word, result.high_word) == (expected, sum(data[3:14]))
    assert controller.violations == []


def test_stack_stays_in_what_the_host_leaves() -> None:
    host, core, _ = rig()
    host.program(ARRAY_BASE + 3, bytes(900))
    host.verify(ARRAY_BASE + 3, bytes(900))
    used = host.stack.size_bytes - core.untouched_bytes(host.stack)
    assert 0 < used <= 256
