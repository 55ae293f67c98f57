"""The shim with all that belongs to it, laid out one behind the other in a free stretch of addresses."""

from dataclasses import dataclass

from loaderconv.conversion.addresses import between, claimed_alignment, up, up_to_congruent
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.conversion.targets.layout import ALIGNMENT, FilePart, Sizes
from loaderconv_schemas.address_range import AddressRange

SHIM_SECTION = ".shim"
TABLE_SECTION = ".shim_parameters"
PAGE_BUFFER_SECTION = ".page_buffer"


@dataclass(frozen=True)
class Block:
    """Addresses of the shim and what belongs to it.

    Attributes:
        range: all of it.
        parts: by address.
        shim: its code.
        table: the parameter table.
        page_buffer: one page.
        carried: pieces and where their bytes lie.
        source_delta: what a movable source is moved by, modulo 2**32.
    """

    range: AddressRange
    parts: tuple[FilePart, ...]
    shim: AddressRange
    table: AddressRange
    page_buffer: AddressRange
    carried: tuple[tuple[Piece, int], ...]
    source_delta: int


def block_at(start: int, parts: SourceParts, payload: tuple[Piece, ...], sizes: Sizes) -> Block:
    """Return the block from an address on.

    Args:
        start: of the shim, a multiple of 4.
        parts: the source; a movable one becomes part of the block.
        payload: pieces of another one whose bytes the block carries to be installed elsewhere.
        sizes: of what the shim needs.
    """
    shim = between(start, start + sizes.shim_bytes)
    table = between(shim.end, shim.end + sizes.table_bytes)
    if parts.is_movable:
        carried, delta = _moved_source(table.end, parts)
    else:
        carried, delta = _payload(table.end, payload), 0
    end = max([table.end, *(address + _kept_bytes(parts, piece) for piece, address in carried)])
    page_start = up(end, ALIGNMENT)
    page_buffer = between(page_start, page_start + sizes.page_buffer_bytes)
    named = [
        FilePart(SHIM_SECTION, "shim", shim, executable=True, alignment_bytes=4),
        FilePart(TABLE_SECTION, "shim parameters", table, executable=False, alignment_bytes=4),
        *(_part(parts, piece, address) for piece, address in carried),
        FilePart(PAGE_BUFFER_SECTION, "page buffer", page_buffer, executable=False, alignment_bytes=ALIGNMENT),
    ]
    return Block(between(start, page_buffer.end), tuple(named), shim, table, page_buffer, carried, delta)


def _moved_source(after: int, parts: SourceParts) -> tuple[tuple[tuple[Piece, int], ...], int]:
    """Return the pieces of a movable source at their distances, congruent to where they were linked."""
    link = parts.span
    start = up_to_congruent(after, parts.loader.placement.alignment_bytes, link.start)
    delta = start - link.start
    return tuple((piece, piece.address + delta) for piece in parts.pieces), delta % (1 << 32)


def _payload(after: int, pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, int], ...]:
    """Return the bytes of pieces, one behind the other, congruent modulo 4 to where they will be copied."""
    found = []
    for piece in pieces:
        if piece.data:
            start = up_to_congruent(after, 4, piece.address)
            found.append((piece, start))
            after = start + len(piece.data)
    return tuple(found)


def _kept_bytes(parts: SourceParts, piece: Piece) -> int:
    """Return how much of a piece lies in the block: zeros need not be carried, only where they stay."""
    return piece.size_bytes if parts.is_movable else len(piece.data)


def _part(parts: SourceParts, piece: Piece, address: int) -> FilePart:
    title = piece.name if parts.is_movable else f"bytes of {piece.name} for 0x{piece.address:08x}"
    alignment = claimed_alignment(address, parts.loader.placement.alignment_bytes if parts.is_movable else 4)
    where = between(address, address + _kept_bytes(parts, piece))
    executable = piece.executable and parts.is_movable
    return FilePart(piece.name, title, where, executable=executable, alignment_bytes=alignment)
