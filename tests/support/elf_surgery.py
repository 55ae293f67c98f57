"""Finds and overwrites single fields of an ELF32 file, so that a test can damage exactly one of them.

Shares no code with the package: it must find its way also where the package's reader gives up.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

WORD = "<I"
HALF = "<H"
BYTE = "<B"

PROGRAM_HEADER_BYTES = 32
SECTION_HEADER_BYTES = 40
SYMBOL_BYTES = 16

SHT_SYMTAB = 2


class Ehdr(IntEnum):
    """Offsets in the ELF header; counts and sizes from EHSIZE on, TYPE and MACHINE are halfwords."""

    CLASS = 4
    DATA = 5
    TYPE = 16
    MACHINE = 18
    VERSION = 20
    ENTRY = 24
    PHOFF = 28
    SHOFF = 32
    FLAGS = 36
    EHSIZE = 40
    PHENTSIZE = 42
    PHNUM = 44
    SHENTSIZE = 46
    SHNUM = 48
    SHSTRNDX = 50


class Phdr(IntEnum):
    """Offsets in a program header."""

    TYPE = 0
    OFFSET = 4
    VADDR = 8
    PADDR = 12
    FILESZ = 16
    MEMSZ = 20
    FLAGS = 24
    ALIGN = 28


class Shdr(IntEnum):
    """Offsets in a section header."""

    NAME = 0
    TYPE = 4
    FLAGS = 8
    ADDR = 12
    OFFSET = 16
    SIZE = 20
    LINK = 24
    INFO = 28
    ALIGN = 32
    ENTSIZE = 36


class Sym(IntEnum):
    """Offsets in a symbol; INFO and OTHER are bytes, SHNDX is a halfword."""

    NAME = 0
    VALUE = 4
    SIZE = 8
    INFO = 12
    OTHER = 13
    SHNDX = 14


class Descriptor(IntEnum):
    """Offsets in struct FlashDevice."""

    VERSION = 0
    NAME = 2
    TYPE = 130
    BASE = 132
    SIZE = 136
    PAGE = 140
    RESERVED = 144
    ERASED = 148
    SECTORS = 160


@dataclass(frozen=True)
class SectionPlace:
    """Where a section header and its section lie in the file."""

    name: str
    kind: int
    header_offset: int
    address: int
    offset: int
    size_bytes: int
    link: int


def word(data: bytes, offset: int, layout: str = WORD) -> int:
    """Return a field."""
    return int(struct.unpack_from(layout, data, offset)[0])


def put(data: bytes, offset: int, value: int, layout: str = WORD) -> bytes:
    """Return the file with one field overwritten."""
    return data[:offset] + struct.pack(layout, value) + data[offset + struct.calcsize(layout) :]


def program_header(data: bytes, number: int) -> int:
    """Return the file offset of a program header."""
    return word(data, Ehdr.PHOFF) + number * PROGRAM_HEADER_BYTES


def sections(data: bytes) -> list[SectionPlace]:
    """Return all sections, the null section too."""
    start, count, names_index = word(data, Ehdr.SHOFF), word(data, Ehdr.SHNUM, HALF), word(data, Ehdr.SHSTRNDX, HALF)
    headers = [struct.unpack_from("<10I", data, start + number * SECTION_HEADER_BYTES) for number in range(count)]
    names = headers[names_index][4]
    return [
        SectionPlace(
            name=string_at(data, names + name),
            kind=kind,
            header_offset=start + number * SECTION_HEADER_BYTES,
            address=address,
            offset=offset,
            size_bytes=size,
            link=link,
        )
        for number, (name, kind, _, address, offset, size, link, _, _, _) in enumerate(headers)
    ]


def section(data: bytes, name: str, kind: int | None = None) -> SectionPlace:
    """Return the first section of a name, and of a type where one is given."""
    return next(each for each in sections(data) if each.name == name and kind in (None, each.kind))


def symbols(data: bytes) -> list[tuple[str, int]]:
    """Return name and file offset of each symbol, without the null symbol."""
    places = sections(data)
    table = next(each for each in places if each.kind == SHT_SYMTAB)
    strings = places[table.link].offset
    entries = range(table.offset + SYMBOL_BYTES, table.offset + table.size_bytes, SYMBOL_BYTES)
    return [(string_at(data, strings + word(data, entry + Sym.NAME)), entry) for entry in entries]


def symbol(data: bytes, name: str) -> int:
    """Return the file offset of the symbol of that name."""
    return dict(symbols(data))[name]


def descriptor(data: bytes) -> int:
    """Return the file offset of FlashDevice."""
    entry = symbol(data, "FlashDevice")
    holder = sections(data)[word(data, entry + Sym.SHNDX, HALF)]
    return holder.offset + word(data, entry + Sym.VALUE) - holder.address


def with_program_headers(data: bytes, headers: Sequence[Sequence[int]]) -> bytes:
    """Return the file with another table of program headers, appended at its end."""
    data += bytes(-len(data) % 4)
    table = b"".join(struct.pack("<8I", *header) for header in headers)
    return put(put(data, Ehdr.PHOFF, len(data)), Ehdr.PHNUM, len(headers), HALF) + table


def with_section_headers(data: bytes, headers: Sequence[Sequence[int]]) -> bytes:
    """Return the file with more section headers behind its own; the table moves to the end of the file."""
    start, count = word(data, Ehdr.SHOFF), word(data, Ehdr.SHNUM, HALF)
    table = data[start : start + count * SECTION_HEADER_BYTES]
    table += b"".join(struct.pack("<10I", *header) for header in headers)
    data += bytes(-len(data) % 4)
    return put(put(data, Ehdr.SHOFF, len(data)), Ehdr.SHNUM, count + len(headers), HALF) + table


def string_at(data: bytes, offset: int) -> str:
    """Return the string that starts at a file offset."""
    return data[offset : data.index(b"\0", offset)].decode("utf-8", "surrogateescape")
