"""Thumb code from halfwords, as manuals print it."""

import struct


def code(*halfwords: int) -> bytes:
    """Return code in memory order, filled up to whole words with NOP."""
    padded = [*halfwords, 0xBF00] if len(halfwords) % 2 else halfwords
    return struct.pack(f"<{len(padded)}H", *padded)


def words(*values: int) -> bytes:
    """Return literals."""
    return struct.pack(f"<{len(values)}I", *values)


def bl(source: int, target: int) -> tuple[int, int]:
    """Return BL (T1) at one address to another, near enough that J1 and J2 are 1."""
    offset = target - source - 4
    if not -0x40_0000 <= offset < 0x40_0000:
        raise ValueError(f"0x{target:x} is too far from 0x{source:x}")
    return 0xF000 | (offset < 0) << 10 | offset >> 12 & 0x3FF, 0xF800 | offset >> 1 & 0x7FF
