"""Where everything lies in the RAM of a stldr that carries another loader.

    base  host's BKPT word | shim | its table | source | page buffer | ... | host's stack | host's buffer  end

The image starts at base + 4 and is one block. A source that is bound to addresses in that RAM stays there, and the shim
takes the lowest gap that it fits in; one that is bound to another memory is carried along and installed by Init.
"""

from collections.abc import Sequence
from dataclasses import replace

from loaderconv.conversion.addresses import between, claimed_alignment, gaps_in, up
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.conversion.targets.block import Block, block_at
from loaderconv.conversion.targets.layout import FilePart, Install, Layout, Sizes, covering
from loaderconv_formats.stldr import abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.plan import Region, RegionKind

HOST_BUFFER_ALIGNMENT = 32

SAME_MEMORY_BYTES = 1 << 20
"""What starts within so much behind the end of a RAM may be the same memory: the largest of a Cortex-M have 1 MiB."""

_FILLER = FilePart(".fill", "unused", AddressRange(start=0, size_bytes=0), executable=False, alignment_bytes=4)
_RAM_HINT = "Give a larger RAM with --ram BASE:SIZE or --chip NAME, as the data sheet and CubeProgrammer know it."


def stldr_layout(
    parts: SourceParts, device: Device, ram: AddressRange, sizes: Sizes, other_rams: Sequence[AddressRange] = ()
) -> Layout:
    """Place everything, from the RAM base upwards.

    Args:
        parts: the source.
        device: as the stldr describes it.
        ram: what the host uses.
        sizes: of what the shim needs.
        other_rams: RAM that is known to be of another memory.

    Raises:
        ConversionRefused: it does not fit, or the source is bound to addresses that the host uses.
    """
    inside, outside = ((), ()) if parts.is_movable else _divided(parts, ram, other_rams)
    stack = parts.bare_stack if parts.bare_stack is not None and parts.bare_stack.overlaps(ram) else None
    start = ram.start + abi.HOST_WORD_BYTES
    kept = _kept(parts, ram)
    taken = [*(piece.range for piece in inside), *([stack] if stack else []), *kept]
    block = _block(parts, outside, sizes, between(start, max(start, ram.end)), taken)
    image = between(start, up(max([block.range.end, *(each.end for each in taken)]), 4))
    stack_end = up(image.end + abi.HOST_STACK_BYTES, 8)
    buffer_start = up(stack_end + HOST_BUFFER_ALIGNMENT, HOST_BUFFER_ALIGNMENT)
    _check_room(ram, image, buffer_start, device)
    named = [*block.parts, *map(_part, inside)]
    if stack is not None:
        named.append(FilePart(".source_stack", "stack of the source", stack, executable=False, alignment_bytes=4))
    named += [
        FilePart(".kept", "kept for what the source installs", each, executable=False, alignment_bytes=4)
        for each in kept
    ]
    parts_of_image = covering(image, sorted(named, key=lambda part: part.range.start), _FILLER)
    installs = _installs(parts, block, outside, ram)
    return Layout(
        image=image,
        parts=parts_of_image,
        shim=block.shim,
        table=block.table,
        page_buffer=block.page_buffer,
        carried=(*block.carried, *((piece, piece.address) for piece in inside)),
        source_delta=block.source_delta,
        installs=installs,
        regions=tuple(
            sorted(
                [
                    _host("BKPT, written by the host", between(ram.start, image.start)),
                    *(Region(name=part.title, kind=RegionKind.IMAGE, range=part.range) for part in parts_of_image),
                    _host("stack, set by the host", between(image.end, stack_end)),
                    _host("data, put there by the host", between(buffer_start, ram.end)),
                    *(_installed(install) for install in installs),
                ],
                key=lambda region: region.range.start,
            )
        ),
    )


def install_count(parts: SourceParts, ram: AddressRange) -> int:
    """Return how many ranges will be installed outside of a RAM."""
    if parts.is_movable:
        return 0
    return sum(not each.overlaps(ram) for each in parts.taken)


