"""Reads a stldr: the document's meaning as a Loader (docs/formats/stldr.md)."""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.anatomy import Anatomy, dissect, find_descriptor
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.elf.loaded import as_whole_segment, lowest_data_address
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.routines import descriptor_segment, entry_points
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, parse_storage_info
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Placement, PlacementKind, RamNeed


def read_stldr(image: ElfImage, name: str) -> Loader:
    """Return the loader in a stldr.

    Args:
        image: the file as a document.
        name: file name without suffix; hosts compare it with DeviceName.

    Raises:
        UnreadableInput: no StorageInfo, too few bytes behind it, a routine without bytes, or nothing to load.
    """
    symbols = symbols_by_name(image)
    descriptor = find_descriptor(image, symbols, name=abi.DESCRIPTOR_SYMBOL, source_file="Dev_Inf.c")
    entries = entry_points(symbols, abi.ROUTINES)
    anatomy = dissect(image, entries, without=descriptor_segment(image, descriptor.symbol, entries))
    described = descriptor.segment(_descriptor_size_bytes(descriptor.symbol))
    parsed = parse_storage_info(described.data)
    return Loader(
        flavour=Flavour.STLDR,
        identity=anatomy.identity(name),
        device=parsed.device,
        entry_points=anatomy.entry_points,
        segments=(*(as_whole_segment(each) for each in anatomy.loaded), described),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE,
            static_base=_static_base(image, anatomy, descriptor.symbol.section),
            alignment_bytes=anatomy.alignment_bytes,
            evidence=anatomy.facts.read_only_independent + anatomy.facts.writable_independent,
        ),
        ram=RamNeed(
            image_bytes=anatomy.image_size_bytes,
            page_buffer_bytes=parsed.device.page_size_bytes,
            stack_bytes=abi.HOST_STACK_BYTES,
        ),
        installed=anatomy.installed,
        notices=parsed.notices,
    )


def _descriptor_size_bytes(symbol: ElfSymbol) -> int:
    """Return st_size, at most 200; Keil leaves it at 0, and the section then tells where the descriptor ends."""
    return min(symbol.size_bytes or SIZE_BYTES, SIZE_BYTES)


def _static_base(image: ElfImage, anatomy: Anatomy, descriptor_section: ElfSection | None) -> int | None:
    """Return what r9 must hold for a read-write position independent build, None for all others."""
    is_marked = any(each.flags & c.PF_ARM_SB for each in anatomy.loaded)
    if not is_marked and not anatomy.facts.writable_independent:
        return None
    return lowest_data_address(image, without=descriptor_section)
