"""What an instruction's first halfword tells, as one character for each halfword of a program.

A regular expression then skips the instructions that neither branch nor bring a constant. That is what makes the walk
quick: Python looks at about one instruction in three.
"""

import re
from array import array
from collections.abc import Iterable

NARROW_LOW, NARROW_HIGH = b"nN"
"""Nothing to see, below 0x8000 and above: a second halfword's top bit tells branches from arithmetic."""

WIDE, WIDE_TOP = b"wW"
"""Nothing to see, four bytes; from 0xF000 on in upper case, since a second halfword may name pc there."""

LITERAL = b"l"[0]
CONDITIONAL, COMPARE_ZERO, BRANCH = b"dzb"
POP_PC, REGISTER_BRANCH = b"px"
WAIT_OR_IT, BREAKPOINT, STATE, SUPERVISOR, UNDEFINED = b"ikcsu"
BRANCH_OR_ARITHMETIC, WIDE_LITERAL, LOAD_WORD = b"fLr"
MULTIPLE, COPROCESSOR = b"ev"

SEEN, DATA = b"VD"
"""Marks that the walk sets: halfwords that it has been to, and those that are no code."""

_SKIP = re.compile(rb"(?:[nN]++|[wW].|[fe][nlx]|r[^WfLrvVD])*+", re.DOTALL)

skip = _SKIP.match
"""Matches instructions of no interest from a position on.

Below 0x8000 the second halfword makes arithmetic of a branch, and a list without pc of a POP or LDM. A word load whose
second halfword is below 0xF000 does not load pc.
"""

_RANGES = (
    (0x0000, 0x4800, NARROW_LOW),
    (0x4700, 0x4800, REGISTER_BRANCH),
    (0x4800, 0x5000, LITERAL),
    (0x5000, 0x8000, NARROW_LOW),
    (0x8000, 0xD000, NARROW_HIGH),
    (0xB100, 0xB200, COMPARE_ZERO),
    (0xB300, 0xB400, COMPARE_ZERO),
    (0xB660, 0xB680, STATE),
    (0xB700, 0xB800, UNDEFINED),
    (0xB800, 0xB900, UNDEFINED),
    (0xB900, 0xBA00, COMPARE_ZERO),
    (0xBB00, 0xBC00, COMPARE_ZERO),
    (0xBD00, 0xBE00, POP_PC),
    (0xBE00, 0xBF00, BREAKPOINT),
    (0xBF00, 0xC000, WAIT_OR_IT),
    (0xD000, 0xDE00, CONDITIONAL),
    (0xDE00, 0xDF00, UNDEFINED),
    (0xDF00, 0xE000, SUPERVISOR),
    (0xE000, 0xE800, BRANCH),
    (0xE800, 0xF000, WIDE),
    (0xEC00, 0xF000, COPROCESSOR),
    (0xF000, 0xF800, BRANCH_OR_ARITHMETIC),
    (0xF800, 0xFC00, WIDE_TOP),
    (0xFC00, 0x1_0000, COPROCESSOR),
)
_WRITES_PC = [high | low for high in (0x4400, 0x4600) for low in range(0x100) if low & 0x87 == 0x87]
_MULTIPLE_LOADS = [
    high | low for high in (0xE800, 0xE900) for low in range(0x100) if low & 0x50 == 0x10 or high | low & 0xF0 == 0xE8D0
]
_HINTS = [0xBF00 | hint << 4 for hint in range(16) if hint not in (2, 3)]
_WORD_LOADS = [0xF800 | low for low in range(0x100) if low & 0x70 == 0x50]
_WORD_LITERALS = (0xF85F, 0xF8DF)


def _table() -> bytes:
    """Return the kind of each first halfword."""
    table = bytearray(0x1_0000)
    for start, end, kind in _RANGES:
        table[start:end] = bytes([kind]) * (end - start)
    singles: tuple[tuple[Iterable[int], int], ...] = (
        (_WRITES_PC, REGISTER_BRANCH),
        (_MULTIPLE_LOADS, MULTIPLE),
        (_HINTS, NARROW_HIGH),
        (_WORD_LOADS, LOAD_WORD),
        (_WORD_LITERALS, WIDE_LITERAL),
    )
    for halfwords, kind in singles:
        for halfword in halfwords:
            table[halfword] = kind
    return bytes(table)


_kind_of = _table().__getitem__


def kinds_of(halfwords: "array[int]") -> bytearray:
    """Return the kind of each halfword, as if an instruction started there."""
    return bytearray(map(_kind_of, halfwords))
