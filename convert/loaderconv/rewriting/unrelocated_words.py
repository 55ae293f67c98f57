"""Finds addresses for which the linker kept no relocation.

Linker scripts make such words (`LONG(__bss_start__)` in the tables of CMSIS), linkers make them in veneers, and tools
leave them behind that take relocation tables away. They look like constants, but for their value.
"""

from loaderconv.rewriting import relocation_types as r
from loaderconv.rewriting.relocated_places import RELINK_HINT, relocation_tables
from loaderconv.rewriting.scope import Scope
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_schemas.errors import ConversionRefused

_WORD_BYTES = 4


def check_words_without_relocation(image: ElfImage, scope: Scope) -> None:
    """Check that no word of what moves is the address of a symbol of it without a relocation that says so.

    An address with an offset from a symbol cannot be told from a constant.

    Raises:
        ConversionRefused: a word is one; the message has its address.
    """
    names = {}
    for symbol in image.symbols:
        if symbol.section in scope.sections and _is_named(symbol):
            names[symbol.value & ~1] = names[symbol.value | 1] = symbol.name
    found: dict[int, str] = {}
    for section in scope.sections:
        data = section.data
        offsets = range(-section.address % _WORD_BYTES, len(data) - _WORD_BYTES + 1, _WORD_BYTES)
        words = {offset: int.from_bytes(data[offset : offset + _WORD_BYTES], "little") for offset in offsets}
        found |= {section.address + offset: names[word] for offset, word in words.items() if word in names}
    address = min(found.keys() - _places(image, scope), default=None)
    if address is not None:
        raise ConversionRefused(
            f"The word at 0x{address:08x} has no relocation, but equals the address of {found[address]!a}.",
            hint=RELINK_HINT,
        )


def _is_named(symbol: ElfSymbol) -> bool:
    """Mapping symbols ($a, $t, $d) and sections mark places that nobody refers to by a word of the script."""
    return bool(symbol.name) and not symbol.name.startswith("$") and symbol.type not in (c.STT_SECTION, c.STT_FILE)


def _places(image: ElfImage, scope: Scope) -> set[int]:
    return {
        entry.offset
        for table in relocation_tables(image)
        if isinstance(table.content, list) and table.info_section in scope.sections
        for entry in table.content
        if entry.type not in r.MARKERS
    }
