"""SysTick's interrupt, the only one that the core delivers."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.hosts.core import Budget, Register, StopReason
from support.machine_code import CODE, DATA, DEVICE, RETURN, Device, call, machine, place

SYSTICK_CTRL, SYSTICK_LOAD, VTOR, DHCSR = 0xE000_E010, 0xE000_E014, 0xE000_ED08, 0xE000_EDF0
HANDLER = CODE + 0x80
WAIT_FOR_R0_TICKS = (0x680A, 0x4282, 0xD3FC, RETURN)
"""loop: ldr r2, [r1]; cmp r2, r0; blo loop; bx lr: what HAL_Delay comes down to."""

COUNT_TICK = (0x4B02, 0x681A, 0x3201, 0x601A, RETURN, 0xBF00)
"""ldr r3, =DATA; ldr r2, [r3]; adds r2, #1; str r2, [r3]; bx lr"""


def ticking(
    *handler: int, load: int = 999, ctrl: int = 3, dhcsr: int = 0xA05F_0000, device: Device | None = None
) -> UnicornCore:
    core = machine(*WAIT_FOR_R0_TICKS, device=device)
    place(core, HANDLER, *(handler or COUNT_TICK))
    if not handler:
        core.write_memory(HANDLER + 12, DATA.to_bytes(4, "little"))
    core.write_memory(DATA, bytes(4))
    core.write_memory(CODE + 0x100 + 60, (HANDLER | 1).to_bytes(4, "little"))
    for address, value in ((DHCSR, dhcsr), (VTOR, CODE + 0x100), (SYSTICK_LOAD, load), (SYSTICK_CTRL, ctrl)):
        core.write_memory(address, value.to_bytes(4, "little"))
    return core


def test_delay_that_counts_ticks_in_ram_ends() -> None:
    core = ticking()
    stop = call(core, 20, DATA)
    assert stop.reason is StopReason.STOP_ADDRESS
    assert core.read_memory(DATA, 1)[0] in (20, 21)


def test_registers_of_the_interrupted_code_come_back() -> None:
    core = ticking()
    core.write_register(Register.R4, 0x1234_5678)
    call(core, 5, DATA)
    assert core.read_register(Register.R0) == 5
    assert core.read_register(Register.R1) == DATA
    assert core.read_register(Register.R4) == 0x1234_5678


def test_nothing_comes_while_the_interrupt_is_off() -> None:
    stop = call(ticking(ctrl=1), 5, DATA, budget=Budget(instructions=100_000))
    assert stop.reason is StopReason.BUDGET_EXHAUSTED


@pytest.mark.parametrize("dhcsr", [0xA05F_0008, 0x1234_0000])
def test_nothing_comes_while_the_debugger_masks_interrupts(dhcsr: int) -> None:
    stop = call(ticking(dhcsr=dhcsr), 5, DATA, budget=Budget(instructions=100_000))
    assert stop.reason is StopReason.BUDGET_EXHAUSTED


def test_nothing_comes_while_primask_is_set() -> None:
    core = ticking()
    place(core, CODE, 0xB672, *WAIT_FOR_R0_TICKS)  # cpsid i
    assert call(core, 5, DATA, budget=Budget(instructions=100_000)).reason is StopReason.BUDGET_EXHAUSTED
    assert core.read_memory(DATA, 4) == bytes(4)


def test_missing_vector_table_is_told() -> None:
    core = ticking()
    core.write_memory(VTOR, (0x1000_0000).to_bytes(4, "little"))
    stop = call(core, 5, DATA)
    assert stop.reason is StopReason.FAULT
    assert "no RAM at 0x1000003c" in stop.detail


def test_handler_that_does_not_return() -> None:
    stop = call(ticking(0x3401, 0xE7FD), 5, DATA)  # adds r4, #1; b .-2
    assert stop.reason is StopReason.BUDGET_EXHAUSTED
    assert f"handler at 0x{HANDLER:08x} does not return" in stop.detail


def test_handler_that_faults() -> None:
    stop = call(ticking(0xDE00), 5, DATA)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, HANDLER)


def test_ticks_are_deterministic() -> None:
    counts = []
    for _ in range(2):
        core = ticking(load=123)
        counts.append((call(core, 50, DATA), core.system_control.cycles))
    assert counts[0] == counts[1]


def test_handler_that_waits_for_events() -> None:
    # ldr r2, =DATA; ldr r3, [r2]; adds r3, #1; str r3, [r2]; movs r3, #3; loop: wfe; subs r3, #1; bne loop; bx lr
    core = ticking(0x4A04, 0x6813, 0x3301, 0x6013, 0x2303, 0xBF20, 0x3B01, 0xD1FC, RETURN)
    core.write_memory(HANDLER + 20, DATA.to_bytes(4, "little"))
    assert call(core, 5, DATA).reason is StopReason.STOP_ADDRESS


def test_endless_handlers_use_up_the_budget_of_the_run() -> None:
    # ldr r3, =100000; loop: subs r3, #1; bne loop; bx lr: each returns, and the next tick is due
    core = ticking(0x4B01, 0x3B01, 0xD1FD, RETURN, load=0)
    core.write_memory(HANDLER + 8, (50_000).to_bytes(4, "little"))
    stop = call(core, 5, DATA, budget=Budget(instructions=1_000_000))
    assert stop.reason is StopReason.BUDGET_EXHAUSTED
    assert core.system_control.cycles < 100_000


POLL_WITH_TIME_OUT = (0x680A, 0x6823, 0x4282, 0xD3FB, RETURN)
"""loop: ldr r2, [r1] (ticks); ldr r3, [r4] (device); cmp r2, r0; blo loop; bx lr"""

TRANSFER_WITH_TIME_OUT = (0x680A, 0x6823, 0x6025, 0x4282, 0xD203, 0x3E01, 0xD1F8, 0x2000, RETURN, RETURN)
"""The same that also writes to the device, and returns 0 after r6 of these."""


def around_a_device(*code: int, load: int) -> UnicornCore:
    core = ticking(load=load, device=Device())
    place(core, CODE, *code)
    core.write_register(Register.R4, DEVICE)
    return core


@pytest.mark.parametrize("load", [15_999, 479_999])
def test_time_out_of_seconds_around_a_dead_device_ends(load: int) -> None:
    core = around_a_device(*POLL_WITH_TIME_OUT, load=load)
    stop = call(core, 500, DATA, budget=Budget())
    assert stop.reason is StopReason.STOP_ADDRESS
    assert int.from_bytes(core.read_memory(DATA, 4), "little") in (500, 501)


def test_transfer_has_all_the_time_there_is() -> None:
    core = around_a_device(*TRANSFER_WITH_TIME_OUT, load=15_999)
    core.write_register(Register.R6, 20_000)
    assert call(core, 500, DATA, budget=Budget()).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 0
