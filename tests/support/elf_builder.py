"""Builds ELF files byte by byte from plain values, in the order in which armlink and IAR write them.

Shares no code with the package: neither pyelftools nor LIEF can write a file from nothing, and the project's own writer
is what these files are to test. The program headers come behind all contents.

    +--------------------------+
    | ELF header               |
    +--------------------------+
    | sections, as listed      |
    | .symtab .strtab .shstrtab|    in front of the others in IAR's files
    +--------------------------+
    | program headers          |
    | section headers          |
    +--------------------------+
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from support.elf_numbers import (
    EABI5_SOFT_FLOAT,
    EM_ARM,
    ET_EXEC,
    PT_LOAD,
    SHN_ABS,
    SHT_NOBITS,
    SHT_NULL,
    SHT_PROGBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STT_NOTYPE,
    STV_DEFAULT,
    STV_HIDDEN,
)


@dataclass(frozen=True)
class Encoding:
    """Class and byte order of a file."""

    class_bits: int = 32
    is_big_endian: bool = False

    def pack(self, layout: str, *values: int | bytes) -> bytes:
        """Pack values in the file's byte order; N in a layout is as wide as an address of the file's class."""
        address_code = "Q" if self.class_bits == 64 else "I"
        return struct.pack((">" if self.is_big_endian else "<") + layout.replace("N", address_code), *values)


@dataclass(frozen=True, eq=False)
class Section:
    """A section to be. Sections are told apart by identity, since names repeat.

    Attributes:
        name: may be empty, repeat, hold blanks.
        kind: sh_type.
        flags: sh_flags.
        address: sh_addr.
        data: its bytes; empty for NOBITS.
        zeros_bytes: size of a NOBITS section.
        alignment: sh_addralign.
        gap_bytes: zeros in front of it in the file; None for what its alignment asks for.
    """

    name: str
    kind: int = SHT_PROGBITS
    flags: int = 0
    address: int = 0
    data: bytes = b""
    zeros_bytes: int = 0
    alignment: int = 1
    gap_bytes: int | None = None

    @property
    def size_bytes(self) -> int:
        return len(self.data) + self.zeros_bytes

    @property
    def end_address(self) -> int:
        return self.address + self.size_bytes


@dataclass(frozen=True)
class Symbol:
    """A symbol to be; `section` is one of the file's, or a special index."""

    name: str
    value: int = 0
    size_bytes: int = 0
    kind: int = STT_NOTYPE
    binding: int = STB_GLOBAL
    visibility: int = STV_DEFAULT
    section: Section | int = SHN_ABS


@dataclass(frozen=True)
class ExtraSymbol:
    """One more symbol of a recipe; `section` names a section of the file, None makes it absolute."""

    name: str
    value: int = 0
    size_bytes: int = 0
    kind: int = STT_NOTYPE
    binding: int = STB_GLOBAL
    visibility: int = STV_HIDDEN
    section: str | None = None

    def among(self, sections: Iterable[Section]) -> Symbol:
        """Return the symbol, in the first section of that name."""
        holder: Section | int = SHN_ABS
        if self.section is not None:
            holder = next(each for each in sections if each.name == self.section)
        return Symbol(self.name, self.value, self.size_bytes, self.kind, self.binding, self.visibility, holder)


@dataclass(frozen=True)
class Segment:
    """A PT_LOAD over sections that are listed one after another; its sizes are theirs, and 0 where there are none."""

    flags: int
    sections: Sequence[Section]


@dataclass(frozen=True)
class Relocation:
    """An entry of a .rel section, as a linker leaves it with --emit-relocs.

    Attributes:
        section: name of the section that holds the place.
        offset: address of the place.
        kind: R_ARM_*.
        symbol: name of the symbol.
    """

    section: str
    offset: int
    kind: int
    symbol: str


