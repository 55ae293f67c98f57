"""C-SPY's operations on our own IAR loader, over the controller that forgives nothing."""

import binascii
from collections.abc import Callable

import pytest

from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import Budget
from loaderconv.hosts.host import Outcome
from loaderconv_schemas.bundle import Pass
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from support.c_spy_rig import DEVICE, EVERY_PASS, count_calls, loader_of, overlay, rig, span
from support.strict import ERASED, pattern


@pytest.mark.parametrize("used", EVERY_PASS.values(), ids=EVERY_PASS.keys())
def test_mass_erase_ends_its_own_session(used: Pass) -> None:
    host, _, controller = rig(used)
    outcome = host.erase_all()
    assert outcome.succeeded
    assert (controller.counters.chips_erased, controller.counters.sectors_erased) == (1, 0)
    assert controller.array == bytes([ERASED]) * DEVICE.size_bytes
    assert not controller.is_unlocked
    assert controller.violations == []


def test_list_of_blocks_is_one_call() -> None:
    used = EVERY_PASS["strict_iar.board 0"]
    machine = rig(used)
    calls = count_calls(machine, Routine.ERASE_SECTOR, used)
    assert machine.host.erase(span(0x1FFF, 0x4001)).succeeded
    assert (len(calls), machine.controller.counters.sectors_erased) == (1, 4)
    assert machine.controller.array == bytes(0x1000) + b"\xff" * 0x7000 + bytes(0x8000)
    assert not machine.host.erase(span(0x1_0000, 0x1_0001)).succeeded


def test_erase_and_program_spares_the_neighbours() -> None:
    used = EVERY_PASS["strict_iar.board 0"]
    machine = rig(used)
    erases = count_calls(machine, Routine.ERASE_SECTOR, used)
    writes = count_calls(machine, Routine.PROGRAM_PAGE, used)
    data = pattern(0x3000)
    assert machine.host.erase_and_program(ARRAY_BASE + 0x2080, data).succeeded
    expected = bytes(0x2000) + b"\xff" * 0x80 + data + b"\xff" * 0x2F80 + bytes(0x8000)
    assert machine.controller.array == expected
    assert (len(erases), len(writes), machine.controller.counters.sectors_erased) == (3, 0, 3)
    assert machine.controller.violations == []


def test_a_block_larger_than_the_buffer_is_erased_once() -> None:
    used = EVERY_PASS["strict_iar_relocatable.board 0"]
    machine = rig(used)
    writes = count_calls(machine, Routine.PROGRAM_PAGE, used)
    assert machine.host.erase_and_program(ARRAY_BASE + 0x4000, pattern(0x4000)).succeeded
    assert machine.controller.array[0x4000:0x8000] == pattern(0x4000)
    assert (machine.controller.counters.sectors_erased, len(writes)) == (1, 15), "16 transfers of 1024 bytes"


@pytest.mark.parametrize(("aggregate", "transfers"), [(True, 3), (False, 7)])
def test_several_blocks_share_a_transfer_where_the_flash_file_says_so(aggregate: bool, transfers: int) -> None:
    used = EVERY_PASS["strict_iar.board 0"]
    settings = loader_of(used).iar_settings
    assert settings is not None
    changed = settings.model_copy(update={"aggregate": aggregate})
    machine = rig(Pass(loader=loader_of(used).model_copy(update={"iar_settings": changed})))
    calls = count_calls(machine, Routine.PROGRAM_PAGE, used)
    machine.host.erase_all()
    assert machine.host.program(ARRAY_BASE, pattern(DEVICE.size_bytes)).succeeded
    assert machine.controller.array == pattern(DEVICE.size_bytes)
    assert len(calls) == transfers
    assert machine.controller.violations == []


def test_checksum_is_that_of_the_memory() -> None:
    host, _, controller = rig()
    data = pattern(0x1003)
    controller.array[0x3001:0x4004] = data
    outcome = host.checksum(span(0x3001, 0x4004))
    assert outcome.data == binascii.crc_hqx(data, 0).to_bytes(2, "little")
    assert host.verify(ARRAY_BASE + 0x3001, data).succeeded
    controller.array[0x4003] ^= 1
    assert not host.verify(ARRAY_BASE + 0x3001, data).succeeded
    beyond = host.checksum(span(0xFFFF, 0x1_0001))
    assert (beyond.succeeded, beyond.data) == (False, b"")
    assert controller.violations == []


@pytest.mark.parametrize(
    ("operation", "run"),
    [
        (Operation.MODE_CHANGE, lambda host: host.program(ARRAY_BASE, b"x")),
        (Operation.MODE_CHANGE, lambda host: host.verify(ARRAY_BASE, b"")),
        (Operation.ERASE_SECTOR, lambda host: host.erase(DEVICE)),
        (Operation.ERASE_SECTOR, lambda host: host.erase_and_program(ARRAY_BASE, b"x")),
        (Operation.ERASE_CHIP, lambda host: host.erase_all()),
        (Operation.PROGRAM_PAGE, lambda host: host.erase_and_program(ARRAY_BASE, bytes(600))),
    ],
)
def test_errors_of_the_device_are_outcomes_and_do_not_stick(
    operation: Operation, run: Callable[[CSpyHost], Outcome]
) -> None:
    host, _, controller = rig()
    host.erase_all()
    controller.fail_next(operation)
    assert not run(host).succeeded
    assert run(host).succeeded
    assert controller.violations == []


def test_a_loader_that_does_not_come_back_is_no_outcome() -> None:
    machine = rig()
    host = CSpyHost(machine.core, loader_of(overlay()), budgets=Budgets(Budget(instructions=1000)))
    with pytest.raises(RunFailed, match="FlashWriteEntry ended by budget exhausted"):
        host.program(ARRAY_BASE, pattern(0x1000))
