"""Finds a flavour's routines among the symbols of a file."""

from collections.abc import Iterable, Mapping

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSegment, ElfSymbol
from loaderconv_formats.elf.loaded import LoadedRange, segment_of
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import UnreadableInput

_DAMAGED_HINT = "The file looks damaged or badly post-processed: take it from its origin again."


def entry_points(symbols: Mapping[str, ElfSymbol], routines: Mapping[str, Routine]) -> tuple[EntryPoint, ...]:
    """Return the entry points that the file has, in the order of the flavour's table.

    Names match exactly: newlib's `_read` is not Read. A symbol at address 0 is a routine like any other. A driver's own
    `static int Read()` is no routine; only where all are local, as GNU ld leaves hidden symbols, do local ones count.
    """
    named = {
        name: symbols[name] for name in routines if name in symbols and symbols[name].type in (c.STT_FUNC, c.STT_NOTYPE)
    }
    exported = {name: symbol for name, symbol in named.items() if symbol.binding != c.STB_LOCAL}
    return tuple(
        EntryPoint(
            routine=routines[name],
            symbol=name,
            address=symbol.value & ~1,
            thumb=bool(symbol.value & 1),
            size_bytes=symbol.size_bytes,
        )
        for name, symbol in (exported or named).items()
    )


def descriptor_segment(image: ElfImage, descriptor: ElfSymbol, entries: Iterable[EntryPoint]) -> ElfSegment | None:
    """Return the PT_LOAD that holds the descriptor and nothing else; None where it shares one with code or data.

    Hosts leave the descriptor's own segment out of what they download; a shared one they cannot leave out.
    """
    segment = segment_of(descriptor.section) or _segment_at(image, descriptor.address)
    if segment is None:
        return None
    others = [
        section
        for section in image.sections
        if segment_of(section) is segment
        and section.is_allocated
        and section.size_bytes
        and not section.address <= descriptor.address < section.end
    ]
    in_code = descriptor.section is not None and any(
        symbol.section is descriptor.section and symbol.type == c.STT_FUNC for symbol in image.symbols
    )
    without_sections = descriptor.section is None and any(
        segment.address <= entry.address < segment.file_end for entry in entries
    )
    return None if others or in_code or without_sections else segment


def _segment_at(image: ElfImage, address: int) -> ElfSegment | None:
    """Return the PT_LOAD that brings bytes for an address; the last one, as for hosts that write them in order."""
    return next((s for s in reversed(image.load_segments) if s.address <= address < s.file_end), None)


def check_loaded(entries: Iterable[EntryPoint], loaded: Iterable[LoadedRange]) -> None:
    """Raise UnreadableInput where a routine lies at addresses for which the file loads no bytes."""
    ranges = list(loaded)
    for entry in entries:
        if not any(each.address <= entry.address < each.address + len(each.data) for each in ranges):
            raise UnreadableInput(
                f"{entry.symbol} at 0x{entry.address:08x} lies outside of the bytes that the file loads.",
                hint=_DAMAGED_HINT,
            )
