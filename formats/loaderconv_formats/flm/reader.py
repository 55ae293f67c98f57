"""Reads an FLM: the document's meaning as a Loader (docs/formats/flm.md)."""

from loaderconv_formats.elf.anatomy import dissect, find_descriptor
from loaderconv_formats.elf.build_facts import BuildFacts
from loaderconv_formats.elf.image import ElfImage, ElfSection
from loaderconv_formats.elf.loaded import LoadedRange, as_segment, lowest_data_address
from loaderconv_formats.elf.lookup import sections_named, symbols_by_name
from loaderconv_formats.elf.routines import descriptor_segment, entry_points
from loaderconv_formats.flm import abi
from loaderconv_formats.flm.flash_device import parse_flash_device
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed, Segment


def read_flm(image: ElfImage, name: str) -> Loader:
    """Return the loader in an FLM.

    Args:
        image: the file as a document.
        name: file name without suffix.

    Raises:
        UnreadableInput: no FlashDevice, a sector table without end, a routine without bytes, or nothing to load.
    """
    symbols = symbols_by_name(image)
    descriptor = find_descriptor(image, symbols, name=abi.DESCRIPTOR_SYMBOL, source_file="FlashDev.c")
    entries = entry_points(symbols, abi.ROUTINES)
    anatomy = dissect(image, entries, without=descriptor_segment(image, descriptor.symbol, entries))
    parsed = parse_flash_device(descriptor.data)
    static_base = _static_base(image, descriptor.symbol.section)
    segments = [segment for each in anatomy.loaded for segment in _split(each, static_base)]
    facts = anatomy.facts
    return Loader(
        flavour=Flavour.FLM,
        identity=anatomy.identity(name),
        device=parsed.device,
        entry_points=anatomy.entry_points,
        segments=(*segments, descriptor.segment(parsed.size_bytes)),
        placement=Placement(
            kind=_placement_kind(facts, static_base),
            static_base=static_base,
            alignment_bytes=anatomy.alignment_bytes,
            evidence=facts.read_only_independent + facts.writable_independent,
        ),
        ram=RamNeed(image_bytes=anatomy.image_size_bytes, page_buffer_bytes=parsed.device.page_size_bytes),
        installed=anatomy.installed,
        notices=parsed.notices,
    )


def _static_base(image: ElfImage, descriptor_section: ElfSection | None) -> int | None:
    """Return what hosts load into r9: the start of PrgData, or of the variables where no section has that name.

    GCC's linker scripts leave an empty PrgData in files without variables.
    """
    named = [s.address for s in sections_named(image, abi.DATA_SECTION) if s.is_allocated and s.size_bytes]
    return min(named) if named else lowest_data_address(image, without=descriptor_section)


def _split(loaded: LoadedRange, static_base: int | None) -> list[Segment]:
    """Return code and data of one range: what lies at or behind the static base is data."""
    if static_base is None or static_base >= loaded.end:
        return [as_segment(Part.CODE, loaded, loaded.address, loaded.end)]
    if static_base <= loaded.address:
        return [as_segment(Part.DATA, loaded, loaded.address, loaded.end)]
    return [
        as_segment(Part.CODE, loaded, loaded.address, static_base),
        as_segment(Part.DATA, loaded, static_base, loaded.end),
    ]


def _placement_kind(facts: BuildFacts, static_base: int | None) -> PlacementKind:
    """Code without data needs no evidence on data; everything else must be shown, or counts as absolute."""
    data_may_move = bool(facts.writable_independent) or static_base is None
    if facts.read_only_independent and data_may_move:
        return PlacementKind.POSITION_INDEPENDENT
    return PlacementKind.ABSOLUTE
