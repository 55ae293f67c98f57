"""Each of Unicorn's known traps on Cortex-M that concern code, and what the core makes of it."""

from collections.abc import Callable

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import BusFault
from loaderconv.hosts.core import Budget, Register, Stop, StopReason
from support.machine_code import (
    ADD_1,
    ADD_2,
    BKPT,
    BRANCH_TO_R1,
    BUDGET,
    CODE,
    COUNT_DOWN,
    DATA,
    DEVICE,
    LOAD,
    RETURN,
    RETURN_TO,
    SDIV,
    STORE,
    UNMAPPED,
    VMOV,
    AtMost,
    Device,
    call,
    machine,
    place,
)

HINTS = {
    "wfi": (0xBF30,),
    "wfe": (0xBF20,),
    "yield": (0xBF10,),
    "sev": (0xBF40,),
    "wfi.w": (0xF3AF, 0x8003),
    "wfe.w": (0xF3AF, 0x8002),
    "yield.w": (0xF3AF, 0x8001),
}


def test_call_that_returns_to_a_breakpoint() -> None:
    core = machine(ADD_1, ADD_1, RETURN)
    assert call(core, 40) == Stop(StopReason.STOP_ADDRESS, RETURN_TO, "", AtMost(3))
    assert core.read_register(Register.R0) == 42


def test_stop_address_with_thumb_bit_is_the_same() -> None:
    core = machine(RETURN)
    assert call(core, stop_address=RETURN_TO | 1).reason is StopReason.STOP_ADDRESS


def test_breakpoint_elsewhere() -> None:
    assert call(machine(ADD_1, BKPT)) == Stop(StopReason.BREAKPOINT_INSTRUCTION, CODE + 2, "", AtMost(1))


def test_return_breakpoint_that_the_code_overwrote_is_missed() -> None:
    core = machine(0x8008, RETURN)  # strh r0, [r1]; bx lr
    stop = call(core, 0xDEDE, RETURN_TO)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, RETURN_TO)


def test_stop_address_without_breakpoint() -> None:
    core = machine(ADD_1, ADD_1, ADD_1, RETURN)
    assert call(core, 0, stop_address=CODE + 4) == Stop(StopReason.STOP_ADDRESS, CODE + 4, "", AtMost(2))
    assert core.read_register(Register.R0) == 2


def test_stop_address_without_breakpoint_in_code_that_ran_before() -> None:
    core = machine(ADD_1, ADD_1, ADD_1, RETURN)
    call(core)
    assert call(core, stop_address=CODE + 4) == Stop(StopReason.STOP_ADDRESS, CODE + 4, "", AtMost(2))


def test_stop_address_where_the_core_stands_already() -> None:
    assert call(machine(ADD_1), stop_address=CODE) == Stop(StopReason.STOP_ADDRESS, CODE, "", AtMost(0))


@pytest.mark.parametrize("stop_address", [0x1234_5678, 0x5000_0000, 0xFFFF_FFF0])
def test_stop_address_where_nothing_is_mapped(stop_address: int) -> None:
    stop = call(machine(BRANCH_TO_R1), 0, stop_address | 1, stop_address=stop_address)
    assert stop == Stop(StopReason.STOP_ADDRESS, stop_address, "", AtMost(1))


def test_run_goes_on_behind_a_stop() -> None:
    core = machine(ADD_1, ADD_1, RETURN)
    call(core, 0, stop_address=CODE + 2)
    assert core.run(RETURN_TO, BUDGET) == Stop(StopReason.STOP_ADDRESS, RETURN_TO, "", AtMost(2))
    assert core.read_register(Register.R0) == 2


@pytest.mark.parametrize("instructions", [1, 2, 7, 1000])
def test_budget_is_exact(instructions: int) -> None:
    core = machine(*COUNT_DOWN, RETURN)
    stop = call(core, 10_000, budget=Budget(instructions))
    assert stop == Stop(
        StopReason.BUDGET_EXHAUSTED,
        CODE + 2 * (instructions % 2),
        f"still running after {instructions} instructions",
        instructions,
    )
    assert core.read_register(Register.R0) == 10_000 - (instructions + 1) // 2


def test_budget_is_exact_in_code_that_was_translated_by_a_longer_run() -> None:
    core = machine(*COUNT_DOWN, RETURN)
    assert call(core, 1000).reason is StopReason.STOP_ADDRESS
    stop = call(core, 1000, budget=Budget(instructions=101))
    assert (stop.reason, stop.instructions) == (StopReason.BUDGET_EXHAUSTED, 101)


def test_budget_of_nothing() -> None:
    stop = call(machine(ADD_1), budget=Budget(instructions=0))
    assert (stop.reason, stop.pc, stop.instructions) == (StopReason.BUDGET_EXHAUSTED, CODE, 0)


