"""Small changes to a file in place, by LIEF, each behind a gate.

LIEF is good at changing what has its final shape, and bad at making room (docs/design.md, ELF files). So the file is
first brought into our writer's canonical layout, then LIEF changes it, and the result counts only if it says exactly
what the same change makes of the facts; otherwise the edit is refused.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.facts import ElfFacts, SectionFact, SegmentFact, SymbolFact, facts_of
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.second_reader import parse_with_lief, second_reading
from loaderconv_formats.elf.writer import write_elf
from loaderconv_schemas.errors import ConversionRefused

if TYPE_CHECKING:
    import lief


class Edit(Protocol):
    """A change, told twice: to LIEF, and to the facts that must come of it."""

    def apply(self, binary: "lief.ELF.Binary") -> None:
        """Make the change in a LIEF binary."""

    def expect(self, facts: ElfFacts) -> ElfFacts:
        """Return what the file says after the change."""


@dataclass(frozen=True)
class SetEntry:
    """Set e_entry.

    Attributes:
        address: with bit 0 set for Thumb code.
    """

    address: int

    def apply(self, binary: "lief.ELF.Binary") -> None:
        """Make the change in a LIEF binary."""
        binary.header.entrypoint = self.address

    def expect(self, facts: ElfFacts) -> ElfFacts:
        """Return what the file says after the change."""
        return replace(facts, entry=self.address)


@dataclass(frozen=True)
class RenameSymbol:
    """Give every symbol of one name another."""

    old: str
    new: str

    def apply(self, binary: "lief.ELF.Binary") -> None:
        """Make the change in a LIEF binary."""
        for symbol in binary.symtab_symbols:
            if symbol.name == self.old:
                symbol.name = self.new

    def expect(self, facts: ElfFacts) -> ElfFacts:
        """Return what the file says after the change."""
        return _with_symbols(facts, lambda each: replace(each, name=self.new) if each.name == self.old else each)


@dataclass(frozen=True)
class HideSymbols:
    """Give symbols hidden visibility, as armlink does with an FLM's routines."""

    names: frozenset[str]

    def apply(self, binary: "lief.ELF.Binary") -> None:
        """Make the change in a LIEF binary."""
        for symbol in binary.symtab_symbols:
            if symbol.name in self.names:
                symbol.visibility = type(symbol.visibility).HIDDEN

    def expect(self, facts: ElfFacts) -> ElfFacts:
        """Return what the file says after the change."""
        return _with_symbols(
            facts, lambda each: replace(each, visibility=c.STV_HIDDEN) if each.name in self.names else each
        )


@dataclass(frozen=True)
class PatchSection:
    """Replace bytes of an allocated section, such as a descriptor; the size stays.

    Attributes:
        section: its name, which must be the only one.
        offset_bytes: of the first byte to replace.
        data: the new bytes.
    """

    section: str
    offset_bytes: int
    data: bytes

    def apply(self, binary: "lief.ELF.Binary") -> None:
        """Make the change in a LIEF binary, through the section: an address may lie in two segments."""
        section = next(each for each in binary.sections if each.name == self.section)
        section.content = list(self._patched(section.content.tobytes()))

    def expect(self, facts: ElfFacts) -> ElfFacts:
        """Return what the file says after the change."""
        sections = [each for each in facts.sections if each.name == self.section]
        if len(sections) != 1 or self.offset_bytes + len(self.data) > sections[0].size_bytes:
            raise ConversionRefused(
                f"There is no single section {self.section!r} that holds {len(self.data)} bytes"
                f" at offset {self.offset_bytes}.",
                hint="Look at the file's sections with readelf -S.",
            )
        old = sections[0]
        new = replace(old, data=self._patched(old.data))
        return replace(
            facts,
            sections=tuple(new if each is old else each for each in facts.sections),
            segments=tuple(_patched_segment(each, old, new.data) for each in facts.segments),
        )

    def _patched(self, content: bytes) -> bytes:
        return content[: self.offset_bytes] + self.data + content[self.offset_bytes + len(self.data) :]


def edit_in_place(data: bytes, edit: Edit) -> bytes:
    """Return the file with one change.

    Args:
        data: an ELF file.
        edit: the change.

    Raises:
        UnreadableInput: not such a file.
        ConversionRefused: LIEF changed something else as well, or the edit does not apply.
    """
    canonical = write_elf(read_elf(data))
    expected = edit.expect(facts_of(read_elf(canonical)))
    binary = parse_with_lief(canonical)
    edit.apply(binary)
    edited = bytes(binary.write_to_bytes())
    for reading in (facts_of(read_elf(edited)), second_reading(edited)):
        difference = expected.difference(reading)
        if difference is not None:
            raise ConversionRefused(
                f"The edit {edit} changed something else as well: {difference}.",
                hint="The file was left as it was; convert or rewrite it instead.",
            )
    return edited


def _with_symbols(facts: ElfFacts, change: Callable[[SymbolFact], SymbolFact]) -> ElfFacts:
    return replace(facts, symbols=Counter(change(each) for each in facts.symbols.elements()))


def _patched_segment(segment: SegmentFact, section: SectionFact, data: bytes) -> SegmentFact:
    """Return the segment with a section's new bytes where it held the old ones."""
    start = section.address - segment.address
    if start < 0 or segment.data[start : start + len(section.data)] != section.data:
        return segment
    return replace(segment, data=segment.data[:start] + data + segment.data[start + len(data) :])
