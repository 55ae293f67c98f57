"""Recognises routines that compute nothing: all they do is to return a number, or the sum of two arguments."""

from loaderconv.lint.code import narrow, wide
from loaderconv.lint.code.regions import Regions
from loaderconv.lint.code.values import Registers, exact

_LOOK_AT_HALFWORDS = 32

_ARGUMENTS = ((0x1357_9BDF, 0x2468_ACE0, 0x7531_0246), (0x0FED_CBA9, 0x1234_5678, 0x6A5B_4C3D))
"""Two sets of first arguments: what is the same for both is a constant."""

_FRAME_POINTER = 7
_PURE = range(9)
"""Top five bits of instructions that only work on registers; 0x47 at their end is BX."""

_STACK_ACCESS = (18, 19, 21)
"""STR and LDR relative to sp, and the address of a variable there."""

_FRAME_ACCESS = (12, 13)
_SAFE_BYTES = (0xB0, 0xB2, 0xB4, 0xB5, 0xBC)
"""Moves of sp, extensions, PUSH, and POP without pc."""

_NOP = 0xBF00
_RETURN = 0x4770


def returned_number(regions: Regions, address: int) -> int | None:
    """Return the number that a routine answers whatever it is asked, None where it does anything else."""
    answer = _answer(regions, address, _ARGUMENTS[0])
    return answer if answer is not None and answer == _answer(regions, address, _ARGUMENTS[1]) else None


def returns_sum(regions: Regions, address: int) -> bool:
    """Tell whether all that a routine does is to answer the sum of its first two arguments."""
    return all(
        _answer(regions, address, arguments) == (arguments[0] + arguments[1]) & 0xFFFF_FFFF for arguments in _ARGUMENTS
    )


def _answer(regions: Regions, address: int, arguments: tuple[int, ...]) -> int | None:
    """Return what code without branches and memory accesses, but for the stack, leaves in r0."""
    region = regions.holding(address)
    if region is None:
        return None
    halfwords = region.halfwords
    registers = Registers([*map(exact, arguments), *[None] * (16 - len(arguments))])
    index = (address - region.start) >> 1
    end = min(index + _LOOK_AT_HALFWORDS, len(halfwords) - 1)
    while index < end:
        halfword = halfwords[index]
        registers.at(region.start + 2 * index)
        if halfword >> 8 == 0xBD or halfword == _RETURN or _pops_and_returns(halfwords[index - 1], halfword):
            return registers.number(0)
        if halfword & 0xFBEF in (0xF04F, 0xF240) and halfwords[index + 1] < 0x8000:
            wide.take(registers, halfword, halfwords[index + 1])
            index += 2
            continue
        if not _is_harmless(halfword):
            return None
        narrow.take(registers, halfword)
        index += 1
    return None


def _pops_and_returns(before: int, halfword: int) -> bool:
    """Tell whether two instructions are `pop {rN}; bx rN`, as for cores without POP to pc."""
    register = halfword >> 3 & 0xF
    return halfword & 0xFF80 == 0x4700 and register < 8 and before == 0xBC00 | 1 << register


def _is_harmless(halfword: int) -> bool:
    group, high = halfword >> 11, halfword >> 8
    if group in _PURE:
        return high != 0x47 and not (high in (0x44, 0x46) and halfword & 0x87 == 0x87)
    is_frame = group in _FRAME_ACCESS and halfword >> 3 & 7 == _FRAME_POINTER
    return is_frame or group in _STACK_ACCESS or high in _SAFE_BYTES or halfword == _NOP
