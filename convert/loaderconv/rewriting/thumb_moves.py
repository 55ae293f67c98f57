"""The 16-bit constants in MOVW and MOVT (ARMv7-M Architecture Reference Manual, A7.7.76 encoding T3, A7.7.79)."""

import struct
from dataclasses import dataclass

SIZE_BYTES = 4

_OPCODE_MASK = 0xFBF0
_MOVW = 0xF240
_MOVT = 0xF2C0


@dataclass(frozen=True)
class MoveImmediate:
    """A MOVW or MOVT instruction.

    Attributes:
        is_top: MOVT, which sets the upper half of the register.
        register: number of the destination register.
        constant: the 16 bits.
    """

    is_top: bool
    register: int
    constant: int


def decode(code: bytes) -> MoveImmediate | None:
    """Return the instruction in four bytes, None where it is another one."""
    first, second = struct.unpack("<HH", code)
    opcode = first & _OPCODE_MASK
    if opcode not in (_MOVW, _MOVT) or second & 0x8000:
        return None
    constant = (first & 0xF) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF
    return MoveImmediate(opcode == _MOVT, second >> 8 & 0xF, constant)


def with_constant(code: bytes, constant: int) -> bytes:
    """Return the instruction with another constant."""
    first, second = struct.unpack("<HH", code)
    first = first & ~0x040F | constant >> 12 & 0xF | (constant >> 11 & 1) << 10
    second = second & ~0x70FF | (constant >> 8 & 7) << 12 | constant & 0xFF
    return struct.pack("<HH", first, second)
