"""The bytes of an output's image, and the names of places in it."""

from collections.abc import Mapping

from loaderconv.conversion.targets.planned import Planned
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.new_image import LocalSymbol
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import EntryPoint
from loaderconv_schemas.loader import Flavour


def image_bytes(planned: Planned, others: Mapping[int, bytes] | None = None) -> bytes:
    """Return all bytes of the image; what nothing fills is zero, as its owner expects it.

    Args:
        planned: the plan.
        others: bytes by address besides shim, table and source.
    """
    layout = planned.layout
    image = bytearray(layout.image.size_bytes)
    contents = {
        layout.shim.start: planned.shim.code,
        layout.table.start: planned.table,
        **{address: piece.data for piece, address in layout.carried},
        **(others or {}),
    }
    for address, data in contents.items():
        start = address - layout.image.start
        image[start : start + len(data)] = data
    return bytes(image)


def entry_points(planned: Planned) -> tuple[EntryPoint, ...]:
    """Return the planned routines as those of a loader."""
    return tuple(
        EntryPoint(
            routine=entry.routine,
            symbol=entry.symbol,
            address=entry.address,
            thumb=True,
            size_bytes=planned.shim.routines[entry.symbol].size_bytes,
        )
        for entry in planned.plan.entry_points
    )


def installed_by(planned: Planned) -> tuple[AddressRange, ...]:
    """Return the RAM outside of its file that the output will use, and its source in turn."""
    parts = planned.parts
    if planned.plan.target is Flavour.IAR:  # what it clears lies in sections of the file
        ranges = [] if parts.bare_stack is None else [parts.bare_stack]
    else:
        ranges = [install.range for install in planned.layout.installs]
    ranges += [each for each in parts.installed if each not in ranges]
    return tuple(sorted(ranges, key=lambda each: each.start))


def local_symbols(planned: Planned) -> list[LocalSymbol]:
    """Return names for the shim's parts and the source's own, for debuggers and disassemblers."""
    layout = planned.layout
    return [
        LocalSymbol("$t", layout.shim.start, 0, c.STT_NOTYPE),
        *_data("shim_parameters", layout.table),
        *_source_symbols(planned),
        *_data("page_buffer", layout.page_buffer),
    ]


def _data(name: str, where: AddressRange) -> tuple[LocalSymbol, LocalSymbol]:
    return (
        LocalSymbol("$d", where.start, 0, c.STT_NOTYPE),
        LocalSymbol(name, where.start, where.size_bytes, c.STT_OBJECT),
    )


def _source_symbols(planned: Planned) -> list[LocalSymbol]:
    """Return the source's names, where its bytes lie in the file as they will in memory."""
    layout = planned.layout
    at_home = [piece.range for piece, address in layout.carried if address == layout.moved(piece.address)]
    return [
        LocalSymbol(symbol.name, layout.moved(symbol.value), symbol.size_bytes, symbol.type)
        for symbol in planned.parts.symbols
        if any(symbol.value & ~1 in where for where in at_home)
    ]
