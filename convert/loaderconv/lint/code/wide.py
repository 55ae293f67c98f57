"""What Thumb instructions of four bytes do to registers."""

from loaderconv.lint.code.immediates import expanded, moved
from loaderconv.lint.code.values import Registers, exact


def take(registers: Registers, first: int, second: int) -> None:
    """Apply an instruction; literals and branches are none of this module's."""
    match first >> 8:
        case 0xE8 | 0xE9:
            _multiple(registers, first, second)
        case 0xEA | 0xEB:
            _shifted(registers, first, second)
        case 0xF8:
            _single(registers, first, second)
        case 0xF9:
            registers.forget(second >> 12, *([first & 0xF] if second & 0x900 == 0x900 else ()))
        case 0xFA:
            registers.forget(second >> 8 & 0xF)
        case high if 0xF0 <= high < 0xF8:
            if second < 0x8000:
                _immediate(registers, first, second)
            else:
                registers.forget(second >> 8 & 0xF)
        case _:
            registers.forget(second >> 12, second >> 8 & 0xF, first & 0xF)


def _multiple(registers: Registers, first: int, second: int) -> None:
    """LDM, STM, LDRD, STRD, and exclusive accesses."""
    base = first & 0xF
    if first & 0x40:
        is_dual = first & 0x120 and not first & 0x10
        if is_dual:
            offset = (second & 0xFF) * 4 * (1 if first & 0x80 else -1) if first & 0x100 else 0
            registers.store(base, offset)
            registers.store(base, offset + 4)
        else:
            registers.forget(second >> 12, second >> 8 & 0xF, second & 0xF)
        if first & 0x20:
            registers.forget(base)
    else:
        registers.forget_listed(second if first & 0x10 else 0)
        if first & 0x20:
            registers.forget(base)


def _shifted(registers: Registers, first: int, second: int) -> None:
    """Data processing with a shifted register: MOV and ADD are computed."""
    target, base = second >> 8 & 0xF, first & 0xF
    shift = second & 0x70F0
    if first & 0xFFEF == 0xEA4F and not shift:
        registers.put(target, registers.values[second & 0xF])
    elif first & 0xFFE0 == 0xEB00 and target != 0xF:
        if shift:
            registers.add_index(target, base)
        else:
            registers.add(target, base, second & 0xF)
    elif target != 0xF:
        registers.forget(target)


def _immediate(registers: Registers, first: int, second: int) -> None:
    """Data processing with a constant."""
    target, base = second >> 8 & 0xF, first & 0xF
    operation = first & 0xFBE0
    if first & 0xFBF0 == 0xF240:
        registers.put(target, exact(moved(first, second)))
    elif first & 0xFBF0 == 0xF2C0:
        lower = registers.number(target)
        registers.put(target, None if lower is None else exact(moved(first, second) << 16 | lower & 0xFFFF))
    elif first & 0xFBEF == 0xF04F:
        registers.put(target, exact(expanded(first, second)))
    elif operation in (0xF100, 0xF1A0) and target != 0xF:
        registers.add_number(target, base, expanded(first, second) * (1 if operation == 0xF100 else -1))
    elif operation in (0xF200, 0xF2A0) and base != 0xF:
        constant = (first & 0x400) << 1 | (second & 0x7000) >> 4 | second & 0xFF
        registers.add_number(target, base, constant * (1 if operation == 0xF200 else -1))
    elif target != 0xF:
        registers.forget(target)


def _single(registers: Registers, first: int, second: int) -> None:
    """Loads and stores of one word, halfword or byte."""
    base, register = first & 0xF, second >> 12
    if first & 0x80:
        offset: int | None = second & 0xFFF
    elif second & 0x800:
        offset = (second & 0xFF) * (1 if second & 0x200 else -1) if second & 0x400 else 0
    else:
        offset = None
    is_load, is_word = bool(first & 0x10), first & 0x60 == 0x40
    if is_load and is_word and offset is not None:
        registers.load(register, base, offset)
    elif is_load:
        registers.forget(register)
    elif offset is None:
        registers.store_indexed(base, second & 0xF)
    else:
        registers.store(base, offset)
    if not first & 0x80 and second & 0x900 == 0x900:
        registers.forget(base)
