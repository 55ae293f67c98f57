"""Why an emulated run ended, in clauses that a firmware engineer understands."""

from dataclasses import dataclass

from loaderconv.emulator import thumb_code
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.memory_map import PAINT
from loaderconv.hosts.core import FaultKind


@dataclass(frozen=True)
class Detail:
    """Why a run ended.

    Attributes:
        words: a clause.
        fault: kind of a fault.
        address: of the data that it was about.
    """

    words: str = ""
    fault: FaultKind | None = None
    address: int | None = None


NO_DETAIL = Detail()

# Exception numbers that Unicorn's interrupt hook hands over (QEMU 5, target/arm/cpu.h, EXCP_*).
SUPERVISOR_CALL = 2
PREFETCH_ABORT = 3
BREAKPOINT = 7

_EXCEPTIONS = {
    2: Detail("supervisor call (SVC), which nothing here handles", FaultKind.OTHER),
    4: Detail("unaligned access", FaultKind.UNALIGNED),
    8: Detail("return from an exception, though none is active", FaultKind.INVALID_STATE),
    17: Detail("floating point or coprocessor instruction (NOCP)", FaultKind.NO_COPROCESSOR),
    18: Detail("invalid execution state (INVSTATE)", FaultKind.INVALID_STATE),
    19: Detail("stack pointer below its limit (STKOF)", FaultKind.STACK_LIMIT),
    20: Detail("lazy saving of floating point state failed", FaultKind.OTHER),
}

FIRST_EXCEPTION_RETURN = 0xFF00_0000
"""From here up a branch target is an exception return value or lockup (Armv7-M manual, B1.5.8)."""

FLOATING_POINT_OFF = Detail("floating point used while CPACR leaves the FPU off", FaultKind.NO_COPROCESSOR)
RESET = Detail("system reset requested", FaultKind.RESET)
READ_UNMAPPED = "read from unmapped"
WRITE_UNMAPPED = "write to unmapped"
BRANCH_TO_ITSELF = "branch to itself, which nothing can end"


def exception(number: int, cpu: CpuModel) -> Detail:
    """Describe an exception that has no more than a number."""
    known = _EXCEPTIONS.get(number, Detail(f"exception {number}", FaultKind.OTHER))
    return Detail(f"{known.words} on {cpu}", known.fault)


def data_access(verb: str, address: int, size_bytes: int) -> Detail:
    """Describe a read or write where there is neither RAM nor a device."""
    size = f"{size_bytes} {'byte' if size_bytes == 1 else 'bytes'}"
    return Detail(f"{verb} 0x{address:08x}, {size}", FaultKind.BUS_ERROR, address)


def bus_fault(address: int, window_name: str, message: str) -> Detail:
    """Describe an access that a device model answered with a bus error."""
    return Detail(f"bus fault at 0x{address:08x} in {window_name}: {message}", FaultKind.BUS_ERROR, address)


def instruction_fetch(address: int, return_address: int) -> Detail:
    """Describe a jump to where no instruction can be fetched."""
    if address >= FIRST_EXCEPTION_RETURN:
        what = f"branch to exception return value 0x{address:08x}, though no exception is active"
    else:
        what = f"instruction fetch from unmapped or execute-never 0x{address:08x}"
    return Detail(what + _origin(return_address), FaultKind.FETCH_ERROR)


def arm_state(address: int, return_address: int) -> Detail:
    """Describe a branch that cleared the Thumb bit."""
    words = f"branch to 0x{address:08x} without the Thumb bit" + _origin(return_address)
    return Detail(words, FaultKind.INVALID_STATE)


def undefined_instruction(code: bytes, cpu: CpuModel) -> Detail:
    """Describe an instruction that the core does not have, from the four bytes at its address."""
    instruction = thumb_code.first_instruction(code)
    where = ": RAM that nothing was loaded to" if code.startswith(PAINT) else f" on {cpu}"
    return Detail(f"undefined instruction {instruction}{where}", FaultKind.UNDEFINED_INSTRUCTION)


def budget_spent(instructions: int) -> Detail:
    """Describe the end of a run that did not end by itself."""
    return Detail(f"still running after {instructions} instructions")


def no_vector(address: int) -> Detail:
    """Describe an interrupt of SysTick without a vector table."""
    words = f"SysTick interrupt, and no RAM at 0x{address:08x} where VTOR has its vector"
    return Detail(words, FaultKind.OTHER)


def no_room_for_frame(address: int) -> Detail:
    """Describe an interrupt whose stack frame does not fit."""
    words = f"SysTick interrupt, and no RAM for its stack frame at 0x{address:08x}"
    return Detail(words, FaultKind.BUS_ERROR, address)


def handler_hangs(address: int) -> Detail:
    """Describe a handler that does not return."""
    return Detail(f"the SysTick handler at 0x{address & ~1:08x} does not return")


def _origin(return_address: int) -> str:
    return f", with lr 0x{return_address:08x}"
