"""Why an emulated run ended, in clauses that a firmware engineer understands."""

from loaderconv.emulator import thumb_code
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.memory_map import PAINT

# Exception numbers that Unicorn's interrupt hook hands over (QEMU 5, target/arm/cpu.h, EXCP_*).
SUPERVISOR_CALL = 2
PREFETCH_ABORT = 3
BREAKPOINT = 7

_EXCEPTIONS = {
    2: "supervisor call (SVC), which nothing here handles",
    4: "unaligned access",
    8: "return from an exception, though none is active",
    17: "floating point or coprocessor instruction (NOCP)",
    18: "invalid execution state (INVSTATE)",
    19: "stack pointer below its limit (STKOF)",
    20: "lazy saving of floating point state failed",
}

FIRST_EXCEPTION_RETURN = 0xFF00_0000
"""From here up a branch target is an exception return value or lockup (Armv7-M manual, B1.5.8)."""

FLOATING_POINT_OFF = "floating point used while CPACR leaves the FPU off"
RESET = "system reset requested"
BRANCH_TO_ITSELF = "branch to itself, which nothing can end"


def exception(number: int, cpu: CpuModel) -> str:
    """Describe an exception that has no more than a number."""
    return f"{_EXCEPTIONS.get(number, f'exception {number}')} on {cpu}"


def data_access(verb: str, address: int, size_bytes: int) -> str:
    """Describe a read or write where there is neither RAM nor a device."""
    return f"{verb} 0x{address:08x}, {size_bytes} {'byte' if size_bytes == 1 else 'bytes'}"


def bus_fault(address: int, window_name: str, message: str) -> str:
    """Describe an access that a device model answered with a bus error."""
    return f"bus fault at 0x{address:08x} in {window_name}: {message}"


def instruction_fetch(address: int, return_address: int) -> str:
    """Describe a jump to where no instruction can be fetched."""
    if address >= FIRST_EXCEPTION_RETURN:
        what = f"branch to exception return value 0x{address:08x}, though no exception is active"
    else:
        what = f"instruction fetch from unmapped or execute-never 0x{address:08x}"
    return what + _origin(return_address)


def arm_state(address: int, return_address: int) -> str:
    """Describe a branch that cleared the Thumb bit."""
    return f"branch to 0x{address:08x} without the Thumb bit" + _origin(return_address)


def undefined_instruction(code: bytes, cpu: CpuModel) -> str:
    """Describe an instruction that the core does not have, from the four bytes at its address."""
    instruction = thumb_code.first_instruction(code)
    if code.startswith(PAINT):
        return f"undefined instruction {instruction}: RAM that nothing was loaded to"
    return f"undefined instruction {instruction} on {cpu}"


def budget_spent(instructions: int) -> str:
    """Describe the end of a run that did not end by itself."""
    return f"still running after {instructions} instructions"


def no_vector(address: int) -> str:
    """Describe an interrupt of SysTick without a vector table."""
    return f"SysTick interrupt, and no RAM at 0x{address:08x} where VTOR has its vector"


def no_room_for_frame(address: int) -> str:
    """Describe an interrupt whose stack frame does not fit."""
    return f"SysTick interrupt, and no RAM for its stack frame at 0x{address:08x}"


def handler_hangs(address: int) -> str:
    """Describe a handler that does not return."""
    return f"the SysTick handler at 0x{address & ~1:08x} does not return"


def _origin(return_address: int) -> str:
    return f", with lr 0x{return_address:08x}"