def test_budget_that_is_just_enough() -> None:
    assert call(machine(ADD_1, RETURN), budget=Budget(instructions=3)).reason is StopReason.STOP_ADDRESS


def test_budget_that_ends_inside_an_it_block_overshoots_by_the_block_only() -> None:
    core = machine(0x4280, 0xBF01, ADD_1, ADD_1, ADD_1, ADD_1, RETURN)  # cmp r0, r0; itttt eq; ...
    stop = call(core, budget=Budget(instructions=3))
    assert stop.reason is StopReason.BUDGET_EXHAUSTED
    assert stop.instructions is not None
    assert 3 <= stop.instructions <= 3 + 4
    assert core.run(RETURN_TO, BUDGET).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 4


@pytest.mark.parametrize("code", [(0xE7FE,), (0xF7FF, 0xBFFE)])
def test_branch_to_itself_uses_up_the_budget_at_once(code: tuple[int, ...]) -> None:
    core = machine(ADD_1, *code)
    stop = call(core, budget=Budget(instructions=10**12))
    detail = "branch to itself, which nothing can end"
    assert stop == Stop(StopReason.BUDGET_EXHAUSTED, CODE + 2, detail, 10**12)
    assert core.read_register(Register.R0) == 1


def test_host_may_overwrite_code_that_was_executed() -> None:
    core = machine(ADD_1, RETURN)
    call(core, 0)
    place(core, CODE, ADD_2)
    call(core, 0)
    assert core.read_register(Register.R0) == 2


def test_code_may_overwrite_itself() -> None:
    # strh r2, [r1]; isb; adds r0, #1; bx lr
    core = machine(0x800A, 0xF3BF, 0x8F6F, ADD_1, RETURN)
    call(core, 0, CODE + 6, ADD_2)
    assert core.read_register(Register.R0) == 2


def assert_fault(stop: Stop, pc: int, detail: str, instructions: int) -> None:
    assert stop == Stop(StopReason.FAULT, pc, detail, AtMost(instructions))


def test_supervisor_call() -> None:
    core = machine(ADD_1, 0xDF05)  # svc #5
    assert_fault(call(core), CODE + 2, "supervisor call (SVC), which nothing here handles on cortex-m4", 1)
    assert core.read_register(Register.PC) == CODE + 2


def test_undefined_instruction() -> None:
    assert_fault(call(machine(ADD_1, 0xDE01)), CODE + 2, "undefined instruction 0xde01 on cortex-m4", 1)


def test_undefined_wide_instruction() -> None:
    stop = call(machine(ADD_1, 0xF7F0, 0xA000))  # udf.w #0
    assert_fault(stop, CODE + 2, "undefined instruction 0xf7f0a000 on cortex-m4", 1)


def test_execution_runs_into_painted_ram() -> None:
    stop = call(machine(ADD_1))
    assert_fault(stop, CODE + 2, "undefined instruction 0xdede: RAM that nothing was loaded to", 1)


def test_unaligned_word_faults_on_m0() -> None:
    assert_fault(call(machine(LOAD, cpu=CpuModel.CORTEX_M0), 0, DATA + 1), CODE, "unaligned access on cortex-m0", 0)


def test_unaligned_word_is_read_on_m4() -> None:
    core = machine(LOAD, RETURN)
    core.write_memory(DATA, bytes(range(8)))
    assert call(core, 0, DATA + 1).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 0x0403_0201


def test_division_faults_on_m0() -> None:
    stop = call(machine(*SDIV, RETURN, cpu=CpuModel.CORTEX_M0), 84, 2)
    assert_fault(stop, CODE, "undefined instruction 0xfb90f0f1 on cortex-m0", 0)


@pytest.mark.parametrize("cpu", [cpu for cpu in CpuModel if cpu is not CpuModel.CORTEX_M0])
def test_division_runs_everywhere_else(cpu: CpuModel) -> None:
    core = machine(*SDIV, RETURN, cpu=cpu)
    assert call(core, 84, 2).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == 42


def test_floating_point_on_m3() -> None:
    stop = call(machine(ADD_1, *VMOV, RETURN, cpu=CpuModel.CORTEX_M3))
    assert_fault(stop, CODE + 2, "floating point or coprocessor instruction (NOCP) on cortex-m3", 1)


def test_floating_point_while_cpacr_leaves_the_fpu_off() -> None:
    stop = call(machine(*VMOV, RETURN))
    assert_fault(stop, RETURN_TO, "floating point used while CPACR leaves the FPU off", 2)


def test_floating_point_when_the_code_has_switched_the_fpu_on() -> None:
    core = machine(STORE, *VMOV, RETURN)
    assert call(core, 0xF << 20, 0xE000_ED88).reason is StopReason.STOP_ADDRESS


