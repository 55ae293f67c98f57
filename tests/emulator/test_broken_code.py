"""Each way in which a loader's code is broken ends a run with a reason that names it, whatever the code does."""

from dataclasses import dataclass

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.call import CallFrame, Misbehaviour, RoutineMisbehaved, call_routine
from loaderconv.hosts.core import Budget, Register, StopReason
from support.machine_code import (
    ADD_1,
    BKPT,
    BRANCH_TO_R1,
    BUDGET,
    CODE,
    DATA,
    DEVICE,
    LOAD,
    RAM,
    RETURN,
    RETURN_TO,
    SDIV,
    STORE,
    UNMAPPED,
    VMOV,
    Device,
    call,
    machine,
)

HUNG, FAULT, ELSEWHERE = StopReason.BUDGET_EXHAUSTED, StopReason.FAULT, StopReason.BREAKPOINT_INSTRUCTION
M0, M3, M4, M33 = CpuModel.CORTEX_M0, CpuModel.CORTEX_M3, CpuModel.CORTEX_M4, CpuModel.CORTEX_M33


@dataclass(frozen=True)
class Broken:
    """Code, the registers it starts with, and what must be said of it."""

    code: tuple[int, ...]
    reason: StopReason
    words: str
    r0: int = 0
    r1: int = 0
    cpus: tuple[CpuModel, ...] = (M0, M4, M33)


CASES = {
    "polls a device for ever": Broken((LOAD, 0x2800, 0xD0FC), HUNG, "still running", r1=DEVICE),
    "polls RAM for ever": Broken((LOAD, 0x2800, 0xD1FC), HUNG, "still running", r1=DATA),
    "branch to itself": Broken((0xE7FE,), HUNG, "branch to itself"),
    "endless loop of two": Broken((ADD_1, 0xE7FD), HUNG, "still running"),
    "waits for interrupts": Broken((0xBF30, 0xE7FD), HUNG, "still running"),
    "waits for events": Broken((0xBF20, 0xE7FD), HUNG, "still running"),
    "masks interrupts and waits": Broken((0xB672, 0xBF30, 0xE7FD), HUNG, "still running"),
    "reads through a null pointer": Broken((LOAD,), FAULT, "read from unmapped 0x00000000, 4 bytes"),
    "writes through a null pointer": Broken((STORE,), FAULT, "write to unmapped 0x00000000, 4 bytes"),
    "writes to the wild": Broken((0x8008,), FAULT, "write to unmapped 0x40010000, 2 bytes", r1=UNMAPPED),
    "fills without end": Broken((0x6008, 0x3104, 0xE7FC), FAULT, "write to unmapped 0x20002000", r1=DATA),
    "fills itself without end": Broken((0xC101, 0xE7FD), FAULT, "undefined instruction 0xdede", 0xDEDE_DEDE, CODE),
    "calls through a null pointer": Broken((0x4788,), FAULT, "execute-never 0x00000000", r1=1),
    "calls in ARM state": Broken((0x4788, ADD_1), FAULT, "without the Thumb bit", r1=CODE),
    "jumps into a device": Broken((BRANCH_TO_R1,), FAULT, "execute-never 0x40000000", r1=DEVICE | 1),
    "jumps into empty RAM": Broken((BRANCH_TO_R1,), FAULT, "RAM that nothing was loaded to", r1=DATA | 1),
    "falls off its end": Broken((ADD_1,), FAULT, "RAM that nothing was loaded to"),
    "recurses without end": Broken((0xB500, 0xB0FF, 0xF7FF, 0xFFFC), FAULT, "write to unmapped 0x1ffffffc"),
    "pops garbage": Broken((0xBD10,), FAULT, "read from unmapped 0x20002000"),
    "undefined instruction": Broken((0xDE05,), FAULT, "undefined instruction 0xde05 on "),
    "supervisor call": Broken((0xDFAB,), FAULT, "supervisor call"),
    "semihosting": Broken((0xBEAB,), ELSEWHERE, ""),
    "breakpoint of its own": Broken((BKPT, RETURN), ELSEWHERE, ""),
    "returns from no exception": Broken(
        (BRANCH_TO_R1,), FAULT, "no exception is active", r1=0xFFFF_FFFD, cpus=(M0, M4)
    ),
    "requests a reset": Broken((STORE,), FAULT, "system reset requested", 0x05FA_0004, 0xE000_ED0C),
    "division on a core without": Broken((*SDIV,), FAULT, "undefined instruction 0xfb90f0f1", cpus=(M0,)),
    "unaligned on a core that cannot": Broken((LOAD,), FAULT, "unaligned access", r1=DATA + 2, cpus=(M0,)),
    "floating point without a unit": Broken((*VMOV,), FAULT, "floating point", cpus=(M3,)),
    "floating point switched off": Broken((*VMOV, RETURN), FAULT, "CPACR leaves the FPU off", cpus=(M4, M33)),
    "breaks the code ahead": Broken((0x8008, 0xF3BF, 0x8F6F, RETURN), FAULT, "0xde07", 0xDE07, CODE + 6),
    "overwrites where it returns to": Broken((0x8008, RETURN), FAULT, "0xde07", 0xDE07, RETURN_TO),
}


@pytest.mark.parametrize(
    ("broken", "cpu"),
    [pytest.param(case, cpu, id=f"{name}-{cpu}") for name, case in CASES.items() for cpu in case.cpus],
)
def test_broken_code_ends_with_its_reason(broken: Broken, cpu: CpuModel) -> None:
    core = machine(*broken.code, cpu=cpu, device=Device())
    stop = call(core, broken.r0, broken.r1)
    assert stop.reason is broken.reason
    assert broken.words in stop.detail
    assert stop.instructions is not None
    assert stop.instructions <= BUDGET.instructions
    assert core.read_register(Register.PC) == stop.pc


@pytest.mark.parametrize(
    ("code", "misbehaviour", "words"),
    [
        ((0x2400, RETURN), Misbehaviour.CLOBBERED, "returned with r4 = 0x00000000"),
        ((0xB401, RETURN), Misbehaviour.CLOBBERED, "returned with sp = 0x20001ffc"),
        ((0xE7FE,), Misbehaviour.HUNG, "ended by budget exhausted at 0x20000000: branch to itself"),
        ((BKPT,), Misbehaviour.STOPPED_ELSEWHERE, "ended by breakpoint instruction at 0x20000000"),
        ((0xDE00,), Misbehaviour.FAULTED, "ended by fault at 0x20000000: undefined instruction"),
    ],
    ids=["callee-saved register", "stack pointer", "hang", "breakpoint", "fault"],
)
def test_host_tells_how_a_routine_misbehaved(code: tuple[int, ...], misbehaviour: Misbehaviour, words: str) -> None:
    core = machine(*code)
    with pytest.raises(RoutineMisbehaved, match="Init") as caught:
        call_routine(core, CallFrame(RAM.end, RETURN_TO), "Init", CODE, (), Budget(10_000))
    assert caught.value.misbehaviour is misbehaviour
    assert words in caught.value.message
