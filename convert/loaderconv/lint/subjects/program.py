"""A loader that is one ELF file, as rules look at it: the document, and what is where in it."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from loaderconv.lint.code.reached import ReachedCode
from loaderconv.lint.facts import RamMap
from loaderconv.lint.subjects.subject import Fact, RuleSet, Subject
from loaderconv_formats.detection import KINDS_OF_LOADERS
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_facts import build_facts
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment, ElfSymbol, SegmentView
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.lookup import bytes_behind, symbols_by_name
from loaderconv_formats.elf.routines import entry_points
from loaderconv_formats.loader_file import loader_in
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Architecture, Flavour, Loader

_WORD = struct.Struct("<I")

_SECURE_BIT = 0x1000_0000
"""Chips with TrustZone show the same RAM at two addresses; maps of RAM have no aliases."""

_WITH_TRUST_ZONE = (Architecture.V8_M_BASELINE, Architecture.V8_M_MAINLINE, Architecture.V8_1_M_MAINLINE)

_FLAVOURS_OF_SUFFIXES = {".flm": Flavour.FLM, ".stldr": Flavour.STLDR}


@dataclass(eq=False)
class Program(Subject):
    """A linked Arm program that is, or should be, a loader of one flavour.

    Attributes:
        data: the file.
        image: the document in it.
        flavour: what its content says, or its suffix where the content says nothing.
        routines: names of the flavour's routines.
    """

    routines: ClassVar[Mapping[str, Routine]]

    data: bytes
    image: ElfImage
    flavour: Flavour

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return str(KINDS_OF_LOADERS[self.flavour])

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return RuleSet(self.flavour)

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts of its content's flavour, and of the one that its suffix stands for; a .out may be either's."""
        flavours = dict.fromkeys((self.flavour, _FLAVOURS_OF_SUFFIXES.get(self.name.suffix, self.flavour)))
        return tuple(host for flavour in flavours for host in HOSTS_OF_FLAVOURS[flavour])

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.SYMBOLS:
            return None if self.image.symbols else "The file has no symbol table."
        return super().lacks(fact)

    @cached_property
    def symbols(self) -> Mapping[str, ElfSymbol]:
        """The defined symbols by name; a global one wins over a local one."""
        return symbols_by_name(self.image)

    @cached_property
    def entries(self) -> tuple[EntryPoint, ...]:
        """The routines that it has, in the order of the flavour's table."""
        return entry_points(self.symbols, self.routines)

    @cached_property
    def code(self) -> ReachedCode:
        """The Thumb code that its routines reach."""
        return ReachedCode(self.image, [entry.address for entry in self.entries if entry.thumb])

    @cached_property
    def reading(self) -> Loader | LoaderConvError:
        """The loader, or why it cannot be read."""
        try:
            return loader_in(self.image, KINDS_OF_LOADERS[self.flavour], self.name.stem)
        except LoaderConvError as problem:
            return problem

    @cached_property
    def known_ram(self) -> RamMap | None:
        """The chip's RAM, None where nobody named it; a core with TrustZone sees it at secure addresses too."""
        ram = self.facts.ram
        if ram is None or build_facts(self.image).architecture not in _WITH_TRUST_ZONE:
            return ram
        return replace(ram, alias_bit=_SECURE_BIT)

    @property
    def ram(self) -> RamMap:
        """The chip's RAM, for rules that need `Fact.RAM`."""
        if self.known_ram is None:
            raise LookupError("a rule did not say that it needs the RAM")
        return self.known_ram

    @cached_property
    def allocated(self) -> tuple[ElfSection, ...]:
        """The sections with bytes or zeros in the target's memory, in file order."""
        return tuple(each for each in self.image.sections if each.is_allocated and each.size_bytes)

    def segment_bytes_at(self, address: int) -> ElfSegment | None:
        """Return the PT_LOAD whose file bytes cover an address; the last one wins, as for hosts that write in order."""
        return next((s for s in reversed(self.image.load_segments) if s.address <= address < s.file_end), None)

    def word_at(self, address: int) -> int | None:
        """Return the word that the file loads at an address, None where it loads nothing there."""
        segment = self.segment_bytes_at(address)
        if segment is None or address + _WORD.size > segment.file_end:
            return None
        return int(_WORD.unpack_from(segment.data, address - segment.address)[0])

    def at_symbol(self, symbol: ElfSymbol | str) -> Place:
        """Return the place of a symbol, or of the name where there is no such symbol."""
        found = self.symbols.get(symbol) if isinstance(symbol, str) else symbol
        if found is None:
            return Place(kind=PlaceKind.SYMBOL, name=str(symbol))
        return Place(
            kind=PlaceKind.SYMBOL,
            name=found.name,
            address=found.address,
            offset_bytes=self._offset_of(found),
            size_bytes=found.size_bytes or None,
        )

    def at_field(self, name: str, symbol: ElfSymbol, offset_bytes: int, size_bytes: int) -> Place:
        """Return the place of a field of the structure that a symbol names.

        Args:
            name: how reports call it, such as `StorageInfo.PageSize`.
            symbol: of the structure.
            offset_bytes: of the field in the structure.
            size_bytes: of the field.
        """
        start = self._offset_of(symbol)
        address = symbol.address + offset_bytes
        return Place(
            kind=PlaceKind.FIELD,
            name=name,
            address=address if address <= 0xFFFF_FFFF else None,
            offset_bytes=None if start is None else start + offset_bytes,
            size_bytes=size_bytes,
        )

    def at_section(self, section: ElfSection) -> Place:
        """Return the place of a section."""
        return Place(
            kind=PlaceKind.SECTION,
            name=section.name,
            address=section.address if section.is_allocated else None,
            offset_bytes=None if section.content is None else section.read_from,
            size_bytes=section.size_bytes,
        )

    def at_segment(self, segment: ElfSegment) -> Place:
        """Return the place of a program header's bytes; its number counts all program headers, from 0."""
        return Place(
            kind=PlaceKind.SEGMENT,
            name=str(self.image.segments.index(segment)),
            address=segment.address,
            offset_bytes=segment.read_from,
            size_bytes=len(segment.data),
        )

    def at_address(self, address: int) -> Place:
        """Return the place of a loaded byte: the function or variable that holds it, else its segment."""
        for symbol in self.image.symbols:
            is_object = symbol.type in (c.STT_FUNC, c.STT_OBJECT)
            if is_object and symbol.address <= address < symbol.address + symbol.size_bytes:
                return self.at_symbol(symbol).model_copy(update={"address": address, "size_bytes": None})
        segment = self.segment_bytes_at(address)
        return self.whole if segment is None else self.at_segment(segment).model_copy(update={"address": address})

    def behind(self, symbol: ElfSymbol) -> bytes:
        """Return the file's bytes from a symbol to the end of its section; empty where it has none."""
        return bytes_behind(self.image, symbol)

    def _offset_of(self, symbol: ElfSymbol) -> int | None:
        section = symbol.section
        if section is None or section.read_from is None or section.content is None:
            return None
        offset = section.read_from + symbol.address - section.address
        return offset if 0 <= offset <= len(self.data) else None


def holds(segment: ElfSegment, section: ElfSection) -> bool:
    """Tell whether a section's bytes lie in a segment."""
    return segment_of(section) is segment or (
        isinstance(section.content, SegmentView) and section.content.segment is segment
    )