def test_floating_point_of_an_earlier_run_is_forgotten() -> None:
    core = machine(*VMOV, RETURN)
    call(core)
    place(core, CODE, RETURN)
    assert call(core).reason is StopReason.STOP_ADDRESS


def test_read_from_unmapped() -> None:
    assert_fault(call(machine(ADD_1, LOAD), 0, UNMAPPED), CODE + 2, "read from unmapped 0x40010000, 4 bytes", 1)


def test_write_to_unmapped() -> None:
    store_byte = 0x7008  # strb r0, [r1]
    assert_fault(call(machine(ADD_1, store_byte), 0, UNMAPPED), CODE + 2, "write to unmapped 0x40010000, 1 byte", 1)


@pytest.mark.parametrize("target", [0x1000_0000, UNMAPPED])
def test_jump_to_unmapped(target: int) -> None:
    detail = f"instruction fetch from unmapped or execute-never 0x{target:08x}, with lr 0x20001001"
    assert_fault(call(machine(ADD_1, BRANCH_TO_R1), 0, target | 1), target, detail, 2)


def test_run_that_starts_at_unmapped() -> None:
    detail = "instruction fetch from unmapped or execute-never 0x10000000, with lr 0x20001001"
    assert_fault(call(machine(), at=0x1000_0000), 0x1000_0000, detail, 0)


def test_jump_into_a_device() -> None:
    stop = call(machine(BRANCH_TO_R1, device=Device()), 0, DEVICE | 1)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, DEVICE)


def test_return_from_an_exception_that_is_not_active() -> None:
    stop = call(machine(BRANCH_TO_R1), 0, 0xFFFF_FFF9)
    detail = "branch to exception return value 0xfffffff8, though no exception is active, with lr 0x20001001"
    assert_fault(stop, 0xFFFF_FFF8, detail, 1)


def test_jump_to_the_lockup_address() -> None:
    stop = call(machine(BRANCH_TO_R1), 0, 0xFFFF_FFFF)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, 0xFFFF_FFFE)


def test_branch_that_clears_the_thumb_bit() -> None:
    core = machine(BRANCH_TO_R1, ADD_1, RETURN)
    detail = "branch to 0x20000004 without the Thumb bit, with lr 0x20001001"
    assert_fault(call(core, 0, CODE + 4), CODE + 4, detail, 1)
    assert call(core, 0, (CODE + 2) | 1).reason is StopReason.STOP_ADDRESS


def test_core_runs_again_after_a_fault() -> None:
    core = machine(LOAD, RETURN)
    assert call(core, 0, UNMAPPED).reason is StopReason.FAULT
    assert call(core, 0, DATA).reason is StopReason.STOP_ADDRESS


def test_fault_inside_an_it_block_does_not_reach_the_next_call() -> None:
    core = machine(0x4280, 0xBF0B, LOAD, ADD_1, ADD_1, ADD_1)  # cmp r0, r0; itete eq; ...
    assert call(core, 0, UNMAPPED).pc == CODE + 4
    place(core, CODE, ADD_1, ADD_1, ADD_1, ADD_1, RETURN)
    assert call(core, 0).instructions == AtMost(5)
    assert core.read_register(Register.R0) == 4


def in_it_block(answer: Callable[[int, int], int] = lambda *_: 0) -> UnicornCore:
    # cmp r0, r0; itttt eq; adds r0; ldr r0, [r1]; adds r0; adds r0; loop: adds r3, #1; str r3, [r2]; subs r4; bne loop
    code = (0x4280, 0xBF01, ADD_1, LOAD, ADD_1, ADD_1, 0x3301, 0x6013, 0x3C01, 0xD1FB, RETURN)
    core = machine(*code, device=Device(answer=answer))
    core.write_register(Register.R4, 1000)
    core.write_memory(DATA, bytes(4))
    return core


def rounds(core: UnicornCore) -> int:
    return int.from_bytes(core.read_memory(DATA, 4), "little")


@pytest.mark.parametrize("was_translated", [False, True])
def test_bus_fault_inside_an_it_block_stops_at_the_next_branch(was_translated: bool) -> None:
    is_refusing = not was_translated

    def answer(_offset: int, _size_bytes: int) -> int:
        if is_refusing:
            raise BusFault("no")
        return 0

    core = in_it_block(answer)
    if was_translated:
        core.write_register(Register.R3, 0)
        assert call(core, 0, DEVICE, DATA, 0).reason is StopReason.STOP_ADDRESS
        assert rounds(core) == 1000
        core.write_memory(DATA, bytes(4))
    core.write_register(Register.R4, 1000)
    is_refusing = True
    stop = call(core, 0, DEVICE, DATA, 0)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, CODE + 6)
    assert rounds(core) <= 1


