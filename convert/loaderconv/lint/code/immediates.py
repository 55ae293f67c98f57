"""The constants inside of Thumb instructions."""


def moved(first: int, second: int) -> int:
    """Return the 16 bits of MOVW and MOVT."""
    return (first & 0xF) << 12 | (first & 0x400) << 1 | (second & 0x7000) >> 4 | second & 0xFF


def expanded(first: int, second: int) -> int:
    """Return the constant of an instruction with a modified immediate (ThumbExpandImm)."""
    code = (first & 0x400) << 1 | (second & 0x7000) >> 4 | second & 0xFF
    low = code & 0xFF
    if code < 0x400:
        return low * (1, 0x0001_0001, 0x0100_0100, 0x0101_0101)[code >> 8]
    rotation = code >> 7
    value = 0x80 | low & 0x7F
    return (value >> rotation | value << 32 - rotation) & 0xFFFF_FFFF


def wide_literal_distance(first: int, second: int) -> int:
    """Return how many bytes from pc `ldr.w rT, [pc, #n]` (T2) loads."""
    return second & 0xFFF if first & 0x80 else -(second & 0xFFF)