def _divided(
    parts: SourceParts, ram: AddressRange, other_rams: Sequence[AddressRange]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return the pieces that stay inside the RAM, and those that belong to another memory."""
    inside = tuple(_behind_host_word(piece, parts, ram) for piece in parts.pieces if piece.range.overlaps(ram))
    outside = tuple(piece for piece in parts.pieces if not piece.range.overlaps(ram))
    for each in (piece for piece in inside if not _contains(ram, piece.range)):
        raise ConversionRefused(
            f"The source is bound to {each.range}, which the RAM {ram} holds only in part.",
            hint=_RAM_HINT,
        )
    stack = parts.bare_stack
    behind_word = _behind_word(ram)
    if stack is not None and stack.overlaps(ram) and not _contains(behind_word, stack):
        raise ConversionRefused(
            f"The source's stack {stack} is not wholly inside the RAM that the host leaves, {behind_word}.",
            hint=_RAM_HINT,
        )
    for taken in parts.taken:
        is_close = 0 <= taken.start - ram.end < SAME_MEMORY_BYTES
        if is_close and not any(_contains(other, taken) for other in other_rams):
            raise ConversionRefused(
                f"The source is bound to {taken}, right behind the RAM {ram}: CubeProgrammer takes all RAM that it"
                " knows for its buffer, and would overwrite it.",
                hint="Give all of that RAM with --ram BASE:SIZE, which makes the source part of the image, or --chip.",
            )
    return inside, outside


def _kept(parts: SourceParts, ram: AddressRange) -> list[AddressRange]:
    """Return what a source that is a converted loader will fill of the RAM.

    Raises:
        ConversionRefused: that is not wholly inside what the host leaves.
    """
    found = [each for each in parts.installed if each.overlaps(ram)]
    behind_word = _behind_word(ram)
    for each in found:
        if not _contains(behind_word, each):
            raise ConversionRefused(
                f"The source is a converted loader that fills {each}, of which the host leaves only {behind_word}.",
                hint="Convert the original loader instead, or give other RAM with --ram.",
            )
    return found


def _behind_word(ram: AddressRange) -> AddressRange:
    """Return what the host leaves of a RAM."""
    start = ram.start + abi.HOST_WORD_BYTES
    return between(start, max(start, ram.end))


def _behind_host_word(piece: Piece, parts: SourceParts, ram: AddressRange) -> Piece:
    """Return a piece without the first word of RAM, which nobody misses where it is C-SPY's initial sp."""
    if piece.address >= ram.start + abi.HOST_WORD_BYTES or piece.address < ram.start:
        return piece
    interface = parts.loader.iar_interface
    if piece.address != ram.start or interface is None or interface.vector_table != ram.start:
        raise ConversionRefused(
            f"The source has code or data at 0x{piece.address:08x}, where CubeProgrammer writes a BKPT over it.",
            hint="Link it some bytes higher, or let CubeProgrammer use another RAM (--ram, --chip).",
        )
    skipped = abi.HOST_WORD_BYTES
    return replace(
        piece, address=piece.address + skipped, data=piece.data[skipped:], size_bytes=piece.size_bytes - skipped
    )


def _block(
    parts: SourceParts, payload: tuple[Piece, ...], sizes: Sizes, room: AddressRange, taken: list[AddressRange]
) -> Block:
    """Return the shim's block in the lowest gap that holds it; behind everything where the RAM has none."""
    for gap in gaps_in(room, taken):
        block = block_at(up(gap.start, 4), parts, payload, sizes)
        if block.range.end <= gap.end:
            return block
    return block_at(up(max([room.start, *(each.end for each in taken)]), 4), parts, payload, sizes)


def _installs(parts: SourceParts, block: Block, outside: tuple[Piece, ...], ram: AddressRange) -> tuple[Install, ...]:
    if parts.is_movable:
        return ()
    sources = dict(block.carried)
    found = [
        Install(sources.get(piece, piece.address), piece.address, len(piece.data), piece.zeros.size_bytes)
        for piece in outside
    ]
    stack = parts.bare_stack
    if stack is not None and not stack.overlaps(ram):
        found.append(Install(stack.start, stack.start, 0, stack.size_bytes))
    return tuple(found)


def _check_room(ram: AddressRange, image: AddressRange, buffer_start: int, device: Device) -> None:
    needed = buffer_start + device.page_size_bytes - ram.start
    if needed > ram.size_bytes:
        raise ConversionRefused(
            f"The loader needs {needed} bytes of RAM at 0x{ram.start:08x} ({image.end - ram.start} for its image,"
            f" {buffer_start - image.end} for the host's stack, {device.page_size_bytes} for one page of data),"
            f" there are {ram.size_bytes}.",
            hint=_RAM_HINT,
        )


def _part(piece: Piece) -> FilePart:
    alignment = claimed_alignment(piece.address, 4)
    title = f"{piece.name} at its link address"
    return FilePart(piece.name, title, piece.range, executable=piece.executable, alignment_bytes=alignment)


def _contains(ram: AddressRange, other: AddressRange) -> bool:
    return ram.start <= other.start and other.end <= ram.end


def _host(name: str, where: AddressRange) -> Region:
    return Region(name=name, kind=RegionKind.HOST, range=where)


def _installed(install: Install) -> Region:
    return Region(name="source, installed by Init", kind=RegionKind.INSTALLED, range=install.range)
