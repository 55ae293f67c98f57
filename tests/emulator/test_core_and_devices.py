"""What a core lets devices, debuggers and the system registers see."""

from dataclasses import dataclass, field
from itertools import accumulate

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import BusFault
from loaderconv.hosts.core import Budget, Register, Stop, StopReason
from loaderconv_schemas.errors import RunFailed
from support.machine_code import (
    ADD_1,
    ADD_2,
    CODE,
    COUNT_DOWN,
    DEVICE,
    LOAD,
    RETURN,
    STORE,
    AtMost,
    Device,
    call,
    machine,
    place,
)

CPUIDS = {
    CpuModel.CORTEX_M0: 0x410C_C200,
    CpuModel.CORTEX_M3: 0x412F_C231,
    CpuModel.CORTEX_M4: 0x410F_C241,
    CpuModel.CORTEX_M7: 0x411F_C272,
    CpuModel.CORTEX_M33: 0x410F_D214,
}


def assert_fault(stop: Stop, pc: int, detail: str, instructions: int) -> None:
    assert stop == Stop(StopReason.FAULT, pc, detail, AtMost(instructions))


def test_device_gets_aligned_accesses_of_the_width_used() -> None:
    device = Device(answer=lambda offset, _: offset)
    # ldm r1!, {r2, r3}; strb r0, [r1, #3]; ldrh r0, [r1]; bx lr
    core = machine(0xC90C, 0x70C8, 0x8808, RETURN, device=device)
    call(core, 0xAB, DEVICE)
    assert device.accesses == [("read", 0, 4, 0), ("read", 4, 4, 4), ("write", 11, 1, 0xAB), ("read", 8, 2, 8)]
    assert core.read_register(Register.R3) == 4


