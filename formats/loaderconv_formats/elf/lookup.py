"""Finds symbols and their bytes. Always symbol, section, bytes; never "the segment that holds the address".

In 214 of 430 FLMs the descriptor lies at an address of zero-initialised data, and in most GCC-built stldr inside a hole
of the code segment (docs/formats/flm.md and stldr.md, What breaks a naive parser).
"""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol


def symbols_by_name(image: ElfImage) -> dict[str, ElfSymbol]:
    """Return the defined symbols that are no mapping, section or file symbols; a global one wins over a local one."""
    found: dict[str, ElfSymbol] = {}
    for symbol in image.symbols:
        if not symbol.is_defined or not symbol.name or symbol.type in (c.STT_SECTION, c.STT_FILE):
            continue
        if symbol.name not in found or found[symbol.name].binding == c.STB_LOCAL:
            found[symbol.name] = symbol
    return found


def bytes_behind(image: ElfImage, symbol: ElfSymbol) -> bytes:
    """Return the file's bytes from the symbol to the end of its section; empty where it has none.

    An absolute symbol, as some post-processors leave, is looked up in the segments: the last PT_LOAD wins, as it does
    when a host writes them to memory in order.
    """
    if symbol.section is not None:
        offset = symbol.address - symbol.section.address
        return symbol.section.data[offset:] if offset >= 0 else b""
    for segment in reversed(image.load_segments):
        if segment.address <= symbol.address < segment.file_end:
            return segment.data[symbol.address - segment.address :]
    return b""


def sections_named(image: ElfImage, name: str) -> list[ElfSection]:
    """Return all sections of that name; armlink gives RW and ZI data the same one."""
    return [section for section in image.sections if section.name == name]
