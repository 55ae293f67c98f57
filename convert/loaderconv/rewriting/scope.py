"""What of a document moves, and how far it reaches."""

from dataclasses import dataclass

from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_schemas.errors import ConversionRefused


@dataclass(frozen=True)
class Scope:
    """All that is loaded but for one segment.

    Attributes:
        sections: with what is zero-initialised.
        segments: PT_LOAD only.
        start: lowest address.
        end: first address behind.
    """

    sections: frozenset[ElfSection]
    segments: tuple[ElfSegment, ...]
    start: int
    end: int


def scope_of(image: ElfImage, *, pinned: ElfSegment | None) -> Scope:
    """Return what moves: everything that is allocated, where it lies in one memory.

    A section far away stands for what has its address from somebody else: registers, or RAM that two cores share. What
    of it would have to move nobody can tell.

    Raises:
        ConversionRefused: something lies more than 64 KiB behind the end of what precedes it, or nothing would move.
    """
    sections = [s for s in image.sections if s.is_allocated and (pinned is None or segment_of(s) is not pinned)]
    segments = tuple(segment for segment in image.load_segments if segment is not pinned)
    # Not by p_memsz, which may span two memories (docs/formats/stldr.md, What breaks a naive parser).
    taken = [(s.address, s.file_end, "segment") for s in segments]
    taken += [(s.address, s.end, f"section {s.name!a}") for s in sections]
    if not taken:
        raise ConversionRefused("The file has nothing that could be moved.", hint="Link the driver into RAM.")
    taken.sort()
    start = end = taken[0][0]
    for its_start, its_end, what in taken:
        if its_start - end > MAX_GAP_BYTES:
            raise ConversionRefused(
                f"The {what} at 0x{its_start:08x} lies far from the image at 0x{start:08x}, which has to move; nothing"
                " tells whether it would have to move too.",
                hint="Link the image for its address, or give registers and shared RAM addresses instead of a section.",
            )
        end = max(end, its_end)
    return Scope(frozenset(sections), segments, start, end)
