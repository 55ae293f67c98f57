"""What a halted core tells of a fault, in words.

Bits: Armv7-M Architecture Reference Manual, B3.2.15 (CFSR), B3.2.16 (HFSR); Armv8-M, D1.2. Armv6-M has none of them.
"""

from collections.abc import Callable

HFSR = 0xE000_ED2C
CFSR = 0xE000_ED28
MMFAR = 0xE000_ED34
BFAR = 0xE000_ED38

MMARVALID = 1 << 7
BFARVALID = 1 << 15

_CAUSES = {
    0: "instruction access violation",
    1: "data access violation",
    3: "access violation while an exception returned",
    4: "access violation while an exception was entered",
    5: "access violation while floating point state was saved",
    8: "instruction bus error",
    9: "precise data bus error",
    10: "imprecise data bus error",
    11: "bus error while an exception returned",
    12: "bus error while an exception was entered",
    13: "bus error while floating point state was saved",
    16: "undefined instruction",
    17: "invalid state, as after a branch without the Thumb bit",
    18: "invalid exception return",
    19: "no coprocessor: floating point while the FPU is off",
    20: "stack pointer below its limit",
    24: "unaligned access",
    25: "division by zero",
}
"""By the number of the bit in CFSR."""

_VECTOR_TABLE = 1 << 1

_EXCEPTIONS = {
    2: "NMI",
    3: "HardFault",
    4: "MemManage",
    5: "BusFault",
    6: "UsageFault",
    7: "SecureFault",
    11: "SVCall",
    12: "DebugMonitor",
    14: "PendSV",
    15: "SysTick",
}

FIRST_INTERRUPT = 16


def exception_name(number: int) -> str:
    """Return the name of an exception by its number in IPSR; empty in thread mode."""
    if number >= FIRST_INTERRUPT:
        return f"interrupt {number - FIRST_INTERRUPT}"
    return _EXCEPTIONS.get(number, f"exception {number}") if number else ""


def fault_words(read_word: Callable[[int], int]) -> str:
    """Return what the fault registers say, empty where they say nothing.

    Args:
        read_word: reads a word of memory.
    """
    status, hard = read_word(CFSR), read_word(HFSR)
    told = [words for bit, words in _CAUSES.items() if status >> bit & 1]
    if told and status & BFARVALID:
        told[-1] += f" at 0x{read_word(BFAR):08x}"
    if told and status & MMARVALID:
        told[-1] += f" at 0x{read_word(MMFAR):08x}"
    if hard & _VECTOR_TABLE:
        told.append("bus error at the vector table")
    if not told and not hard:
        return ""
    registers = f"CFSR 0x{status:08x}, HFSR 0x{hard:08x}"
    return f"{', '.join(told)} ({registers})" if told else registers


def clear_faults(read_word: Callable[[int], int], write_word: Callable[[int, int], None]) -> None:
    """Clear what an earlier fault left, so that the next one speaks for itself."""
    for address in (CFSR, HFSR):
        write_word(address, read_word(address))
