"""The numbers in a loader's image that tell which machine it was made for."""

from collections.abc import Iterable, Iterator

from loaderconv.emulator.devices.serial_nor_part import is_jedec_id
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.memory import Segment

PERIPHERALS = (
    AddressRange(start=0x4000_0000, size_bytes=0x2000_0000),
    AddressRange(start=0xA000_0000, size_bytes=0x1_0000),
)
WORD_BYTES = 4
MOVT_WITHIN_BYTES = 32
"""How far behind a MOVW the MOVT of the same register is looked for."""


def image_constants(segments: Iterable[Segment]) -> frozenset[int]:
    """Return the words that look like addresses of peripherals or JEDEC ids: literals, and pairs of MOVW and MOVT."""
    return frozenset(word for segment in segments for word in _words(segment) if _is_telling(word))


def _is_telling(word: int) -> bool:
    return is_jedec_id(word) or any(word in each for each in PERIPHERALS)


def _words(segment: Segment) -> Iterator[int]:
    data = segment.data
    for offset in range(-segment.address % WORD_BYTES, len(data) - WORD_BYTES + 1, WORD_BYTES):
        yield int.from_bytes(data[offset : offset + WORD_BYTES], "little")
    for offset in range(segment.address % 2, len(data) - WORD_BYTES + 1, 2):
        low = _move(data, offset, 0xF240)
        if low is not None:
            yield from _completed(data, offset + WORD_BYTES, *low)


def _completed(data: bytes, start: int, register: int, low: int) -> Iterator[int]:
    for offset in range(start, min(start + MOVT_WITHIN_BYTES, len(data) - WORD_BYTES + 1), 2):
        high = _move(data, offset, 0xF2C0)
        if high is not None and high[0] == register:
            yield high[1] << 16 | low
            return


def _move(data: bytes, offset: int, opcode: int) -> tuple[int, int] | None:
    """Return register and immediate of a MOVW (0xF240) or MOVT (0xF2C0), None for another instruction."""
    first = data[offset] | data[offset + 1] << 8
    if first & 0xFBF0 != opcode:
        return None
    second = data[offset + 2] | data[offset + 3] << 8
    if second & 0x8000:
        return None
    immediate = (first & 0xF) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF
    return second >> 8 & 0xF, immediate
