"""The bytes that a program loads, as halfwords with their kinds."""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from loaderconv.lint.code.kinds import DATA, kinds_of
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment

_MOST_BYTES = 0x10_0000
"""More is looked at in no file: the largest code of a real loader has less than 140 KB."""


@dataclass(frozen=True, eq=False)
class Region:
    """A stretch of loaded bytes.

    Attributes:
        start: address of the first halfword.
        halfwords: in the order of their addresses, and a zero: the last one may look like half an instruction.
        kinds: of each halfword; the walk marks in it what it has seen.
        misalignment: 1 where `start` is no multiple of 4: pc-relative loads count from the word below.
    """

    start: int
    halfwords: "array[int]"
    kinds: bytearray = field(repr=False)
    misalignment: int

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.start + 2 * len(self.kinds)

    def mark_data(self, start: int, end: int) -> None:
        """Mark the halfwords between two addresses as no code."""
        first = max(0, (start - self.start) // 2)
        behind = min(len(self.kinds), (end - self.start + 1) // 2)
        if first < behind:
            self.kinds[first:behind] = bytes([DATA]) * (behind - first)


class Regions:
    """All stretches. Where two hold an address the later one counts, as for hosts that write them in order."""

    def __init__(self, image: ElfImage) -> None:
        self._image = image
        self._segments = [s for s in reversed(image.load_segments) if len(s.data) > 1 and not s.address & 1]
        self._regions: dict[ElfSegment, Region] = {}
        self._bytes_left = _MOST_BYTES

    def holding(self, address: int) -> Region | None:
        """Return the region that holds the halfword at an address; it is made when it is first asked for."""
        for segment in self._segments:
            if 0 <= address - segment.address < len(segment.data) - 1:
                region = self._regions.get(segment) or self._made(segment)
                return region if address < region.end else None
        return None

    def looked_at(self) -> Iterator[tuple[int, bytes]]:
        """Return address and bytes of what was asked for."""
        for segment, region in self._regions.items():
            yield region.start, segment.data[: region.end - region.start]

    def _made(self, segment: ElfSegment) -> Region:
        size_bytes = min(len(segment.data), self._bytes_left) & ~1
        self._bytes_left -= size_bytes
        region = self._regions[segment] = _region(segment, size_bytes, self._mapped_data)
        return region

    @cached_property
    def _mapped_data(self) -> list[tuple[int, int]]:
        return merged(_mapped_data(self._image))


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the addresses between starts and ends, from the lowest up and each of them once."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def _region(segment: ElfSegment, size_bytes: int, mapped_data: list[tuple[int, int]]) -> Region:
    halfwords = array("H", segment.data[:size_bytes])
    if sys.byteorder == "big":
        halfwords.byteswap()
    kinds = kinds_of(halfwords)
    halfwords.append(0)
    region = Region(segment.address, halfwords, kinds, segment.address >> 1 & 1)
    for start, end in mapped_data[max(0, bisect_right(mapped_data, (region.start, 0)) - 1) :]:
        if start >= region.end:
            break
        region.mark_data(start, end)
    return region


def _mapped_data(image: ElfImage) -> Iterable[tuple[int, int]]:
    """Return where mapping symbols say that there is data or Arm code, as starts and ends.

    Each symbol counts up to the next one of its section, or to the section's end.
    """
    marks: dict[ElfSection, list[tuple[int, str]]] = {}
    for symbol in image.symbols:
        name = symbol.name
        if name[:1] == "$" and name[1:2] in ("a", "d", "t") and name[2:3] in ("", "."):
            section = symbol.section
            if section is not None and section.flags & c.SHF_EXECINSTR:
                marks.setdefault(section, []).append((symbol.value & ~1, name[1]))
    for section, found in marks.items():
        found.sort()
        ends = [address for address, _ in found]
        for address, what in found:
            if what != "t":
                index = bisect_right(ends, address)
                yield address, min(ends[index] if index < len(ends) else section.end, section.end)
