"""Where the routines of a source begin in memory: in the source itself, and inside of a loader converted from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loaderconv.simulation.subject import Subject
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import PlacementKind, Segment

PREFIXES = {Flavour.FLM: "flm.", Flavour.STLDR: "stldr.", Flavour.IAR: "iar."}
"""What a conversion puts in front of the names of its source."""

_BEHIND_STUBS = {
    "FlashInit": Routine.INIT,
    "FlashWrite": Routine.PROGRAM_PAGE,
    "FlashErase": Routine.ERASE_SECTOR,
    "FlashChecksum": Routine.CHECKSUM,
    "FlashSignoff": Routine.SIGNOFF,
}
"""The functions behind IAR's stubs: a shim calls these, C-SPY the stubs (docs/formats/iar.md, Symbols)."""

_ROUTINES: Mapping[Flavour, Mapping[str, Routine]] = {
    Flavour.FLM: flm_abi.ROUTINES,
    Flavour.STLDR: stldr_abi.ROUTINES,
    Flavour.IAR: _BEHIND_STUBS,
}

_SEARCHED_BYTES = 64
"""So much code from the start of a source's is looked for in the converted loader; less may be there by chance."""


@dataclass(frozen=True)
class Mark:
    """The start of one of the source's routines.

    Attributes:
        symbol: its name.
        routine: what it does.
        address: its link address in the source.
    """

    symbol: str
    routine: Routine
    address: int


@dataclass(frozen=True)
class Carried:
    """How a converted loader carries the code of its source.

    Attributes:
        distance: what is added modulo 2**32 to a link address of the source to get the one in the converted loader.
        moves: the code moves with the image of the converted loader; otherwise it runs at that address.
    """

    distance: int
    moves: bool


def marks_of(source: Subject) -> tuple[Mark, ...]:
    """Return the routines of a source that hosts and shims call."""
    found = []
    for symbol, routine in _ROUTINES[source.loader.flavour].items():
        address = _address(source, symbol)
        if address is not None:
            found.append(Mark(symbol, routine, address))
    return tuple(found)


def carried_in(source: Subject, converted: Subject) -> Carried | None:
    """Return how one loader carries the code of another, None where it does not."""
    code = next((each for each in source.loader.image_segments if each.executable), None)
    return None if code is None else next(_possibilities(source, converted, code), None)


def _possibilities(source: Subject, converted: Subject, code: Segment) -> Iterator[Carried]:
    """Yield what names, installed ranges, and bytes say, in this order."""
    moves = converted.loader.placement.kind is PlacementKind.POSITION_INDEPENDENT
    prefix = PREFIXES[source.loader.flavour]
    named = {
        (address - mark.address) % ADDRESS_SPACE_BYTES
        for mark in marks_of(source)
        if (address := converted.symbols.address_of(prefix + mark.symbol)) is not None
    }
    if len(named) == 1:
        yield Carried(named.pop(), moves)
    own = [each.range for each in converted.loader.image_segments]
    alike = [each for each in (*converted.loader.installed, *own) if each.size_bytes == code.memory_size_bytes]
    for each in sorted(alike, key=lambda each: each.start != code.address):
        is_installed = each in converted.loader.installed
        yield Carried((each.start - code.address) % ADDRESS_SPACE_BYTES, moves and not is_installed)
    if _bytes_at(converted.loader, code.address, _SEARCHED_BYTES) == code.data[:_SEARCHED_BYTES]:
        yield Carried(0, moves)
    for address in _places_of(converted.loader, code.data[:_SEARCHED_BYTES]):
        yield Carried((address - code.address) % ADDRESS_SPACE_BYTES, moves)


def _address(source: Subject, symbol: str) -> int | None:
    exported = next((entry.address for entry in source.loader.entry_points if entry.symbol == symbol), None)
    return source.symbols.address_of(symbol) if exported is None else exported


def _bytes_at(loader: Loader, address: int, size_bytes: int) -> bytes:
    for segment in loader.image_segments:
        start = address - segment.address
        if 0 <= start < len(segment.data):
            return segment.data[start : start + size_bytes]
    return b""


def _places_of(loader: Loader, code: bytes) -> Iterator[int]:
    """Yield where bytes are found, if that is one place alone."""
    places = []
    for segment in loader.image_segments:
        start = segment.data.find(code) if code else -1
        while start >= 0:
            places.append(segment.address + start)
            start = segment.data.find(code, start + 1)
    if len(places) == 1:
        yield places[0]