def test_unaligned_word_of_a_device_is_two_words() -> None:
    device = Device(answer=lambda offset, _: 0x0302_0100 + 0x0404_0404 * (offset // 4))
    core = machine(LOAD, RETURN, device=device)
    call(core, 0, DEVICE + 1)
    assert [access[1:3] for access in device.accesses] == [(0, 4), (4, 4)]
    assert core.read_register(Register.R0) == 0x0403_0201


def test_conditional_read_of_a_device_in_an_it_block() -> None:
    # cmp r0, r0; ite ne; ldrne r0, [r1]; addeq r0, #2; bx lr
    core = machine(0x4280, 0xBF14, LOAD, ADD_2, RETURN, device=Device(answer=lambda *_: 77))
    call(core, 1, DEVICE)
    assert core.read_register(Register.R0) == 3
    # cmp r0, r0; ite eq; ldreq r0, [r1]; addne r0, #2; bx lr
    place(core, CODE, 0x4280, 0xBF0C, LOAD, ADD_2, RETURN)
    call(core, 1, DEVICE)
    assert core.read_register(Register.R0) == 77


def test_bus_fault_of_a_device_is_a_fault_at_the_access() -> None:
    def refuse(_offset: int, _size_bytes: int) -> int:
        raise BusFault("not clocked")

    device = Device(answer=refuse)
    core = machine(ADD_1, LOAD, ADD_1, RETURN, device=device)
    assert_fault(call(core, 5, DEVICE + 8), CODE + 2, "bus fault at 0x40000008 in test device: not clocked", 1)
    assert core.read_register(Register.R0) == 6
    assert core.read_register(Register.PC) == CODE + 2


def test_device_sees_nothing_after_its_bus_fault() -> None:
    def refuse(_offset: int, _size_bytes: int, _value: int) -> None:
        raise BusFault("write protected")

    device = Device(take=refuse)
    call(machine(0xC10D, device=device), 0, DEVICE)  # stm r1!, {r0, r2, r3}
    assert device.accesses == [("write", 0, 4, 0)]


def test_exception_of_a_model_comes_out_as_itself() -> None:
    boom = ZeroDivisionError("model")

    def fail(_offset: int, _size_bytes: int) -> int:
        raise boom

    device = Device(answer=fail)
    core = machine(ADD_1, LOAD, RETURN, device=device)
    with pytest.raises(ZeroDivisionError) as caught:
        call(core, 0, DEVICE)
    assert caught.value is boom
    device.answer = lambda *_: 7
    assert call(core, 0, DEVICE).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 7


def test_debugger_reads_and_writes_a_device_in_aligned_pieces() -> None:
    device = Device(answer=lambda _, size_bytes: 0x1122_3344 & (1 << 8 * size_bytes) - 1)
    core = machine(device=device)
    assert core.read_memory(DEVICE + 1, 7) == b"\x44\x44\x33\x44\x33\x22\x11"
    core.write_memory(DEVICE + 6, b"\x01\x02\x03")
    assert [access[:3] for access in device.accesses] == [
        ("read", 1, 1),
        ("read", 2, 2),
        ("read", 4, 4),
        ("write", 6, 2),
        ("write", 8, 1),
    ]
    assert device.accesses[-2][3] == 0x0201


def test_debugger_gets_the_bus_fault_of_a_device() -> None:
    def refuse(_offset: int, _size_bytes: int) -> int:
        raise BusFault("not clocked")

    with pytest.raises(RunFailed, match="0x40000000 in test device ended in a bus fault: not clocked"):
        machine(device=Device(answer=refuse)).read_memory(DEVICE, 4)


@pytest.mark.parametrize("cpu", list(CpuModel))
def test_cpuid(cpu: CpuModel) -> None:
    core = machine(LOAD, RETURN, cpu=cpu)
    call(core, 0, 0xE000_ED00)
    assert core.read_register(Register.R0) == CPUIDS[cpu]


def test_vtor_is_storage() -> None:
    core = machine(STORE, RETURN)
    call(core, 0x2000_0100, 0xE000_ED08)
    assert core.read_memory(0xE000_ED08, 4) == bytes.fromhex("00010020")


def test_system_reset_request_ends_the_run() -> None:
    stop = call(machine(ADD_1, STORE, RETURN), 0x05FA_0003, 0xE000_ED0C)
    assert_fault(stop, CODE + 2, "system reset requested", 1)


def test_aircr_takes_nothing_without_its_key() -> None:
    core = machine(STORE, LOAD, RETURN)
    assert call(core, 0x0000_0004, 0xE000_ED0C).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 0xFA05_0000


def test_delay_of_a_second_by_the_cycle_counter_ends_soon() -> None:
    # ldr r2, [r1]; loop: ldr r3, [r1]; subs r3, r3, r2; cmp r3, r0; bcc loop; bx lr
    core = machine(0x680A, 0x680B, 0x1A9B, 0x4283, 0xD3FB, RETURN)
    stop = call(core, 168_000_000, 0xE000_1004)
    assert stop.reason is StopReason.STOP_ADDRESS
    assert stop.instructions is not None
    assert stop.instructions < 2000


def test_time_is_short_while_a_device_is_polled() -> None:
    # loop: ldr r3, [r1] (cycles); ldr r4, [r2] (device); subs r0, #1; bne loop; bx lr
    core = machine(0x680B, 0x6814, 0x3801, 0xD1FB, RETURN, device=Device())
    call(core, 100, 0xE000_1004, DEVICE)
    assert 100 * 64 <= core.system_control.cycles < 2 * 100 * 64


def test_systick_delay_ends_once_it_is_enabled() -> None:
    # loop: ldr r0, [r1]; lsls r0, r0, #15 (COUNTFLAG to bit 31); bpl loop; bx lr
    core = machine(LOAD, 0x03C0, 0xD5FC, RETURN)
    assert call(core, 0, 0xE000_E010).reason is StopReason.BUDGET_EXHAUSTED
    core.write_memory(0xE000_E014, (9999).to_bytes(4, "little"))
    core.write_memory(0xE000_E010, (5).to_bytes(4, "little"))
    assert call(core, 0, 0xE000_E010).reason is StopReason.STOP_ADDRESS


def test_systick_counts_down() -> None:
    core = machine()
    core.write_memory(0xE000_E014, (9999).to_bytes(4, "little"))
    core.write_memory(0xE000_E010, (5).to_bytes(4, "little"))
    first, second = (int.from_bytes(core.read_memory(0xE000_E018, 4), "little") for _ in range(2))
    assert 0 <= second < first <= 9999


@dataclass
class Clockwork(Device):
    """A device that is busy until time has passed."""

    busy_cycles: int = 0
    steps: list[int] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        return sum(self.steps) < self.busy_cycles

    def pass_time(self, cycles: int) -> None:
        self.steps.append(cycles)


def test_a_device_sees_the_time_that_instructions_take() -> None:
    device = Clockwork()
    core = machine(*COUNT_DOWN, RETURN, device=device)
    call(core, 20_000)
    assert core.system_control.cycles == sum(device.steps) >= 40_000 * 8 - max(device.steps)


def test_time_passes_in_small_steps_while_a_device_waits() -> None:
    device = Clockwork(busy_cycles=1 << 20)
    core = machine(*COUNT_DOWN, RETURN, device=device)
    call(core, 200_000, budget=Budget(1_000_000))
    waiting = [step for step, before in zip(device.steps, accumulate(device.steps), strict=True) if before <= 1 << 20]
    assert max(waiting) <= 2_000 * 8 < max(device.steps)


def test_a_device_sees_time_jump_at_reads_of_a_clock() -> None:
    device = Clockwork()
    core = machine(LOAD, LOAD, LOAD, RETURN, device=device)
    call(core, 0, 0xE000_1004)
    assert device.steps[:3] == [64, 128, 256]
