"""A hosts.Core over pyOCD: what routines answer, and what is told of those that do not come back."""

import pytest
from pyocd.core.target import Target as PyocdTarget

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.call import RoutineMisbehaved, call_routine
from loaderconv.hosts.core import Budget, Register, StopReason
from loaderconv.probe.clean_state import clean_core
from loaderconv_schemas.errors import RunFailed
from support.emulated_target import CODE, FRAME, RAM, Target, connected

SHORT = Budget(timeout_ms=100)
ADD_ALL = "4018 8018 c018 7047"  # r0 += r1 + r2 + r3
RETURN = "7047"
BRANCH_TO_ITSELF = "fee7"
LOAD_FROM_NOWHERE = "014b 1b68 7047 00bf 000000a0"
RESET_ITSELF = "014a 024b 1a60 fee7 0400fa05 0ced00e0"
STACK_IS_NOWHERE = "0020 8546 01b4 7047"
"""sp = 0; push {r0}."""

every_core = pytest.mark.parametrize("cpu", CpuModel, ids=str)


def call(target: Target, code: str, *arguments: int) -> tuple[int, int]:
    target.load(code)
    result = call_routine(target.core, FRAME, "Routine", CODE, arguments, SHORT)
    return result.low_word, result.high_word


@every_core
@pytest.mark.parametrize("has_memory_commands", [True, False], ids=["memory-commands", "port-registers"])
def test_routines_answer(cpu: CpuModel, has_memory_commands: bool) -> None:
    with connected(cpu, has_memory_commands=has_memory_commands) as target:
        assert call(target, ADD_ALL, 1, 20, 300, 4000) == (4321, 20)
        assert call(target, RETURN, 7) == (7, 0), "an argument that is not given is 0"
        assert call(target, "0120 0221 7047") == (1, 2)
        assert target.connection.notices == []


def test_a_second_call_costs_few_transfers() -> None:
    """The block of the stub, PC, start, one poll and the block again."""
    with connected(CpuModel.CORTEX_M4) as target:
        call(target, ADD_ALL, 1, 2, 3, 4)
        before = target.probe.traffic.moved
        assert call_routine(target.core, FRAME, "Routine", CODE, (1, 2, 3, 4), SHORT).low_word == 10
        assert (target.probe.traffic.moved - before).transfers == 8


@every_core
def test_static_base_and_stack_reach_the_routine(cpu: CpuModel) -> None:
    with connected(cpu) as target:
        target.load("4846 6946 7047")  # r0 = r9; r1 = sp
        frame = type(FRAME)(FRAME.stack_top, FRAME.return_address, static_base=0x2000_1230)
        result = call_routine(target.core, frame, "Routine", CODE, (), SHORT)
        assert (result.low_word, result.high_word) == (0x2000_1230, FRAME.stack_top)


@every_core
def test_memory_of_any_alignment(cpu: CpuModel) -> None:
    with connected(cpu) as target:
        data = bytes(range(1, 24))
        target.core.write_memory(RAM.start + 0x203, data)
        assert target.core.read_memory(RAM.start + 0x203, len(data)) == data
        assert target.emulated.read_memory(RAM.start + 0x203, len(data)) == data
        with pytest.raises(RunFailed, match="bus refused to read 4 bytes at 0xa0000000"):
            target.core.read_memory(0xA000_0000, 4)


WITHOUT_FAULT_STATUS = CpuModel.CORTEX_M0

FAULTS = {
    "undefined instruction": ("00de", "Routine ended by fault at 0x20000100: in HardFault", "undefined instruction"),
    "bus error": (LOAD_FROM_NOWHERE, "fault at 0x20000102: in HardFault", "precise data bus error at 0xa0000000"),
    "jump to nowhere": ("0148 0047 00bf 00bf 01000090", "fault at 0x90000000: in HardFault", "instruction bus error"),
    "stack nowhere": (STACK_IS_NOWHERE, "Routine ended by fault", "bus error while an exception was entered"),
    "reset": (RESET_ITSELF, "the target was reset while the loader ran", ""),
    "own breakpoint": ("00be", "Routine ended by breakpoint instruction at 0x20000100", ""),
    "hang": (BRANCH_TO_ITSELF, "Routine ended by budget exhausted at 0x20000100: still running after 100 ms", ""),
    "sp moved": ("82b0 7047", "Routine returned with sp = 0x20003ff8 instead of 0x20004000", ""),
}


@every_core
@pytest.mark.parametrize("case", FAULTS.values(), ids=FAULTS.keys())
def test_what_does_not_come_back(cpu: CpuModel, case: tuple[str, str, str]) -> None:
    code, words, cause = case
    with pytest.raises(RoutineMisbehaved) as caught, connected(cpu) as target:
        call(target, code)
    assert words in str(caught.value)
    assert (cause in str(caught.value)) or cpu is WITHOUT_FAULT_STATUS
    (registers,) = caught.value.__notes__
    assert registers.startswith("registers: r0 0x")


