"""Writes the document. Everything is laid out anew, so the same document gives the same bytes on every machine.

    ELF header | program headers | segment bytes | other sections | .symtab | .strtab | .shstrtab | section headers

Why not LIEF: armlink and IAR put the program headers behind the string tables, and LIEF 1.0 overwrites one with the
other as soon as anything grows; docs/design.md tells the measurements.
"""

import struct
from dataclasses import dataclass, field

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSegment, SegmentView
from loaderconv_schemas.errors import ConversionRefused

MAX_FILE_ALIGNMENT = 256
"""GNU ld aligns segments to 64 KiB; a loader of 3 KB need not become a file of 67 KB."""


def write_elf(image: ElfImage) -> bytes:
    """Return the file for a document. Deterministic; reading and writing the result again changes nothing.

    Raises:
        ConversionRefused: an address or another number that its field, mostly of 32 bits, cannot hold.
    """
    try:
        return _Layout(image).file()
    except struct.error as problem:
        raise ConversionRefused(
            "The file would need a number of more than 32 bits.",
            hint="Nothing may reach to the very end of the address space: leave its last bytes free.",
        ) from problem


@dataclass
class _StringTable:
    """A string table under construction; a string is stored once."""

    data: bytearray = field(default_factory=lambda: bytearray(1))
    offsets: dict[str, int] = field(default_factory=lambda: {"": 0})

    def add(self, text: str) -> int:
        if text not in self.offsets:
            self.offsets[text] = len(self.data)
            self.data += text.encode("utf-8", "surrogateescape") + b"\0"
        return self.offsets[text]


