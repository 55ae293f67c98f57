"""The segment that stays where it is when a stldr moves."""

from loaderconv_formats.elf.image import ElfImage, ElfSegment
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.routines import descriptor_segment
from loaderconv_formats.stldr import abi
from loaderconv_schemas.loader import Loader


def pinned_descriptor(image: ElfImage, loader: Loader) -> ElfSegment | None:
    """Return the descriptor's own segment; one among the image's addresses moves with it, or they would overlap.

    Args:
        image: a stldr.
        loader: its meaning.
    """
    symbol = symbols_by_name(image)[abi.DESCRIPTOR_SYMBOL]
    segment = descriptor_segment(image, symbol, loader.entry_points)
    if segment is None:
        return None
    taken = [(s.address, s.range.end + abi.RAM_BASE_ALIGNMENT) for s in loader.image_segments]
    is_among = any(start < segment.memory_end and segment.address < end for start, end in taken)
    return None if is_among else segment