def test_the_next_call_works_after_one_that_failed() -> None:
    with connected(CpuModel.CORTEX_M7) as target:
        for code, _, _ in FAULTS.values():
            with pytest.raises(RoutineMisbehaved):
                call(target, code)
            target.core.prepare()
            assert call(target, ADD_ALL, 1, 2, 3, 4) == (10, 2)


@every_core
def test_stop_address_without_breakpoint_instruction(cpu: CpuModel) -> None:
    """As FlashBreak of an IAR loader: hardware where it reaches, else software, and the code is whole afterwards."""
    with connected(cpu) as target:
        target.load("0130 0230 fee7")
        for expected in (3, 6):
            target.core.write_register(Register.PC, CODE)
            target.core.write_register(Register.R0, expected - 3)
            target.core.write_register(Register.LR, 0xFFFF_FFFF)
            stop = target.core.run(CODE + 4, SHORT)
            assert (stop.reason, stop.pc) == (StopReason.STOP_ADDRESS, CODE + 4)
            assert target.core.read_register(Register.R0) == expected
        target.core.release()
        assert target.emulated.read_memory(CODE, 6) == bytes.fromhex("0130 0230 fee7")


@every_core
@pytest.mark.parametrize("first", ["0130 0230 fee7", "0130 0230 00be"], ids=["breakpoint", "breakpoint-instruction"])
def test_stop_address_that_is_written_over(cpu: CpuModel, first: str) -> None:
    """As by each download of an IAR loader: what stopped the core there is gone."""
    other = bytes.fromhex("0530 0030 fee7")
    with connected(cpu) as target:
        for code, expected in ((bytes.fromhex(first), 3), (other, 5)):
            target.core.write_memory(CODE, code)
            for register, value in ((Register.PC, CODE), (Register.R0, 0), (Register.LR, 0xFFFF_FFFF)):
                target.core.write_register(register, value)
            assert target.core.run(CODE + 4, SHORT).reason is StopReason.STOP_ADDRESS
            assert target.core.read_register(Register.R0) == expected
            assert target.core.read_memory(CODE, len(code)) == code, "a patched instruction does not show"
        target.core.release()
        assert target.emulated.read_memory(CODE, len(other)) == other


def test_target_that_was_reset_between_two_calls() -> None:
    with connected(CpuModel.CORTEX_M4) as target:
        assert call(target, ADD_ALL, 1) == (1, 0)
        target.probe.unit.reset()
        with pytest.raises(RoutineMisbehaved, match="the target was reset, or lost power, before the loader ran"):
            call(target, ADD_ALL, 1)


def test_meanwhile_happens_once_while_the_core_runs() -> None:
    with connected(CpuModel.CORTEX_M4) as target:
        target.load(ADD_ALL)
        seen: list[bool] = []
        result = call_routine(
            target.core, FRAME, "Routine", CODE, (1, 2), SHORT, lambda: seen.append(target.probe.unit.is_halted)
        )
        assert (result.low_word, seen) == (3, [False])


def test_core_is_halted_where_the_caller_fails_meanwhile() -> None:
    class Mine(Exception):
        pass

    def fail() -> None:
        raise Mine

    with connected(CpuModel.CORTEX_M4) as target:
        target.load(BRANCH_TO_ITSELF)
        with pytest.raises(Mine):
            call_routine(target.core, FRAME, "Routine", CODE, (), SHORT, fail)
        assert target.probe.unit.is_halted


def test_what_an_application_left_is_cleaned() -> None:
    """Behind the reset, which clears some of it by itself."""
    with connected(CpuModel.CORTEX_M4) as target:
        core = target.connection._core
        for address, value in ((0xE000_E010, 7), (0xE000_ED90, 0x800), (0xE000_ED94, 1)):
            target.emulated.write_memory(address, value.to_bytes(4, "little"))
        core.write_core_registers_raw(["control", "primask", "basepri", "faultmask"], [1, 1, 0x40, 1])
        core.set_vector_catch(0)
        assert clean_core(core) == ()
        assert core.read32(0xE000_E010) == core.read32(0xE000_ED94) == 0
        assert core.read_core_registers_raw(["control", "primask", "basepri", "faultmask"]) == [0, 0, 0, 0]
        assert core.get_vector_catch() & PyocdTarget.VectorCatch.HARD_FAULT


def test_a_data_cache_that_is_on_is_told() -> None:
    with connected(CpuModel.CORTEX_M7) as target:
        target.core.write_memory(0xE000_ED14, (1 << 16).to_bytes(4, "little"))
        (notice,) = clean_core(target.connection._core)
        assert "data cache is on" in notice
