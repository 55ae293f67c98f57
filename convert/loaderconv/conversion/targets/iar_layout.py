"""Where everything lies in the RAM of an IAR loader that carries another loader.

    start  vector table | shim | its table | source | page buffer | stack | ... | C-SPY's buffer | ...  end

A source that is bound to addresses stays there, in that RAM or another one, and the rest takes the lowest gap that it
fits in. C-SPY's buffer is the largest gap that is left.
"""

from dataclasses import dataclass, replace

from loaderconv.conversion.addresses import between, gaps_in, up
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.conversion.targets.block import Block, block_at
from loaderconv.conversion.targets.layout import FilePart, Install, Layout, Sizes, covering
from loaderconv.shims.blob import MAX_STACK_BYTES
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.plan import Region, RegionKind

VECTOR_TABLE_BYTES = 64
VECTOR_TABLE_ALIGNMENT = 128
"""What VTOR takes for 16 entries; nothing sets it, but a loader of IAR's template has it at such an address."""

FRAMEWORK_VERSION_BYTES = 4
"""frameworkVersion, two bytes, and two to align what follows."""

_HEAD_BYTES = VECTOR_TABLE_BYTES + FRAMEWORK_VERSION_BYTES

SOURCE_STACK_BYTES = 0x400
"""For a source that runs on its host's stack: what CubeProgrammer leaves; no surveyed FLM used half of it."""

MIN_BUFFER_BYTES = 256
"""The smallest buffer of a surveyed loader (docs/formats/iar.md, Link-time layout)."""

_RAM_HINT = "Give a larger RAM with --ram BASE:SIZE or --chip NAME, as the data sheet has it."
_FILLER = FilePart(".fill", "unused", AddressRange(start=0, size_bytes=0), executable=False, alignment_bytes=4)


@dataclass(frozen=True)
class IarLayout:
    """A layout and what only C-SPY needs.

    Attributes:
        layout: the shim's block and the source.
        vector_table: at the start of the image.
        framework_version: behind it.
        stack: right behind the image, without bytes in the file.
        buffer: where C-SPY puts data.
        fixed: pieces of the source at their link addresses, outside of the image.
    """

    layout: Layout
    vector_table: AddressRange
    framework_version: AddressRange
    stack: AddressRange
    buffer: AddressRange
    fixed: tuple[Piece, ...]


def iar_layout(parts: SourceParts, device: Device, ram: AddressRange, sizes: Sizes) -> IarLayout:
    """Place everything.

    Raises:
        ConversionRefused: it does not fit.
    """
    if ram.end == ADDRESS_SPACE_BYTES:
        raise ConversionRefused(
            f"The RAM {ram} reaches to the end of the address space, and no symbol can hold the end of a buffer there.",
            hint="Leave at least its last byte out with --ram BASE:SIZE.",
        )
    taken = (*(() if parts.is_movable else parts.taken), *parts.installed)
    stack_bytes = MAX_STACK_BYTES + (0 if parts.stack is not None else SOURCE_STACK_BYTES)
    block, stack = _block_and_stack(parts, sizes, ram, taken, stack_bytes)
    image = between(block.range.start - _HEAD_BYTES, block.range.end)
    vector_table = AddressRange(start=image.start, size_bytes=VECTOR_TABLE_BYTES)
    version = AddressRange(start=vector_table.end, size_bytes=FRAMEWORK_VERSION_BYTES)
    buffer = _buffer(ram, [*taken, between(image.start, stack.end)], device)
    head = [
        FilePart(".intvec", "vector table", vector_table, executable=False, alignment_bytes=VECTOR_TABLE_ALIGNMENT),
        FilePart(".framework", "framework version", version, executable=False, alignment_bytes=4),
    ]
    parts_of_image = covering(image, [*head, *block.parts], _FILLER)
    layout = Layout(
        image=image,
        parts=parts_of_image,
        shim=block.shim,
        table=block.table,
        page_buffer=block.page_buffer,
        carried=block.carried,
        source_delta=block.source_delta,
        installs=_zeroed(parts),
        regions=tuple(
            sorted(
                [
                    *(Region(name=part.title, kind=RegionKind.IMAGE, range=part.range) for part in parts_of_image),
                    Region(name="stack", kind=RegionKind.IMAGE, range=stack),
                    Region(name="data, put there by the host", kind=RegionKind.HOST, range=buffer),
                    *_fixed_regions(parts),
                    *_kept_regions(parts),
                ],
                key=lambda region: region.range.start,
            )
        ),
    )
    return IarLayout(layout, vector_table, version, stack, buffer, () if parts.is_movable else parts.pieces)


def iar_install_count(parts: SourceParts) -> int:
    """Return how many ranges of the source the shim will have to clear."""
    return len(_zeroed(parts))


def _zeroed(parts: SourceParts) -> tuple[Install, ...]:
    """Return what of a source at fixed addresses starts as zero: C-SPY loads bytes only."""
    if parts.is_movable:
        return ()
    ranges = [piece.zeros for piece in parts.pieces if piece.zeros.size_bytes]
    return tuple(Install(each.start, each.start, 0, each.size_bytes) for each in ranges)


def _block_and_stack(
    parts: SourceParts, sizes: Sizes, ram: AddressRange, taken: tuple[AddressRange, ...], stack_bytes: int
) -> tuple[Block, AddressRange]:
    """Return the lowest place for the shim's block, with the vector table in front and the stack behind."""
    for gap in gaps_in(ram, taken):
        start = up(gap.start, VECTOR_TABLE_ALIGNMENT)
        block = block_at(start + _HEAD_BYTES, parts, (), sizes)
        stack_start = up(block.range.end, 8)
        stack = between(stack_start, up(stack_start + stack_bytes, 8))
        if stack.end <= gap.end:
            return replace(block, range=between(block.range.start, stack.start)), stack
    needed = up(block_at(_HEAD_BYTES, parts, (), sizes).range.end, 8) + stack_bytes
    raise ConversionRefused(
        f"The shim needs {needed} bytes in one piece besides the source, and the RAM {ram} has no such gap.",
        hint=_RAM_HINT,
    )


def _buffer(ram: AddressRange, taken: list[AddressRange], device: Device) -> AddressRange:
    gaps = [between(min(up(gap.start, 8), gap.end), gap.end) for gap in gaps_in(ram, taken)]
    buffer = max(gaps, key=lambda gap: gap.size_bytes, default=AddressRange(start=ram.end, size_bytes=0))
    needed = max(device.page_size_bytes, MIN_BUFFER_BYTES)
    if buffer.size_bytes < needed:
        raise ConversionRefused(
            f"The RAM {ram} leaves {buffer.size_bytes} bytes for C-SPY's buffer, {needed} are needed.", hint=_RAM_HINT
        )
    return buffer


def _kept_regions(parts: SourceParts) -> list[Region]:
    name = "kept for what the source installs"
    return [Region(name=name, kind=RegionKind.INSTALLED, range=each) for each in parts.installed]


def _fixed_regions(parts: SourceParts) -> list[Region]:
    if parts.is_movable:
        return []
    found = [
        Region(name=f"{piece.name} at its link address", kind=RegionKind.IMAGE, range=piece.range)
        for piece in parts.pieces
    ]
    if parts.bare_stack is not None:
        found.append(Region(name="stack of the source", kind=RegionKind.IMAGE, range=parts.bare_stack))
    return found
