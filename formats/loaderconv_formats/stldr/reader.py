"""Reads a stldr: the document's meaning as a Loader (docs/formats/stldr.md)."""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.anatomy import dissect
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.loaded import LoadedRange, as_segment
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, parse_storage_info
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed, Segment


def read_stldr(image: ElfImage, name: str) -> Loader:
    """Return the loader in a stldr.

    Args:
        image: the file as a document.
        name: file name without suffix; hosts compare it with DeviceName.

    Raises:
        UnreadableInput: no StorageInfo, too few bytes behind it, a routine without bytes, or nothing to load.
    """
    anatomy = dissect(image, descriptor_name=abi.DESCRIPTOR_SYMBOL, source_file="Dev_Inf.c", routines=abi.ROUTINES)
    descriptor = anatomy.descriptor_segment(_descriptor_size_bytes(anatomy.descriptor))
    parsed = parse_storage_info(descriptor.data)
    return Loader(
        flavour=Flavour.STLDR,
        identity=anatomy.identity(name),
        device=parsed.device,
        entry_points=anatomy.entry_points,
        segments=(*(_segment(each) for each in anatomy.loaded), descriptor),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE,
            static_base=_static_base(image),
            alignment_bytes=anatomy.alignment_bytes,
            evidence=anatomy.facts.read_only_independent + anatomy.facts.writable_independent,
        ),
        ram=RamNeed(
            image_bytes=anatomy.image_size_bytes,
            page_buffer_bytes=parsed.device.page_size_bytes,
            stack_bytes=abi.HOST_STACK_BYTES,
        ),
        notices=parsed.notices,
    )


def _descriptor_size_bytes(symbol: ElfSymbol) -> int:
    """Return st_size, at most 200; Keil leaves it at 0, and the section then tells where the descriptor ends."""
    return min(symbol.size_bytes or SIZE_BYTES, SIZE_BYTES)


def _static_base(image: ElfImage) -> int | None:
    """Return what r9 must hold for a read-write position independent build (PF_ARM_SB), None for all others."""
    if not any(segment.flags & c.PF_ARM_SB for segment in image.load_segments):
        return None
    writable = [s for s in image.sections if s.is_allocated and s.flags & c.SHF_WRITE and s.size_bytes]
    return min((section.address for section in writable), default=None)


def _segment(loaded: LoadedRange) -> Segment:
    part = Part.CODE if loaded.flags & c.PF_X else Part.DATA
    return as_segment(part, loaded, loaded.address, loaded.end)