class _Layout:
    """One file under construction; holds the offsets and indexes that the document does not have."""

    def __init__(self, image: ElfImage) -> None:
        self._image = image
        self._out = bytearray(c.EHDR_SIZE + c.PHDR_SIZE * len(image.segments))
        self._segment_offsets: dict[ElfSegment, int] = {}
        self._section_offsets: dict[ElfSection, int] = {}
        self._symbols = sorted(image.symbols, key=lambda symbol: symbol.binding != c.STB_LOCAL)
        self._symbol_indexes = {symbol: index for index, symbol in enumerate(self._symbols, start=1)}
        self._sections = list(image.sections)
        self._section_indexes = {section: index for index, section in enumerate(self._sections, start=1)}

    def file(self) -> bytes:
        self._place_segments()
        self._append_symbol_table()
        names = self._append_section_names()
        self._place_sections()
        self._append_section_headers(names)
        self._fill_program_headers()
        return bytes(self._out)

    def _place_segments(self) -> None:
        """Append the bytes of all segments; one that lies inside a PT_LOAD (PT_ARM_EXIDX) shares its bytes."""
        for segment in self._image.segments:
            if self._owner(segment) is None:
                self._pad((segment.address - len(self._out)) % _file_alignment(segment))
                self._segment_offsets[segment] = len(self._out)
                self._out += segment.data
        for segment in self._image.segments:
            owner = self._owner(segment)
            if owner is not None:
                self._segment_offsets[segment] = self._segment_offsets[owner] + segment.address - owner.address

    def _owner(self, segment: ElfSegment) -> ElfSegment | None:
        if segment.type == c.PT_LOAD:
            return None
        for host in self._image.load_segments:
            start = segment.address - host.address
            inside = 0 <= start <= len(host.data)
            if inside and host.data[start : start + len(segment.data)] == segment.data:
                return host
        return None

    def _append_symbol_table(self) -> None:
        if not self._symbols:
            return
        names = _StringTable()
        table = bytearray(c.SYM_SIZE)
        for symbol in self._symbols:
            index = self._section_indexes[symbol.section] if symbol.section is not None else symbol.special_index
            info = symbol.binding << 4 | symbol.type
            table += struct.pack(
                "<IIIBBH", names.add(symbol.name), symbol.value, symbol.size_bytes, info, symbol.other, index
            )
        first_global = 1 + sum(symbol.binding == c.STB_LOCAL for symbol in self._symbols)
        strings = _own(".strtab", c.SHT_STRTAB, bytes(names.data))
        symbols = _own(".symtab", c.SHT_SYMTAB, bytes(table), alignment=4, entry_size_bytes=c.SYM_SIZE)
        symbols.link, symbols.info = strings, first_global
        self._add_section(symbols)
        self._add_section(strings)

    def _append_section_names(self) -> list[int]:
        table = _StringTable()
        names = [table.add(section.name) for section in self._sections] + [table.add(".shstrtab")]
        self._add_section(_own(".shstrtab", c.SHT_STRTAB, bytes(table.data)))
        return names

    def _add_section(self, section: ElfSection) -> None:
        self._sections.append(section)
        self._section_indexes[section] = len(self._sections)

    def _place_sections(self) -> None:
        for section in self._sections:
            match section.content:
                case SegmentView(segment=segment, offset_bytes=offset):
                    self._section_offsets[section] = self._segment_offsets[segment] + offset
                case None:
                    self._section_offsets[section] = self._offset_without_bytes(section)
                case content:
                    data = self._relocation_table(content) if isinstance(content, list) else content
                    self._pad(-len(self._out) % max(1, min(section.alignment, 16)))
                    self._section_offsets[section] = len(self._out)
                    self._out += data

    def _offset_without_bytes(self, section: ElfSection) -> int:
        """Return where NOBITS would start, congruent to its segment as linkers write it."""
        for segment in self._image.load_segments:
            if segment.address <= section.address <= segment.memory_end:
                return self._segment_offsets[segment] + min(section.address - segment.address, len(segment.data))
        return len(self._out)

    def _relocation_table(self, entries: list[ElfRelocation]) -> bytes:
        table = bytearray()
        for entry in entries:
            index = self._symbol_indexes[entry.symbol] if entry.symbol is not None else 0
            table += struct.pack("<II", entry.offset, index << 8 | entry.type)
            if entry.addend is not None:
                table += struct.pack("<i", entry.addend)
        return bytes(table)

    def _append_section_headers(self, names: list[int]) -> None:
        self._pad(-len(self._out) % 4)
        table_offset = len(self._out)
        self._out += bytes(c.SHDR_SIZE)
        for name, section in zip(names, self._sections, strict=True):
            self._out += struct.pack(
                "<10I",
                name,
                section.type,
                section.flags,
                section.address,
                self._section_offsets[section],
                section.size_bytes,
                self._link_index(section),
                self._section_indexes[section.info_section] if section.info_section is not None else section.info,
                section.alignment,
                section.entry_size_bytes,
            )
        self._fill_header(table_offset)

    def _link_index(self, section: ElfSection) -> int:
        if section.links_to_symbols:
            return next((i for s, i in self._section_indexes.items() if s.type == c.SHT_SYMTAB), 0)
        return self._section_indexes[section.link] if section.link is not None else 0

    def _fill_header(self, table_offset: int) -> None:
        image = self._image
        ident = c.ELF_MAGIC + bytes((c.ELFCLASS32, c.ELFDATA2LSB, 1, image.os_abi, image.abi_version)) + bytes(7)
        self._out[: c.EHDR_SIZE] = ident + struct.pack(
            "<HHIIIIIHHHHHH",
            c.ET_EXEC,
            c.EM_ARM,
            1,
            image.entry,
            c.EHDR_SIZE if image.segments else 0,
            table_offset,
            image.flags,
            c.EHDR_SIZE,
            c.PHDR_SIZE,
            len(image.segments),
            c.SHDR_SIZE,
            len(self._sections) + 1,
            len(self._sections),
        )

    def _fill_program_headers(self) -> None:
        for number, segment in enumerate(self._image.segments):
            struct.pack_into(
                "<8I",
                self._out,
                c.EHDR_SIZE + number * c.PHDR_SIZE,
                segment.type,
                self._segment_offsets[segment],
                segment.address,
                segment.physical_address,
                len(segment.data),
                segment.memory_size_bytes,
                segment.flags,
                min(segment.alignment, MAX_FILE_ALIGNMENT),
            )

    def _pad(self, size_bytes: int) -> None:
        self._out += bytes(size_bytes)


def _file_alignment(segment: ElfSegment) -> int:
    return max(1, min(segment.alignment, MAX_FILE_ALIGNMENT))


def _own(name: str, kind: int, data: bytes, *, alignment: int = 1, entry_size_bytes: int = 0) -> ElfSection:
    return ElfSection(
        name, kind, size_bytes=len(data), alignment=alignment, entry_size_bytes=entry_size_bytes, content=data
    )
