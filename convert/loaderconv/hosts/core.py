"""What a host needs of a processor: memory, registers, and a run that always ends with a reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Register(StrEnum):
    """Core registers that a host sets before a call and reads after it."""

    R0 = "r0"
    R1 = "r1"
    R2 = "r2"
    R3 = "r3"
    R4 = "r4"
    R5 = "r5"
    R6 = "r6"
    R7 = "r7"
    R8 = "r8"
    R9 = "r9"
    R10 = "r10"
    R11 = "r11"
    R12 = "r12"
    SP = "sp"
    LR = "lr"
    PC = "pc"


ARGUMENT_REGISTERS = (Register.R0, Register.R1, Register.R2, Register.R3)
"""Where AAPCS passes the first four words."""

GENERAL_REGISTERS = tuple(Register(f"r{number}") for number in range(13))

CALLEE_SAVED_REGISTERS = tuple(Register(f"r{number}") for number in range(4, 12))
"""What a routine must hand back unchanged (AAPCS 6.1.1); r9 counts as one of them for a host that sets none."""


class StopReason(StrEnum):
    """Why a run ended."""

    STOP_ADDRESS = "stop address"
    BREAKPOINT_INSTRUCTION = "breakpoint instruction"
    FAULT = "fault"
    BUDGET_EXHAUSTED = "budget exhausted"


class FaultKind(StrEnum):
    """What made a core fault, as far as silicon would tell (CFSR, Armv7-M Architecture Reference Manual, B3.2.15)."""

    UNDEFINED_INSTRUCTION = "undefined instruction"
    NO_COPROCESSOR = "no coprocessor"
    INVALID_STATE = "invalid state"
    STACK_LIMIT = "stack limit"
    UNALIGNED = "unaligned access"
    BUS_ERROR = "bus error"
    FETCH_ERROR = "fetch error"
    RESET = "reset"
    OTHER = "other"


@dataclass(frozen=True)
class Stop:
    """Where and why a run ended.

    Attributes:
        reason: the kind of end.
        pc: address of the instruction at which the core stands, bit 0 clear.
        detail: one clause that names the cause, empty for the two expected ends.
        instructions: how many were executed at most, None where the core cannot count them.
        fault: kind of a fault, where it is known; `detail` says the same in words, so stops are compared without it.
        fault_address: likewise the address of data that a bus error was about.
    """

    reason: StopReason
    pc: int
    detail: str = ""
    instructions: int | None = None
    fault: FaultKind | None = field(default=None, compare=False)
    fault_address: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Budget:
    """How long a call may take before it counts as hung.

    Attributes:
        instructions: for a core that counts them; deterministic.
        timeout_ms: wall clock, for a core that runs on silicon.
    """

    instructions: int = 50_000_000
    timeout_ms: int = 10_000


class Core(Protocol):
    """A processor under a host's control. Addresses are 32 bits wide; memory access never moves the core."""

    @property
    def marked_registers(self) -> tuple[Register, ...]:
        """General registers into which a host puts marks in front of a call, to see what a routine makes of them.

        All of them where that costs nothing; none where each costs a transfer to a board.
        """

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return `size_bytes` bytes as a debugger reads them. Raises RunFailed where nothing is mapped."""

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes as a debugger does. Raises RunFailed where nothing is mapped."""

    def read_register(self, register: Register) -> int:
        """Return a core register, 0 to 2**32 - 1."""

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register; the value is taken modulo 2**32. Bit 0 of PC is ignored: code is Thumb."""

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        """Run from PC until the instruction at `stop_address` would be executed, a fault, or the end of the budget.

        `meanwhile` is called once, after the start where the core runs beside us, before it where it does not. It may
        write memory that the code does not use.
        """
