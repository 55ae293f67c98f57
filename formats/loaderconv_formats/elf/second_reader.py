"""Reads a file with LIEF: an implementation that shares nothing with ours, to check what we wrote."""

import warnings
from collections import Counter
from typing import TYPE_CHECKING, SupportsInt

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.facts import ElfFacts, SectionFact, SegmentFact, SymbolFact
from loaderconv_formats.interrupts import interrupts_held
from loaderconv_schemas.errors import UnreadableInput

if TYPE_CHECKING:
    import lief

_WORD = 0xFFFF_FFFF
"""LIEF marks machine-specific types above bit 31."""


def second_reading(data: bytes) -> ElfFacts:
    """Return what LIEF makes of a file.

    Raises:
        UnreadableInput: LIEF does not accept it.
    """
    binary = parse_with_lief(data)
    with warnings.catch_warnings():
        # LIEF warns of section and segment types that it has no name for; their numbers are right all the same.
        warnings.simplefilter("ignore", RuntimeWarning)
        return facts_of_binary(binary)


def parse_with_lief(data: bytes) -> "lief.ELF.Binary":
    """Parse with the only page size that keeps segments as they are (docs/design.md, ELF files).

    Raises:
        UnreadableInput: LIEF does not accept the file.
    """
    with interrupts_held():
        import lief  # noqa: PLC0415 - one second that only this needs

    # What LIEF logs is about dynamic tables and notes, which no loader has, and goes past our messages to the terminal.
    lief.logging.disable()
    config = lief.ELF.ParserConfig()
    config.page_size = 1
    binary = lief.ELF.parse(data, config)
    if binary is None:
        raise UnreadableInput("LIEF does not accept the file.", hint="The file looks damaged.")
    return binary


def facts_of_binary(binary: "lief.ELF.Binary") -> ElfFacts:
    """Return the facts of a LIEF binary."""
    sections = list(binary.sections)
    made_by_writers = {0, binary.header.section_name_table_idx}
    for index, section in enumerate(sections):
        if _type(section.type) == c.SHT_SYMTAB:
            made_by_writers |= {index, section.link}
    return ElfFacts(
        entry=binary.header.entrypoint,
        flags=int(binary.header.processor_flag),
        segments=tuple(
            SegmentFact(
                _type(each.type),
                each.virtual_address,
                each.virtual_size,
                each.raw_flags,
                each.content.tobytes(),
            )
            for each in binary.segments
        ),
        sections=tuple(
            SectionFact(
                _text(each.name),
                _type(each.type),
                int(each.flags),
                each.virtual_address,
                each.size,
                b"" if _type(each.type) in (c.SHT_NOBITS, c.SHT_REL, c.SHT_RELA) else each.content.tobytes(),
            )
            for index, each in enumerate(sections)
            if index not in made_by_writers
        ),
        symbols=Counter(
            SymbolFact(
                _text(each.name),
                each.value,
                each.size,
                each.information & 0xF,
                each.information >> 4,
                each.other & 3,
                _text(each.section.name) if each.section is not None and each.shndx < c.SHN_LORESERVE else "",
            )
            for number, each in enumerate(binary.symtab_symbols)
            if number
        ),
    )


def _text(name: str | bytes) -> str:
    """Return a name as our reader does; LIEF leaves those as bytes that are not UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def _type(value: SupportsInt) -> int:
    return int(value) & _WORD
