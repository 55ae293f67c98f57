"""One call of a loader's routine, with everything checked that a routine must leave alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loaderconv.hosts.core import (
    ARGUMENT_REGISTERS,
    CALLEE_SAVED_REGISTERS,
    Budget,
    Core,
    Register,
    Stop,
    StopReason,
)
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader

BREAKPOINT_WORD = bytes((0x00, 0xBE, 0xFD, 0xE7))
"""BKPT #0, and a branch back to it for a core that is resumed by mistake."""

SENTINEL = 0x5AFE_0000
"""Callee-saved registers hold this plus their number during a call. CubeProgrammer leaves zeros there, which would hide
a routine that clears one."""

_FAULT_HINT = "The loader, not its host, misbehaved: look at the named address in its disassembly."


class Misbehaviour(StrEnum):
    """In which way a routine did not come back as it must."""

    HUNG = "hung"
    FAULTED = "faulted"
    STOPPED_ELSEWHERE = "stopped elsewhere"
    CLOBBERED = "clobbered"


class RoutineMisbehaved(RunFailed):
    """A routine did not come back, or not as the calling convention wants it.

    Attributes:
        routine: its symbol.
        misbehaviour: in which way.
        pc: where the core stood.
    """

    def __init__(self, message: str, *, routine: str, misbehaviour: Misbehaviour, pc: int) -> None:
        super().__init__(message, hint=_FAULT_HINT)
        self.routine = routine
        self.misbehaviour = misbehaviour
        self.pc = pc

    def __reduce__(self) -> tuple[object, ...]:
        """Let it travel between processes."""
        return _misbehaved, (self.message, self.hint, self.routine, self.misbehaviour, self.pc)


def _misbehaved(message: str, hint: str, routine: str, misbehaviour: Misbehaviour, pc: int) -> RoutineMisbehaved:
    problem = RoutineMisbehaved(message, routine=routine, misbehaviour=misbehaviour, pc=pc)
    problem.hint = hint
    return problem


def entry_of(loader: Loader, routine: Routine) -> EntryPoint:
    """Return the entry point of a routine as the file has it. Raises RunFailed where there is none."""
    entry = loader.entry_point(routine)
    if entry is None:
        raise RunFailed(
            f"The loader has no routine for {routine}.", hint="A host would not offer this operation either."
        )
    return entry


@dataclass(frozen=True)
class CallFrame:
    """Where a host puts a call.

    Attributes:
        stack_top: sp at the call; a multiple of 4, because not every host makes it one of 8.
        return_address: where a BKPT instruction waits.
        static_base: what the host puts into r9; None for a host that leaves it alone.
    """

    stack_top: int
    return_address: int
    static_base: int | None = None


@dataclass(frozen=True)
class CallResult:
    """What a routine answered.

    Attributes:
        low_word: r0.
        high_word: r1, the upper half of a 64-bit result.
        instructions: executed; None on a core that cannot count.
    """

    low_word: int
    high_word: int
    instructions: int | None


def call_routine(
    core: Core,
    frame: CallFrame,
    routine: str,
    address: int,
    arguments: Sequence[int],
    budget: Budget,
    meanwhile: Callable[[], None] | None = None,
) -> CallResult:
    """Call a routine and return its result.

    Raises:
        RunFailed: it did not come back, faulted, or changed sp or a callee-saved register (AAPCS 6.1.1).
    """
    expected = {
        register: SENTINEL + number
        for number, register in enumerate(CALLEE_SAVED_REGISTERS, start=4)
        if register in core.marked_registers
    }
    if frame.static_base is not None:
        expected[Register.R9] = frame.static_base
    passed = dict.fromkeys((each for each in ARGUMENT_REGISTERS if each in core.marked_registers), 0)
    passed |= dict(zip(ARGUMENT_REGISTERS, arguments, strict=False))
    for register, value in expected.items():
        core.write_register(register, value)
    for register, value in passed.items():
        core.write_register(register, value)
    core.write_register(Register.SP, frame.stack_top)
    core.write_register(Register.LR, frame.return_address | 1)
    core.write_register(Register.PC, address)
    stop = run_to(core, frame.return_address, routine, budget, meanwhile)
    check_preserved(core, routine, expected | {Register.SP: frame.stack_top})
    return CallResult(core.read_register(Register.R0), core.read_register(Register.R1), stop.instructions)


def run_to(
    core: Core, stop_address: int, routine: str, budget: Budget, meanwhile: Callable[[], None] | None = None
) -> Stop:
    """Run a routine from PC to where its host waits. Raises RoutineMisbehaved where it ends in any other way."""
    stop = core.run(stop_address, budget, meanwhile)
    if stop.reason is not StopReason.STOP_ADDRESS:
        raise RoutineMisbehaved(
            f"{routine} ended by {stop.reason} at 0x{stop.pc:08x}{': ' if stop.detail else ''}{stop.detail}.",
            routine=routine,
            misbehaviour=_MISBEHAVIOURS[stop.reason],
            pc=stop.pc,
        )
    return stop


def check_preserved(core: Core, routine: str, expected: Mapping[Register, int]) -> None:
    """Raise RoutineMisbehaved for the first register that does not hold what a routine must leave in it."""
    for register, value in expected.items():
        found = core.read_register(register)
        if found != value:
            raise RoutineMisbehaved(
                f"{routine} returned with {register} = 0x{found:08x} instead of 0x{value:08x}.",
                routine=routine,
                misbehaviour=Misbehaviour.CLOBBERED,
                pc=core.read_register(Register.PC),
            )


_MISBEHAVIOURS = {
    StopReason.BUDGET_EXHAUSTED: Misbehaviour.HUNG,
    StopReason.FAULT: Misbehaviour.FAULTED,
    StopReason.BREAKPOINT_INSTRUCTION: Misbehaviour.STOPPED_ELSEWHERE,
}
