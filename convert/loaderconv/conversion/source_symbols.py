"""The names inside a source's image at their new places, so that a disassembly of the output is readable."""

from loaderconv.conversion.stldr_layout import StldrLayout
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSection
from loaderconv_formats.loader_file import LoaderFile
from loaderconv_formats.stldr.writer import LocalSymbol
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.memory import Segment

PREFIX = "flm."
"""Put before the FLM's own names, so that no host takes its Init for the stldr's."""


def moved_symbols(source: LoaderFile, layout: StldrLayout) -> list[LocalSymbol]:
    """Return functions, objects and mapping symbols ($t, $d) of the sections that are part of the image."""
    segments = source.loader.image_segments
    loaded = {section for section in source.image.sections if _is_loaded(section, segments)}
    found = []
    for symbol in source.image.symbols:
        if symbol.section not in loaded or symbol.type in (c.STT_SECTION, c.STT_FILE) or not symbol.name:
            continue
        if symbol.address not in AddressRange(start=symbol.section.address, size_bytes=symbol.section.size_bytes):
            continue
        name = symbol.name.split(".")[0] if symbol.name.startswith("$") else PREFIX + symbol.name
        found.append(LocalSymbol(name, layout.moved(symbol.value), symbol.size_bytes, symbol.type))
    if not any(symbol.name == "$t" for symbol in found):
        found.append(LocalSymbol("$t", layout.source.start, 0, c.STT_NOTYPE))
    return found


def _is_loaded(section: ElfSection, segments: tuple[Segment, ...]) -> bool:
    """Tell whether a section lies in the image; the descriptor may lie at addresses of zero-initialised data."""
    if not section.is_allocated or not section.size_bytes:
        return False
    without_bytes = section.type == c.SHT_NOBITS
    end = section.address + section.size_bytes
    return any(
        segment.address <= section.address
        and end <= segment.address + (segment.memory_size_bytes if without_bytes else len(segment.data))
        for segment in segments
    )
