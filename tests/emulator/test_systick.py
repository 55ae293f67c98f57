"""SysTick's interrupt, the only one that the core delivers."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.hosts.core import Budget, Register, StopReason
from support.machine_code import CODE, DATA, RETURN, call, machine, place

SYSTICK_CTRL, SYSTICK_LOAD, VTOR, DHCSR = 0xE000_E010, 0xE000_E014, 0xE000_ED08, 0xE000_EDF0
HANDLER = CODE + 0x80
WAIT_FOR_R0_TICKS = (0x680A, 0x4282, 0xD3FC, RETURN)
"""loop: ldr r2, [r1]; cmp r2, r0; blo loop; bx lr: what HAL_Delay comes down to."""

COUNT_TICK = (0x4B02, 0x681A, 0x3201, 0x601A, RETURN, 0xBF00)
"""ldr r3, =DATA; ldr r2, [r3]; adds r2, #1; str r2, [r3]; bx lr"""


def ticking(*handler: int, load: int = 999, ctrl: int = 3, dhcsr: int = 0xA05F_0000) -> UnicornCore:
    core = machine(*WAIT_FOR_R0_TICKS)
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
