"""Addresses of peripherals and identifications of memories that a loader's code holds: for what it was built."""

import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise

from loaderconv.emulator.devices.serial_nor_part import is_jedec_id
from loaderconv_schemas.memory import Segment

_PERIPHERALS = ((0x4000_0000, 0x6000_0000), (0xA000_0000, 0xA001_0000))
"""ARMv7-M Architecture Reference Manual, B3.1; FMC and QUADSPI registers of STM32 lie in the second range."""

_MOVW, _MOVT, _MOVE_MASK = 0xF240, 0xF2C0, 0xFBF0


def peripheral_constants(segments: Iterable[Segment]) -> frozenset[int]:
    """Return the words that look like either: aligned words, and pairs of MOVW and MOVT."""
    return frozenset(
        word
        for segment in segments
        for word in (*_words(segment), *_moved(segment))
        if any(start <= word < end for start, end in _PERIPHERALS) or is_jedec_id(word)
    )


def _words(segment: Segment) -> Iterator[int]:
    lead = -segment.address % 4
    body = segment.data[lead:]
    return (word for (word,) in struct.iter_unpack("<I", body[: len(body) & ~3]))


def _moved(segment: Segment) -> Iterator[int]:
    """Yield what MOVT completes, by the last MOVW to the same register (Armv7-M manual, A7.7.76 and A7.7.79)."""
    if not segment.executable:
        return
    lower: dict[int, int] = {}
    lead = segment.address % 2
    body = segment.data[lead:]
    halves = [half for (half,) in struct.iter_unpack("<H", body[: len(body) & ~1])]
    for first, second in pairwise(halves):
        opcode = first & _MOVE_MASK
        if opcode not in (_MOVW, _MOVT) or second & 0x8000:
            continue
        immediate = (first & 0xF) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF
        register = second >> 8 & 0xF
        if opcode == _MOVW:
            lower[register] = immediate
        elif register in lower:
            yield immediate << 16 | lower[register]
