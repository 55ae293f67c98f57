"""Where the branches of Thumb code lead."""

from array import array


def short_branch(halfword: int) -> int:
    """Return the offset of `B` (T2), in halfwords from the instruction."""
    return 2 + ((halfword & 0x7FF) ^ 0x400) - 0x400


def short_conditional(halfword: int) -> int:
    """Return the offset of `Bcc` (T1), in halfwords from the instruction."""
    return 2 + ((halfword & 0xFF) ^ 0x80) - 0x80


def compare_and_branch(halfword: int) -> int:
    """Return the offset of `CBZ` and `CBNZ`, in halfwords from the instruction."""
    return 2 + (halfword >> 3 & 0x1F) + (halfword >> 4 & 0x20)


def long_branch(first: int, second: int) -> int:
    """Return the offset of `BL` (T1) and `B.W` (T4), in halfwords from the instruction."""
    sign = first >> 10 & 1
    high = (sign << 1 | (second >> 13 & 1) ^ 1 ^ sign) << 1 | (second >> 11 & 1) ^ 1 ^ sign
    offset = high << 21 | (first & 0x3FF) << 11 | second & 0x7FF
    return 2 + (offset ^ 0x80_0000) - 0x80_0000


def long_conditional(first: int, second: int) -> int:
    """Return the offset of `Bcc.W` (T3), in halfwords from the instruction."""
    high = (first >> 10 & 1) << 2 | (second >> 11 & 1) << 1 | second >> 13 & 1
    offset = high << 17 | (first & 0x3F) << 11 | second & 0x7FF
    return 2 + (offset ^ 0x8_0000) - 0x8_0000


def table_branch_targets(halfwords: "array[int]", index: int) -> list[int] | None:
    """Return the indexes to which TBB or TBH at `index` leads, None where nothing in front of it bounds the table.

    Compilers write `cmp rN, #last; bhi default` (or `bhs`) in front of it.
    """
    first, second = halfwords[index], halfwords[index + 1]
    if index < 2 or first & 0xF != 15:
        return None
    compare, condition = halfwords[index - 2], halfwords[index - 1] >> 8
    if halfwords[index - 1] & 0xD000 == 0x8000:
        compare, condition = halfwords[index - 3], _SHORT_CONDITIONS.get(halfwords[index - 2] & 0xFBC0, 0)
    if condition not in (_HIGHER, _HIGHER_OR_SAME) or compare >> 11 != 5 or compare >> 8 & 7 != second & 0xF:
        return None
    count = (compare & 0xFF) + (condition == _HIGHER)
    table = index + 2
    if second & 0x10:
        return [table + offset for offset in halfwords[table : table + count]]
    return [table + offset for offset in halfwords[table : table + (count + 1) // 2].tobytes()[:count]]


def switch_targets(halfwords: "array[int]", index: int) -> list[int] | None:
    """Return the indexes to which armcc's `__ARM_common_switch8` leads, called right in front of `index`.

    A byte tells how many offsets follow; one more is for everything else. Offsets count halfwords from that byte.
    """
    count = halfwords[index] & 0xFF
    table = halfwords[index : index + count // 2 + 1].tobytes()[1 : count + 2]
    return [index + offset for offset in table]


_HIGHER, _HIGHER_OR_SAME = 0xD8, 0xD2
_SHORT_CONDITIONS = {0xF200: _HIGHER, 0xF080: _HIGHER_OR_SAME}
