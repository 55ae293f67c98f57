"""Addresses of peripherals and identifications of memories that a loader's code holds: for what it was built."""

import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise

from loaderconv.emulator.devices.serial_nor_part import is_jedec_id
from loaderconv_schemas.memory import Segment

_PERIPHERALS = ((0x4000_0000, 0x6000_0000), (0xA000_0000, 0xA001_0000))
"""ARMv7-M Architecture Reference Manual, B3.1; FMC and QUADSPI registers of STM32 lie in the second range."""

_MOVW, _MOVT, _MOVE_MASK = 0xF240, 0xF2C0, 0xFBF0
_MOVS = 0x2000
_MOV_ROTATED, _ROTATE_MASK, _LEAST_ROTATION = 0xF04F, 0xFBEF, 8


def peripheral_constants(segments: Iterable[Segment]) -> frozenset[int]:
    """Return the words that look like either: aligned words, and what one or two instructions put together."""
    return frozenset(
        word
        for segment in segments
        for word in (*_words(segment), *_moved(segment), *_rotated(segment), *_shifted(segment))
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
    for first, second in pairwise(_halves(segment)):
        opcode = first & _MOVE_MASK
        if opcode not in (_MOVW, _MOVT) or second & 0x8000:
            continue
        immediate = (first & 0xF) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF
        register = second >> 8 & 0xF
        if opcode == _MOVW:
            lower[register] = immediate
        elif register in lower:
            yield immediate << 16 | lower[register]


def _rotated(segment: Segment) -> Iterator[int]:
    """Yield what MOV.W makes of eight bits, if that is rotated (A7.7.76, encoding T2, and A5.3.2)."""
    if not segment.executable:
        return
    for first, second in pairwise(_halves(segment)):
        rotation = (first >> 10 & 1) << 4 | (second >> 12 & 7) << 1 | second >> 7 & 1
        if first & _ROTATE_MASK == _MOV_ROTATED and not second & 0x8000 and rotation >= _LEAST_ROTATION:
            yield (second & 0x7F | 0x80) << 32 - rotation & 0xFFFF_FFFF


def _shifted(segment: Segment) -> Iterator[int]:
    """Yield what LSLS makes of the eight bits that MOVS put into the same register just before, as code for M0 does."""
    if not segment.executable:
        return
    for first, second in pairwise(_halves(segment)):
        register = first >> 8 & 7
        if first & 0xF800 == _MOVS and second & 0xF83F == register << 3 | register:
            yield (first & 0xFF) << (second >> 6 & 0x1F) & 0xFFFF_FFFF


def _halves(segment: Segment) -> list[int]:
    lead = segment.address % 2
    body = segment.data[lead:]
    return [half for (half,) in struct.iter_unpack("<H", body[: len(body) & ~1])]