def test_bus_fault_inside_an_it_block_of_a_loop_stops() -> None:
    def refuse(_offset: int, _size_bytes: int) -> int:
        raise BusFault("no")

    # loop: adds r3, #1; str r3, [r2]; cmp r0, r0; itt eq; ldreq r0, [r1]; addeq r0, #1; b loop
    core = machine(0x3301, 0x6013, 0x4280, 0xBF04, LOAD, ADD_1, 0xE7F8, device=Device(answer=refuse))
    stop = call(core, 0, DEVICE, DATA, 0)
    assert (stop.reason, stop.pc) == (StopReason.FAULT, CODE + 8)
    assert rounds(core) <= 2


def test_stop_address_inside_an_it_block_stops_behind_it() -> None:
    core = in_it_block()
    assert call(core, 0, DEVICE, DATA, 0, stop_address=CODE + 6).pc == CODE + 6
    assert rounds(core) == 0


def test_exception_of_an_observer_inside_an_it_block_stops_behind_it() -> None:
    core = in_it_block()

    def fail() -> None:
        raise ValueError("observer")

    core.observe(CODE + 6, fail)
    with pytest.raises(ValueError, match="observer"):
        call(core, 0, DEVICE, DATA, 0)
    assert rounds(core) == 0


@pytest.mark.parametrize(
    ("instruction", "cpu"),
    [((0xDE00,), CpuModel.CORTEX_M4), ((0xDF00,), CpuModel.CORTEX_M4), (VMOV, CpuModel.CORTEX_M3)],
    ids=["udf", "svc", "vmov"],
)
def test_fault_of_an_instruction_inside_an_it_block(instruction: tuple[int, ...], cpu: CpuModel) -> None:
    core = machine(0x4280, 0xBF01, ADD_1, *instruction, ADD_1, ADD_1, RETURN, cpu=cpu)
    stop = call(core, 0)
    assert (stop.reason, stop.pc, core.read_register(Register.R0)) == (StopReason.FAULT, CODE + 6, 1)


@pytest.mark.parametrize("cpu", list(CpuModel))
@pytest.mark.parametrize("hint", [(0xBF30,), (0xBF20,), (0xBF10,)])
def test_hint_does_nothing_on_any_core(hint: tuple[int, ...], cpu: CpuModel) -> None:
    core = machine(ADD_1, *hint, ADD_1, RETURN, cpu=cpu)
    assert call(core, 0) == Stop(StopReason.STOP_ADDRESS, RETURN_TO, "", AtMost(4))
    assert core.read_register(Register.R0) == 2


@pytest.mark.parametrize("hint", list(HINTS.values()), ids=list(HINTS))
def test_hint_does_nothing(hint: tuple[int, ...]) -> None:
    assert call(machine(ADD_1, *hint, ADD_1, RETURN)) == Stop(StopReason.STOP_ADDRESS, RETURN_TO, "", AtMost(4))


@pytest.mark.parametrize(
    ("it", "sum_"), [(0xBF04, 3), (0xBF0C, 2), (0xBF14, 3), (0xBF1C, 2)], ids=["itt eq", "ite eq", "ite ne", "itt ne"]
)
@pytest.mark.parametrize("hint", list(HINTS.values()), ids=list(HINTS))
def test_hint_inside_an_it_block(hint: tuple[int, ...], it: int, sum_: int) -> None:
    core = machine(0x4280, it, *hint, ADD_1, ADD_2, RETURN)  # cmp r0, r0; it?; hint; adds only if it applies; adds
    assert call(core, 0).reason is StopReason.STOP_ADDRESS
    assert core.read_register(Register.R0) == sum_


@pytest.mark.parametrize("hint", list(HINTS.values()), ids=list(HINTS))
def test_hint_before_an_undefined_instruction(hint: tuple[int, ...]) -> None:
    stop = call(machine(*hint, 0xDE00))
    assert_fault(stop, CODE + 2 * len(hint), "undefined instruction 0xde00 on cortex-m4", 1)


def test_undefined_instruction_that_is_jumped_to_behind_a_hint() -> None:
    stop = call(machine(0xE000, 0xBF20, 0xDE00))  # b .+4; wfe; udf #0
    assert_fault(stop, CODE + 4, "undefined instruction 0xde00 on cortex-m4", 1)


@pytest.mark.parametrize("hint", [0xBF30, 0xBF20, 0xBF10])
def test_endless_loop_of_a_hint_uses_up_the_budget(hint: int) -> None:
    stop = call(machine(hint, 0xE7FD), budget=Budget(instructions=500))  # b .-2
    assert stop.reason is StopReason.BUDGET_EXHAUSTED
    assert stop.instructions is not None
    assert stop.instructions <= 500
    assert stop.pc in (CODE, CODE + 2)
