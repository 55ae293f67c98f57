"""What of a linked file ends up in the target's memory.

File bytes come from PT_LOAD, zero-initialised ranges from NOBITS sections. p_memsz is never trusted: ST's H7RS linker
script makes it 64 MB, IAR leaves zero-initialised data out of it (docs/formats/stldr.md, What breaks a naive parser).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment, SegmentView
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.memory import Part, Segment

_MAX_ALIGNMENT_GAP = 64
"""Zero-initialised data this close behind a segment's bytes belongs to it; farther away it is a range of its own."""


@dataclass(frozen=True)
class LoadedRange:
    """Bytes and zeros at consecutive addresses.

    Attributes:
        address: of the first byte.
        data: what the file holds.
        memory_size_bytes: with the zeros behind `data`.
        flags: p_flags of the segment, or of a segment as the section's flags ask for.
    """

    address: int
    data: bytes
    memory_size_bytes: int
    flags: int

    @property
    def end(self) -> int:
        """First address behind the range."""
        return self.address + self.memory_size_bytes


def segment_of(section: ElfSection | None) -> ElfSegment | None:
    """Return the PT_LOAD that holds a section's bytes, None for NOBITS and for sections outside of every segment."""
    if section is not None and isinstance(section.content, SegmentView):
        return section.content.segment
    return None


def loaded_ranges(image: ElfImage, *, without: ElfSegment | None) -> tuple[LoadedRange, ...]:
    """Return what a host downloads, by address, except the segment that holds only the descriptor."""
    segments = [s for s in image.load_segments if s is not without and s.data]
    sizes = {segment: len(segment.data) for segment in segments}
    alone = []
    zeros = [s for s in image.sections if s.type == c.SHT_NOBITS and s.is_allocated and s.size_bytes]
    for section in sorted(zeros, key=lambda section: section.address):
        hosts = [s for s in segments if _follows(section, s, sizes[s])]
        host = max(hosts, key=lambda segment: segment.address, default=None)
        if host is None:
            flags = c.PF_R | (c.PF_W if section.flags & c.SHF_WRITE else 0)
            alone.append(LoadedRange(section.address, b"", section.size_bytes, flags))
        else:
            sizes[host] = max(sizes[host], section.end - host.address)
    found = [LoadedRange(s.address, s.data, sizes[s], s.flags) for s in segments]
    return tuple(sorted([*found, *alone], key=lambda each: each.address))


def _follows(section: ElfSection, segment: ElfSegment, size_bytes: int) -> bool:
    return segment.address <= section.address <= segment.address + size_bytes + _MAX_ALIGNMENT_GAP


def addresses_of(ranges: Iterable[LoadedRange]) -> list[AddressRange]:
    """Return the addresses that ranges take, from the lowest up, each of them once: ranges may overlap."""
    found: list[AddressRange] = []
    end = 0
    for each in sorted(ranges, key=lambda each: each.address):
        start = max(each.address, end)
        if start < each.end:
            found.append(AddressRange(start=start, size_bytes=each.end - start))
            end = each.end
    return found


def as_whole_segment(loaded: LoadedRange) -> Segment:
    """Return a range as one segment of the common model, whose flags tell whether it is code."""
    part = Part.CODE if loaded.flags & c.PF_X else Part.DATA
    return as_segment(part, loaded, loaded.address, loaded.end)


def as_segment(part: Part, loaded: LoadedRange, start: int, end: int) -> Segment:
    """Return the addresses from `start` to `end` of a range as a segment of the common model."""
    return Segment(
        part=part,
        address=start,
        data=loaded.data[start - loaded.address : end - loaded.address],
        memory_size_bytes=end - start,
        writable=bool(loaded.flags & c.PF_W),
        executable=bool(loaded.flags & c.PF_X),
    )


def lowest_data_address(image: ElfImage, *, without: ElfSection | None) -> int | None:
    """Return where the variables start, None where there are none; the descriptor's section is none of them.

    A section that is executable too is code that GNU ld made writable, not data.
    """
    data = (
        section
        for section in image.sections
        if section.is_allocated
        and section.flags & c.SHF_WRITE
        and not section.flags & c.SHF_EXECINSTR
        and section.size_bytes
        and section is not without
    )
    return min((section.address for section in data), default=None)


def image_alignment(image: ElfImage, *, without: ElfSegment | None) -> int:
    """Return the largest alignment of the sections that are loaded; odd values count as 1."""
    wanted = 1
    for section in image.sections:
        power_of_two = section.alignment > 0 and section.alignment & (section.alignment - 1) == 0
        if section.is_allocated and power_of_two and (without is None or segment_of(section) is not without):
            wanted = max(wanted, section.alignment)
    return wanted
