"""Reads the addresses through which C-SPY drives an IAR loader (docs/formats/iar.md, Symbols, Parameter block)."""

import struct
from collections.abc import Mapping

from loaderconv_formats.elf.image import ElfSymbol
from loaderconv_formats.elf.routines import entry_points
from loaderconv_formats.iar import abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.iar import ArgumentBlock, IarInterface

_WORD = struct.Struct("<I")
_HALF_WORD = struct.Struct("<H")


def read_interface(symbols: Mapping[str, ElfSymbol]) -> IarInterface:
    """Return the interface; what the file lacks is None."""
    table = symbols.get(abi.VECTOR_TABLE)
    version = symbols.get(abi.FRAMEWORK_VERSION)
    version_number = None if version is None else _number(version, _HALF_WORD)
    break_symbol = symbols.get(abi.BREAK)
    return IarInterface(
        parameters=_object(symbols, abi.PARAMETERS),
        buffer=_between(symbols, abi.BUFFER_START, abi.BUFFER_END),
        break_address=None if break_symbol is None else break_symbol.value & ~1,
        stack=_between(symbols, abi.STACK_BASE, abi.STACK_LIMIT),
        stack_pointer=_stack_pointer(symbols),
        vector_table=None if table is None else table.address,
        arguments=_arguments(symbols),
        framework_version=version_number,
        framework_version_address=None if version is None or version_number is None else version.address,
        c_layer=entry_points(symbols, abi.C_LAYER),
        init_table=_filled(_between(symbols, abi.INIT_TABLE_BASE, abi.INIT_TABLE_LIMIT)),
    )


def _object(symbols: Mapping[str, ElfSymbol], name: str) -> AddressRange | None:
    symbol = symbols.get(name)
    if symbol is None or symbol.value + symbol.size_bytes > ADDRESS_SPACE_BYTES:
        return None
    return AddressRange(start=symbol.value, size_bytes=symbol.size_bytes)


def _between(symbols: Mapping[str, ElfSymbol], first: str, end: str) -> AddressRange | None:
    """Return the range between two symbols, empty where they are the wrong way round.

    Bit 0 is masked: the newest loaders have the buffer's symbols as functions with the Thumb bit set.
    """
    if first not in symbols or end not in symbols:
        return None
    start = symbols[first].value & ~1
    return AddressRange(start=start, size_bytes=max(0, (symbols[end].value & ~1) - start))


def _filled(found: AddressRange | None) -> AddressRange | None:
    return found if found is not None and found.size_bytes else None


def _stack_pointer(symbols: Mapping[str, ElfSymbol]) -> int | None:
    """Return what the host loads into sp: Cortex-M stubs never set it."""
    limit = symbols.get(abi.STACK_LIMIT)
    if limit is not None:
        return limit.value
    table = symbols.get(abi.VECTOR_TABLE)
    first_word = None if table is None else _number(table, _WORD)
    if first_word:
        return first_word
    bottom = symbols.get(abi.RAM_BOTTOM_LIMIT)
    return None if bottom is None else bottom.value


def _number(symbol: ElfSymbol, layout: struct.Struct) -> int | None:
    """Return the number behind a symbol; None where the file has no bytes for it."""
    section = symbol.section
    if section is None or symbol.address < section.address:
        return None
    offset = symbol.address - section.address
    data = section.data[offset : offset + layout.size]
    return int(layout.unpack(data)[0]) if len(data) == layout.size else None


def _arguments(symbols: Mapping[str, ElfSymbol]) -> ArgumentBlock | None:
    """Return where arguments go; a loader built without USE_ARGC_ARGV has none of the three symbols."""
    count = symbols.get(abi.ARGUMENT_COUNT)
    vector = _object(symbols, abi.ARGUMENT_VECTOR)
    text = _object(symbols, abi.ARGUMENT_TEXT)
    if count is None or vector is None or text is None:
        return None
    return ArgumentBlock(count_address=count.value, vector=vector, text=text)
