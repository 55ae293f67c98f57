"""ELF files that no loader can be, read as pyOCD reads them: in their own class and byte order."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment, ElfSymbol

_BYTE_ORDERS = {1: "<", 2: ">"}
_SYMBOL_TABLE = ".symtab"


class _Layouts(NamedTuple):
    """How the headers of a class are laid out, in `struct`'s letters, and where fields stand that moved."""

    header: str
    segment: str
    section: str
    symbol: str
    offset_in_segment: int
    flags_in_segment: int
    value_in_symbol: int
    info_in_symbol: int


_LAYOUTS = {
    1: _Layouts("HHIIIIIHHHHHH", "8I", "10I", "IIIBBH", 1, 6, 1, 3),
    2: _Layouts("HHIQQQIHHHHHH", "IIQQQQQQ", "IIQQQQIIQQ", "IBBHQQ", 2, 1, 4, 1),
}
"""By EI_CLASS."""

_IDENTITY_BYTES = 16

_LONGEST_NAME = 64
"""No name that pyOCD looks for is as long; the others need not be told apart."""


def foreign_image(data: bytes) -> ElfImage | None:
    """Return segments, sections and symbols as far as pyOCD looks at them; None where headers cannot be followed.

    A file without the section .symtab counts as one of the latter.
    """
    try:
        return _image(data)
    except (KeyError, IndexError, ZeroDivisionError, struct.error):
        return None


def _image(data: bytes) -> ElfImage:
    layouts, order = _LAYOUTS[data[4]], _BYTE_ORDERS[data[5]]
    header = struct.unpack_from(order + layouts.header, data, _IDENTITY_BYTES)
    segments_at, sections_at = header[4:6]
    segment_size, segment_count, section_size, section_count, names_index = header[8:13]
    sections = list(_records(data, order + layouts.section, sections_at, section_size, section_count))
    names = sections[names_index][4]
    found = [_section(data, names, each) for each in sections]
    symbols = {own.name: each for each, own in zip(sections, found, strict=True)}[_SYMBOL_TABLE]
    symbol_names, count = sections[symbols[6]][4], symbols[5] // symbols[9]
    in_file = min(segment_count, max(len(data) - segments_at, 0) // segment_size) if segment_count else 0
    return ElfImage(
        segments=[
            _segment(data, layouts, each)
            for each in _records(data, order + layouts.segment, segments_at, segment_size, in_file)
        ],
        sections=found,
        symbols=[
            _symbol(data, symbol_names, layouts, each)
            for each in _records(data, order + layouts.symbol, symbols[4], symbols[9], count)
        ],
    )


def _records(data: bytes, layout: str, start: int, size_bytes: int, count: int) -> Iterator[tuple[int, ...]]:
    """Yield the entries of a table. Raises struct.error where the file ends inside of it."""
    record = struct.Struct(layout)
    for number in range(count):
        if start + number * size_bytes > len(data):
            raise struct.error
        yield record.unpack_from(data, start + number * size_bytes)


def _segment(data: bytes, layouts: _Layouts, fields: tuple[int, ...]) -> ElfSegment:
    offset, address, physical_address, size_bytes, memory_size_bytes = fields[layouts.offset_in_segment :][:5]
    return ElfSegment(
        fields[0],
        address,
        data[offset : offset + min(size_bytes, memory_size_bytes)],
        memory_size_bytes,
        fields[layouts.flags_in_segment],
        fields[7],
        physical_address,
    )


def _section(data: bytes, names: int, fields: tuple[int, ...]) -> ElfSection:
    return ElfSection(_text(data, names + fields[0]), fields[1], fields[2], fields[3], fields[5])


def _symbol(data: bytes, names: int, layouts: _Layouts, fields: tuple[int, ...]) -> ElfSymbol:
    value, info = fields[layouts.value_in_symbol], fields[layouts.info_in_symbol]
    return ElfSymbol(_text(data, names + fields[0]), value, type=info & 0xF, binding=info >> 4)


def _text(data: bytes, start: int) -> str:
    """Return the text up to its NUL; empty where it is long, or behind the end of the file."""
    return data[start : max(data.find(b"\0", start, start + _LONGEST_NAME), start)].decode("latin-1")
