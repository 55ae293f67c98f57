"""Leaves debug information out: what only debuggers read, and paths of the machine on which the loader was built."""

import re

from loaderconv.rewriting.draft import Draft
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSymbol
from loaderconv_formats.elf.writer import write_elf
from loaderconv_schemas.errors import ConversionRefused

_DEBUG_NAME = re.compile(r"\.(z?debug|iar\.debug|stab)")
"""DWARF, DWARF compressed by old GNU tools, IAR's own sections (docs/formats/iar.md), stabs. `.iar.rtmodel` is none: it
tells what was linked, as `.comment` and `.ARM.attributes` do."""


def strip_debug_info(draft: Draft) -> Draft:
    """Return the draft without debug sections, their relocations and symbols, and without the names of source files.

    Mapping symbols ($a, $t, $d) stay for disassemblers, functions and variables too.

    Raises:
        ConversionRefused: something that stays needs something that would go.
    """
    image = draft.image
    size_before = len(write_elf(image))
    sections = _debug_sections(image)
    symbols = [symbol for symbol in image.symbols if _goes(symbol, sections)]
    if not sections and not symbols:
        return draft
    kept_sections = [section for section in image.sections if section not in sections]
    _check_references(kept_sections, sections, set(symbols))
    image.sections = kept_sections
    image.symbols = [symbol for symbol in image.symbols if not _goes(symbol, sections)]
    size_bytes = size_before - len(write_elf(image))
    return draft.changed(
        "debug-info",
        f"Debug information is left out: {len(sections)} sections and {len(symbols)} symbols, {size_bytes:,} bytes.",
    )


def _debug_sections(image: ElfImage) -> set[ElfSection]:
    found = {s for s in image.sections if not s.is_allocated and _DEBUG_NAME.match(s.name)}
    relocations = {s for s in image.sections if s.type in (c.SHT_REL, c.SHT_RELA) and s.info_section in found}
    return found | relocations


def _goes(symbol: ElfSymbol, sections: set[ElfSection]) -> bool:
    return symbol.type == c.STT_FILE or symbol.section in sections


def _check_references(kept: list[ElfSection], sections: set[ElfSection], symbols: set[ElfSymbol]) -> None:
    for section in kept:
        entries: list[ElfRelocation] = section.content if isinstance(section.content, list) else []
        if (
            section.link in sections
            or section.info_section in sections
            or any(entry.symbol in symbols for entry in entries)
        ):
            raise ConversionRefused(
                f"Section {section.name!r} refers to debug information.",
                hint="The file looks badly post-processed; rewrite it without --strip-debug.",
            )
