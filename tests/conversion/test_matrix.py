"""Every pair of flavours on the machine: three sources, two faces each, four cores.

The controller behind them punishes what a wrong shim does; the source's own strictness the rest.
"""

import itertools
from collections.abc import Callable

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import Register
from loaderconv.hosts.framework2 import Parameters
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour
from support.matrix import FLMS, IARS, STLDRS, Converted, Origin, machine
from support.single_calls import erase_call, program_call
from support.strict import pattern

CPUS = (CpuModel.CORTEX_M0, CpuModel.CORTEX_M4, CpuModel.CORTEX_M7, CpuModel.CORTEX_M33)

PAIRS = [
    *itertools.product(FLMS, (Flavour.STLDR, Flavour.IAR)),
    *itertools.product(STLDRS, (Flavour.FLM, Flavour.IAR)),
    *itertools.product(IARS, (Flavour.FLM, Flavour.STLDR)),
]
EVERY_PAIR = [pytest.param(origin, target, id=f"{origin}-to-{target}") for origin, target in PAIRS]
EVERY_CPU = [pytest.param(cpu, id=cpu.name) for cpu in CPUS]
END = 0x1_0000


def span(result: Converted, start: int, end: int) -> AddressRange:
    return AddressRange(start=result.host.device.base_address + start, size_bytes=end - start)


def assert_in_order(result: Converted, controller: StrictController) -> None:
    assert controller.violations == []
    assert result.breaches == []


@pytest.mark.parametrize("cpu", EVERY_CPU)
@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_a_session_of_everything(origin: Origin, target: Flavour, cpu: CpuModel) -> None:
    """Erase one sector, a range and the chip; program across pages, sectors and runs; verify, read back, once again."""
    result, controller = machine(origin, target, cpu)
    host, base = result.host, result.host.device.base_address
    page = host.device.page_size_bytes

    assert host.erase_all().succeeded
    data = pattern(0x3805)
    assert host.program(base + 0x2000, data).succeeded
    expected = b"\xff" * 0x2000 + data + b"\xff" * (END - 0x2000 - len(data))
    assert bytes(controller.array) == expected
    assert host.verify(base + 0x2000, data).succeeded
    for wrong in (0, page - 1, page):
        changed = bytearray(data[: page + 1])
        changed[wrong] ^= 0x10
        assert not host.verify(base + 0x2000, bytes(changed)).succeeded, wrong
    assert host.read(span(result, 0, END)).data == expected

    assert host.erase(span(result, 0x3000, 0x3001)).succeeded
    expected = expected[:0x3000] + b"\xff" * 0x1000 + expected[0x4000:]
    assert bytes(controller.array) == expected
    assert host.erase(span(result, 0x2FFF, 0x4001)).succeeded
    expected = expected[:0x2000] + b"\xff" * 0x6000 + expected[0x8000:]
    assert bytes(controller.array) == expected
    assert host.program(base + 0x3000, data[:0x2000]).succeeded
    assert bytes(controller.array) == expected[:0x3000] + data[:0x2000] + expected[0x5000:]
    assert_in_order(result, controller)


@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_an_error_of_the_device_reaches_the_host(origin: Origin, target: Flavour) -> None:
    """Whichever call of the source fails, the host's operation fails; the next session works again.

    Save where our FLM fails to end a phase: it stays in it, and refuses every other until it is loaded anew.
    """
    for operation in (Operation.MODE_CHANGE, Operation.ERASE_SECTOR, Operation.PROGRAM_PAGE):
        result, controller = machine(origin, target)
        host, base = result.host, result.host.device.base_address
        assert host.erase(span(result, 0, 0x8000)).succeeded
        controller.fail_next(operation)
        outcomes = [host.erase(span(result, 0, 0x2000)), host.program(base, pattern(0x1800))]
        assert not all(outcome.succeeded for outcome in outcomes), operation
        assert controller.violations == []
        if origin in FLMS and operation is Operation.MODE_CHANGE:
            continue
        assert host.erase(span(result, 0, 0x8000)).succeeded, operation
        assert host.program(base, pattern(0x1800)).succeeded, operation
        assert bytes(controller.array[:0x1800]) == pattern(0x1800)
        assert controller.violations == []


@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_a_page_that_fails_ends_the_programming(origin: Origin, target: Flavour) -> None:
    result, controller = machine(origin, target)
    host, base = result.host, result.host.device.base_address
    assert host.erase_all().succeeded
    first = host.device.page_size_bytes
    controller.fail_next(Operation.PROGRAM_PAGE)
    assert not host.program(base, pattern(4 * first)).succeeded
    assert bytes(controller.array[first : 4 * first]) == b"\xff" * (3 * first)
    assert controller.violations == []


@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_what_lies_outside_of_the_device_is_refused_and_not_touched(origin: Origin, target: Flavour) -> None:
    result, controller = machine(origin, target)
    host, base = result.host, result.host.device.base_address
    assert host.erase_all().succeeded
    before = result.called.copy()
    page = host.device.page_size_bytes
    for call in _requests_outside(result, base, page):
        assert not call()
    programming = {"ProgramPage", "Write", "FlashWrite", "EraseSector", "SectorErase", "FlashErase"}
    assert not programming & set(result.called[len(before) :])
    assert bytes(controller.array) == b"\xff" * END
    assert_in_order(result, controller)


def _requests_outside(result: Converted, base: int, page: int) -> list[Callable[[], bool]]:
    return [
        lambda: program_call(result, base + END - page, 2 * page),
        lambda: program_call(result, base - page, 2 * page),
        lambda: program_call(result, base + END, page),
        lambda: program_call(result, base, 0xFFFF_FFFF),
        lambda: erase_call(result, base + END),
        lambda: erase_call(result, base - 1),
    ]


def test_the_offset_of_a_pass_is_seen_by_the_source_alone() -> None:
    result, controller = machine(IARS[1], Flavour.STLDR)
    assert result.host.device.base_address == 0x1000_0000
    assert result.planned.plan.address_delta == 0x8000_0000
    seen: list[int] = []
    erase = result.planned.parts.routines["FlashErase"] & ~1
    result.core.observe(erase, lambda: seen.append(result.core.read_register(Register.R0)))
    assert result.host.erase(span(result, 0, 0x1000)).succeeded
    assert seen == [ARRAY_BASE]
    assert controller.violations == []


@pytest.mark.parametrize("origin", [*FLMS, *STLDRS], ids=str)
def test_a_checksum_that_cannot_be_formed_is_no_checksum(origin: Origin) -> None:
    """C-SPY's sums have 16 bits; a word of ones is none of them."""
    result, controller = machine(origin, Flavour.IAR)
    host = result.host
    assert isinstance(host, CSpyHost)
    base = host.device.base_address
    assert host.erase(span(result, 0, 0x1000)).succeeded
    for start, size in ((base + END - 4, 8), (base - 4, 8), (base, END + 1)):
        answer = host._calls.call(Routine.CHECKSUM, Parameters(base=start, count=size))
        assert answer.result == 0xFFFF_FFFF, hex(start)
    assert controller.violations == []
