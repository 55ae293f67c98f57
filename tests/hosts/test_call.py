"""A call holds a routine to the calling convention, and ends with a reason."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame, CallResult, call_routine
from loaderconv.hosts.core import Budget
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ExitCode, RunFailed
from support.machine_code import AtMost

RAM = AddressRange(start=0x2000_0000, size_bytes=0x1000)
ROUTINE = RAM.start + 0x100
FRAME = CallFrame(stack_top=RAM.start + 0x804, return_address=RAM.start)

BX_LR = 0x4770


def call(*halfwords: int, frame: CallFrame = FRAME, arguments: tuple[int, ...] = ()) -> CallResult:
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM])
    core.write_memory(RAM.start, BREAKPOINT_WORD)
    core.write_memory(ROUTINE, b"".join(halfword.to_bytes(2, "little") for halfword in halfwords))
    return call_routine(core, frame, "Init", ROUTINE, arguments, Budget(instructions=10_000))


def test_result_and_arguments_travel_in_registers() -> None:
    result = call(0x1840, 0x1880, 0x18C1, BX_LR, arguments=(1, 20, 300, 4000))  # r0 += r1, r0 += r2, r1 = r0 + r3
    assert (result.low_word, result.high_word, result.instructions) == (321, 4321, AtMost(4))


def test_arguments_that_are_not_given_are_zero() -> None:
    assert call(0x0018, BX_LR, arguments=(1,)).low_word == 0  # movs r0, r3


def test_static_base_is_there() -> None:
    frame = CallFrame(stack_top=FRAME.stack_top, return_address=FRAME.return_address, static_base=0x2000_0440)
    assert call(0x4648, BX_LR, frame=frame).low_word == 0x2000_0440  # mov r0, r9


@pytest.mark.parametrize("register", range(4, 8))
def test_a_lost_low_register_is_noticed(register: int) -> None:
    with pytest.raises(RunFailed, match=f"Init returned with r{register} = 0x00000000"):
        call(0x2000 | register << 8, BX_LR)  # movs rN, #0


@pytest.mark.parametrize("register", range(8, 12))
def test_a_lost_high_register_is_noticed(register: int) -> None:
    with pytest.raises(RunFailed, match=f"Init returned with r{register} "):
        call(0x2000, 0x4680 | (register - 8), BX_LR)  # movs r0, #0; mov rN, r0


def test_a_moved_stack_pointer_is_noticed() -> None:
    with pytest.raises(RunFailed, match="returned with sp = 0x20000800 instead of 0x20000804"):
        call(0xB081, BX_LR)  # sub sp, #4


@pytest.mark.parametrize(
    ("halfwords", "reason"),
    [
        ((0xE7FE,), "budget exhausted at 0x20000100"),
        ((0x2000, 0x6800, BX_LR), "fault at 0x20000102: .*unmapped 0x00000000"),
        ((0xBE01,), "breakpoint instruction at 0x20000100"),
        ((0xDEDE,), "fault at 0x20000100"),
    ],
)
def test_every_other_end_is_a_failure_with_its_reason(halfwords: tuple[int, ...], reason: str) -> None:
    with pytest.raises(RunFailed, match=f"Init ended by {reason}") as failure:
        call(*halfwords)
    assert failure.value.exit_code is ExitCode.RUN_FAILED
    assert failure.value.hint