@dataclass(frozen=True)
class ElfFile:
    """All that goes into a file.

    Attributes:
        sections: without the null section and the tables of names and symbols.
        segments: in the order of their headers.
        symbols: without the null symbol; None leaves .symtab and .strtab out. Local ones are moved to the front.
        encoding: class and byte order.
        machine: e_machine.
        file_type: e_type.
        entry: e_entry.
        flags: e_flags.
        are_tables_in_front: .symtab, .strtab and .shstrtab are sections 1 to 3, as IAR's linker has them.
        are_names_terminated: otherwise .strtab ends without the NUL of its last name.
        relocations: one .rel section for each section that is named.
    """

    sections: Sequence[Section]
    segments: Sequence[Segment]
    symbols: Sequence[Symbol] | None
    encoding: Encoding = field(default_factory=Encoding)
    machine: int = EM_ARM
    file_type: int = ET_EXEC
    entry: int = 0
    flags: int = EABI5_SOFT_FLOAT
    are_tables_in_front: bool = False
    are_names_terminated: bool = True
    relocations: Sequence[Relocation] = ()


@dataclass
class _Placed:
    """A section with the fields that come with the layout."""

    section: Section
    data: bytes
    link: int = 0
    info: int = 0
    entry_size_bytes: int = 0
    offset: int = 0

    @property
    def size_bytes(self) -> int:
        return len(self.data) + self.section.zeros_bytes


_NULL = Section("", SHT_NULL, alignment=0)


def build_elf(file: ElfFile) -> bytes:
    """Return the bytes of a file."""
    placed = _with_tables(file)
    body = _lay_out(file, placed)
    program_headers = b"".join(_program_header(file.encoding, segment, placed) for segment in file.segments)
    name_offsets, _ = _string_table([each.section.name for each in placed])
    section_headers = b"".join(_section_header(file.encoding, each, name_offsets) for each in placed)
    header = _elf_header(file, placed, program_headers_offset=_elf_header_size_bytes(file.encoding) + len(body))
    return header + body + program_headers + section_headers


def _with_tables(file: ElfFile) -> list[_Placed]:
    """Return all sections in the order of their headers, with the tables of names and symbols filled."""
    names = Section(".shstrtab", SHT_STRTAB)
    symtab, strtab = Section(".symtab", SHT_SYMTAB, alignment=4), Section(".strtab", SHT_STRTAB)
    tables = [names] if file.symbols is None else [symtab, strtab, names]
    kept = {name: Section(f".rel{name}", SHT_REL, alignment=4) for name in _relocated(file)}
    sections = [*file.sections, *kept.values()]
    order = [_NULL, *tables, *sections] if file.are_tables_in_front else [_NULL, *sections, *tables]
    placed = [_Placed(section, section.data) for section in order]
    placed[order.index(names)].data = _string_table([section.name for section in order])[1]
    if file.symbols is not None:
        _fill_symbol_table(file, order, placed[order.index(symtab)], placed[order.index(strtab)])
    for name, section in kept.items():
        table = placed[order.index(section)]
        table.data = _relocation_entries(file, name)
        table.link, table.info = order.index(symtab), next(n for n, each in enumerate(order) if each.name == name)
        table.entry_size_bytes = 8
    return placed


def _relocated(file: ElfFile) -> list[str]:
    return list(dict.fromkeys(each.section for each in file.relocations))


def _relocation_entries(file: ElfFile, section: str) -> bytes:
    numbers = {symbol.name: number for number, symbol in enumerate(_ordered_symbols(file))}
    entries = [each for each in file.relocations if each.section == section]
    return b"".join(file.encoding.pack("II", e.offset, numbers[e.symbol] << 8 | e.kind) for e in entries)


def _ordered_symbols(file: ElfFile) -> list[Symbol]:
    null = Symbol("", binding=STB_LOCAL, section=0)
    return sorted([null, *(file.symbols or ())], key=lambda symbol: symbol.binding != STB_LOCAL)


def _fill_symbol_table(file: ElfFile, order: list[Section], symtab: _Placed, strtab: _Placed) -> None:
    symbols = _ordered_symbols(file)
    offsets, strings = _string_table([symbol.name for symbol in symbols])
    entries = [_symbol_entry(file.encoding, symbol, offsets[symbol.name], order) for symbol in symbols]
    symtab.data, symtab.link = b"".join(entries), order.index(strtab.section)
    symtab.info = sum(symbol.binding == STB_LOCAL for symbol in symbols)
    symtab.entry_size_bytes = len(entries[0])
    strtab.data = strings if file.are_names_terminated else strings[:-1]


