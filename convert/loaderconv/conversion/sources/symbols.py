"""The names inside a source's image, so that a disassembly of the output is readable."""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection
from loaderconv_formats.elf.new_image import LocalSymbol
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Segment


def symbols_of(image: ElfImage | None, loader: Loader, prefix: str) -> tuple[LocalSymbol, ...]:
    """Return functions, objects and mapping symbols ($t, $d) of what is loaded, at their link addresses.

    Args:
        image: the source's document; without one there are no names.
        loader: its meaning.
        prefix: put before its own names, so that no host takes its Init for the output's.
    """
    if image is None:
        return ()
    segments = loader.image_segments
    loaded = {section for section in image.sections if _is_loaded(section, segments)}
    found = []
    for symbol in image.symbols:
        if symbol.section not in loaded or symbol.type in (c.STT_SECTION, c.STT_FILE) or not symbol.name:
            continue
        if symbol.address not in AddressRange(start=symbol.section.address, size_bytes=symbol.section.size_bytes):
            continue
        name = symbol.name.split(".")[0] if symbol.name.startswith("$") else prefix + symbol.name
        found.append(LocalSymbol(name, symbol.value, symbol.size_bytes, symbol.type))
    if not any(symbol.name == "$t" for symbol in found):
        found.append(LocalSymbol("$t", min(segment.address for segment in segments), 0, c.STT_NOTYPE))
    return tuple(found)


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
