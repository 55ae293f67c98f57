"""Where everything lies in an FLM that carries a loader which is bound to addresses. It is linked at 0, runs anywhere.

    0  bytes of the source | room for its zeros | shim || its table | more bytes of the source | page buffer

Init copies the source to its link address. Its first bytes come first, with room behind them for what starts as zero:
where a host loads the FLM right there, as probe-rs does, nothing has to move.
"""

from loaderconv.conversion.addresses import between, claimed_alignment, up, up_to_congruent
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.conversion.targets.block import PAGE_BUFFER_SECTION, SHIM_SECTION, TABLE_SECTION
from loaderconv.conversion.targets.layout import ALIGNMENT, FilePart, Install, Layout, Sizes, covering
from loaderconv_schemas.address_range import AddressRange

MAX_ROOM_BYTES = 8192
"""More room than this is not carried along; then the FLM cannot run where the source itself belongs."""

_NOWHERE = AddressRange(start=0, size_bytes=0)
_FILLER = FilePart("PrgCode", "bytes of the source", _NOWHERE, executable=True, alignment_bytes=4)


def flm_layout(parts: SourceParts, sizes: Sizes) -> Layout:
    """Place everything."""
    first, *others = sorted(parts.pieces, key=lambda piece: (not piece.data, piece.address))
    payload: list[tuple[Piece, int]] = [(first, 0)]
    shim = AddressRange(start=up(len(first.data) + _room_bytes(parts, first), 4), size_bytes=sizes.shim_bytes)
    table = AddressRange(start=shim.end, size_bytes=sizes.table_bytes)
    end = table.end
    for piece in others:
        if piece.data:
            start = up_to_congruent(end, 4, piece.address - first.address)
            payload.append((piece, start))
            end = start + len(piece.data)
    page_buffer = AddressRange(start=up(end, ALIGNMENT), size_bytes=sizes.page_buffer_bytes)
    image = between(0, page_buffer.end)
    named = [
        FilePart(SHIM_SECTION, "shim", shim, executable=True, alignment_bytes=4),
        FilePart(TABLE_SECTION, "shim parameters", table, executable=False, alignment_bytes=4),
        *(_payload_part(piece, start) for piece, start in payload[1:]),
        FilePart(PAGE_BUFFER_SECTION, "page buffer", page_buffer, executable=False, alignment_bytes=ALIGNMENT),
    ]
    return Layout(
        image=image,
        parts=covering(image, named, _FILLER),
        shim=shim,
        table=table,
        page_buffer=page_buffer,
        carried=tuple(payload),
        source_delta=0,
        installs=_installs(parts, payload, [first, *others]),
        regions=(),
    )


def flm_install_count(parts: SourceParts) -> int:
    """Return how many ranges Init will install."""
    return len(parts.taken) + len(parts.installed)


def _room_bytes(parts: SourceParts, first: Piece) -> int:
    """Return the room that the first piece needs behind its bytes at its link address, 0 where that is too much."""
    end = first.range.end
    stack = parts.bare_stack
    if stack is not None and 0 <= stack.start - end < ALIGNMENT:
        end = stack.end
    room = end - first.address - len(first.data)
    return room if room <= MAX_ROOM_BYTES else 0


def _installs(parts: SourceParts, payload: list[tuple[Piece, int]], pieces: list[Piece]) -> tuple[Install, ...]:
    """Return what Init does, the first piece first: where the FLM overlaps it, no other may come before."""
    sources = dict(payload)
    found = [Install(sources.get(piece, 0), piece.address, len(piece.data), piece.zeros.size_bytes) for piece in pieces]
    if parts.bare_stack is not None:
        found.append(Install(0, parts.bare_stack.start, 0, parts.bare_stack.size_bytes))
    # What the source itself installs later is cleared now, because so it is guarded like the rest.
    found += [Install(0, each.start, 0, each.size_bytes) for each in parts.installed]
    return tuple(found)


def _payload_part(piece: Piece, start: int) -> FilePart:
    where = AddressRange(start=start, size_bytes=len(piece.data))
    title = f"bytes of {piece.name} for 0x{piece.address:08x}"
    return FilePart(piece.name, title, where, executable=False, alignment_bytes=claimed_alignment(start, 4))
