"""What Thumb instructions of two bytes do to registers."""

from collections.abc import Callable

from loaderconv.lint.code.values import Registers, exact


def take(registers: Registers, halfword: int) -> None:
    """Apply an instruction; literals and branches are none of this module's."""
    action = _ACTIONS.get(halfword >> 11)
    if action is not None:
        action(registers, halfword)


def _low(halfword: int) -> int:
    """Return the register in bits 0 to 2."""
    return halfword & 7


def _middle(halfword: int) -> int:
    """Return the register in bits 3 to 5."""
    return halfword >> 3 & 7


def _upper(halfword: int) -> int:
    """Return the register in bits 8 to 10."""
    return halfword >> 8 & 7


def _offset(halfword: int) -> int:
    """Return the number in bits 6 to 10, which counts what is loaded or stored."""
    return halfword >> 6 & 0x1F


def _shift_left(registers: Registers, halfword: int) -> None:
    """LSL with a constant; by 0 it is MOV."""
    number = registers.number(_middle(halfword))
    if _offset(halfword) == 0:
        registers.put(_low(halfword), registers.values[_middle(halfword)])
    else:
        registers.put(_low(halfword), None if number is None else exact(number << _offset(halfword)))


def _add_three(registers: Registers, halfword: int) -> None:
    """ADD and SUB with three operands."""
    low, middle, operand = _low(halfword), _middle(halfword), halfword >> 6 & 7
    match halfword >> 9 & 3:
        case 0:
            registers.add(low, middle, operand)
        case 2:
            registers.add_number(low, middle, operand)
        case 3:
            registers.add_number(low, middle, -operand)
        case _:
            registers.forget(low)


def _move_number(registers: Registers, halfword: int) -> None:
    registers.put(_upper(halfword), exact(halfword & 0xFF))


def _add_number(registers: Registers, halfword: int) -> None:
    registers.add_number(_upper(halfword), _upper(halfword), halfword & 0xFF)


def _subtract_number(registers: Registers, halfword: int) -> None:
    registers.add_number(_upper(halfword), _upper(halfword), -(halfword & 0xFF))


def _arithmetic(registers: Registers, halfword: int) -> None:
    """Data processing, and ADD, CMP, MOV with high registers."""
    target, source = halfword & 7 | halfword >> 4 & 8, halfword >> 3 & 0xF
    match halfword >> 8:
        case 0x44:
            registers.add(target, target, source)
        case 0x46:
            registers.put(target, registers.values[source])
        case 0x45 | 0x47:
            pass
        case 0x42 if halfword & 0xC0 != 0x40:
            pass
        case _:
            registers.forget(_low(halfword))


def _indexed(registers: Registers, halfword: int) -> None:
    """Loads and stores with two registers: STR, STRH, STRB, and five loads."""
    if halfword >> 9 & 7 < 3:
        registers.store_indexed(_middle(halfword), halfword >> 6 & 7)
    else:
        registers.forget(_low(halfword))


def _store_word(registers: Registers, halfword: int) -> None:
    registers.store(_middle(halfword), 4 * _offset(halfword))


def _store_byte(registers: Registers, halfword: int) -> None:
    registers.store(_middle(halfword), _offset(halfword))


def _store_halfword(registers: Registers, halfword: int) -> None:
    registers.store(_middle(halfword), 2 * _offset(halfword))


def _load_word(registers: Registers, halfword: int) -> None:
    registers.load(_low(halfword), _middle(halfword), 4 * _offset(halfword))


def _forget_low(registers: Registers, halfword: int) -> None:
    registers.forget(_low(halfword))


def _forget_upper(registers: Registers, halfword: int) -> None:
    registers.forget(_upper(halfword))


def _miscellaneous(registers: Registers, halfword: int) -> None:
    """POP, extensions and reversals; the rest writes no register."""
    if halfword >> 9 == 0xBC00 >> 9:
        registers.forget_listed(halfword & 0xFF)
    elif halfword >> 8 in (0xB2, 0xBA):
        registers.forget(_low(halfword))


def _load_multiple(registers: Registers, halfword: int) -> None:
    registers.forget_listed(halfword & 0xFF | 1 << _upper(halfword))


_ACTIONS: dict[int, Callable[[Registers, int], None]] = {
    0: _shift_left,
    1: _forget_low,
    2: _forget_low,
    3: _add_three,
    4: _move_number,
    6: _add_number,
    7: _subtract_number,
    8: _arithmetic,
    10: _indexed,
    11: _indexed,
    12: _store_word,
    13: _load_word,
    14: _store_byte,
    15: _forget_low,
    16: _store_halfword,
    17: _forget_low,
    19: _forget_upper,
    20: _forget_upper,
    21: _forget_upper,
    22: _miscellaneous,
    23: _miscellaneous,
    24: _forget_upper,
    25: _load_multiple,
}
"""By the top five bits."""
