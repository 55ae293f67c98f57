"""Windows of peripherals are mapped together, and what lies between them is still nowhere."""

import pytest

from loaderconv.emulator.access import Access
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.auto_ready import AutoReady
from loaderconv.hosts.core import Register, Stop, StopReason
from loaderconv_schemas.address_range import AddressRange
from support.machine_code import BRANCH_TO_R1, CODE, LOAD, RAM, RETURN, STORE, call

LOW, HIGH = 0x4000_0000, 0x5000_0000
FAR_RAM = 0x4800_0000
GRAIN = 0x400


def _run(instruction: int, address: int) -> tuple[Stop, list[Access], UnicornCore]:
    accesses: list[Access] = []
    windows = tuple(AddressRange(start=start, size_bytes=GRAIN) for start in (LOW, HIGH))
    core = UnicornCore(
        CpuModel.CORTEX_M4,
        ram=[RAM, AddressRange(start=FAR_RAM, size_bytes=GRAIN)],
        peripherals=[AutoReady(windows)],
        on_access=lambda access: accesses.append(access.settled()),
    )
    core.write_memory(CODE, b"".join(each.to_bytes(2, "little") for each in (instruction, RETURN)))
    core.write_memory(FAR_RAM, (0x1234).to_bytes(4, "little"))
    return call(core, 7, address), accesses, core


@pytest.mark.parametrize("gap", [LOW + GRAIN, 0x4400_0000, FAR_RAM - 4, FAR_RAM + GRAIN, HIGH - 4, HIGH + GRAIN])
def test_nothing_is_in_a_gap(gap: int) -> None:
    for instruction, told in ((LOAD, "read from"), (STORE, "write to")):
        stop, accesses, core = _run(instruction, gap)
        assert (stop.reason, stop.pc, stop.detail) == (
            StopReason.FAULT,
            CODE,
            f"{told} unmapped 0x{gap:08x}, 4 bytes",
        )
        assert not accesses
        assert core.read_register(Register.R0) == 7


@pytest.mark.parametrize("target", [LOW, LOW + GRAIN, 0x4400_0000, HIGH, HIGH + GRAIN])
def test_no_code_is_fetched_among_peripherals(target: int) -> None:
    stop, accesses, _ = _run(BRANCH_TO_R1, target | 1)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, target)
    assert "instruction fetch from unmapped or execute-never" in stop.detail
    assert not accesses


@pytest.mark.parametrize("register", [LOW, LOW + GRAIN - 4, HIGH, HIGH + GRAIN - 4])
def test_windows_at_both_ends_answer(register: int) -> None:
    stop, accesses, core = _run(LOAD, register)
    assert stop.reason is StopReason.STOP_ADDRESS
    assert accesses == [Access("r", register, 4, 0, CODE)]
    assert core.read_register(Register.R0) == 0


def test_memory_between_windows_stays_memory() -> None:
    stop, accesses, core = _run(LOAD, FAR_RAM)
    assert (stop.reason, core.read_register(Register.R0)) == (StopReason.STOP_ADDRESS, 0x1234)
    assert not accesses