def _symbol_entry(encoding: Encoding, symbol: Symbol, name_offset: int, order: list[Section]) -> bytes:
    index = symbol.section if isinstance(symbol.section, int) else order.index(symbol.section)
    place = (symbol.value, symbol.size_bytes)
    traits = (symbol.binding << 4 | symbol.kind, symbol.visibility, index)
    if encoding.class_bits == 64:
        return encoding.pack("IBBHNN", name_offset, *traits, *place)
    return encoding.pack("INNBBH", name_offset, *place, *traits)


def _string_table(names: list[str]) -> tuple[dict[str, int], bytes]:
    """Return each name's offset, and the table."""
    offsets, table = {"": 0}, bytearray(1)
    for name in names:
        if name not in offsets:
            offsets[name] = len(table)
            table += name.encode("utf-8") + b"\0"
    return offsets, bytes(table)


def _lay_out(file: ElfFile, placed: list[_Placed]) -> bytes:
    """Give every section its place in the file and return what lies between the ELF header and the other headers."""
    start = _elf_header_size_bytes(file.encoding)
    body = bytearray()
    for each in placed[1:]:
        section = each.section
        body += bytes(-len(body) % section.alignment if section.gap_bytes is None else section.gap_bytes)
        each.offset = start + len(body)
        body += each.data
    return bytes(body) + bytes(-len(body) % 8)


def _program_header(encoding: Encoding, segment: Segment, placed: list[_Placed]) -> bytes:
    offsets = {each.section: each.offset for each in placed}
    if not segment.sections:
        return _segment_entry(encoding, segment, (0, 0, 0, 0, 0))
    first = segment.sections[0]
    for each in segment.sections:
        if each.kind != SHT_NOBITS and offsets[each] - offsets[first] != each.address - first.address:
            raise ValueError(f"section {each.name!r} lies elsewhere in the file than in its segment")
    ends = [offsets[each] + each.size_bytes for each in segment.sections if each.kind != SHT_NOBITS]
    file_end = max(ends, default=offsets[first])
    memory_size_bytes = max(each.end_address for each in segment.sections) - first.address
    place = (offsets[first], first.address, first.address, file_end - offsets[first], memory_size_bytes)
    return _segment_entry(encoding, segment, place)


def _segment_entry(encoding: Encoding, segment: Segment, place: tuple[int, ...]) -> bytes:
    if encoding.class_bits == 64:
        return encoding.pack("IINNNNNN", PT_LOAD, segment.flags, *place, 4)
    return encoding.pack("INNNNNIN", PT_LOAD, *place, segment.flags, 4)


def _section_header(encoding: Encoding, placed: _Placed, name_offsets: dict[str, int]) -> bytes:
    section = placed.section
    return encoding.pack(
        "IINNNNIINN",
        name_offsets[section.name],
        section.kind,
        section.flags,
        section.address,
        placed.offset,
        placed.size_bytes,
        placed.link,
        placed.info,
        section.alignment,
        placed.entry_size_bytes,
    )


def _elf_header_size_bytes(encoding: Encoding) -> int:
    return 64 if encoding.class_bits == 64 else 52


def _elf_header(file: ElfFile, placed: list[_Placed], *, program_headers_offset: int) -> bytes:
    """Return the ELF header; section headers follow the program headers."""
    encoding = file.encoding
    program_header_size, section_header_size = (56, 64) if encoding.class_bits == 64 else (32, 40)
    identity = b"\x7fELF" + bytes([encoding.class_bits // 32, 2 if encoding.is_big_endian else 1, 1])
    return identity.ljust(16, b"\0") + encoding.pack(
        "HHINNNIHHHHHH",
        file.file_type,
        file.machine,
        1,
        file.entry,
        program_headers_offset,
        program_headers_offset + program_header_size * len(file.segments),
        file.flags,
        _elf_header_size_bytes(encoding),
        program_header_size,
        len(file.segments),
        section_header_size,
        len(placed),
        next(index for index, each in enumerate(placed) if each.section.name == ".shstrtab"),
    )
