"""Where everything lies in a converted loader, whatever its flavour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loaderconv.conversion.addresses import between, claimed_alignment, up
from loaderconv.conversion.sources.parts import Piece, SourceParts
from loaderconv.shims.blob import Shim
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.plan import Region

ALIGNMENT = 8
"""Of what has no wish of its own."""

MIN_FILLED_BYTES = 64
"""Holes from here on have a name of their own; smaller ones come from alignments."""


@dataclass(frozen=True)
class FilePart:
    """A named part of the image that the host downloads.

    Attributes:
        name: of its section.
        title: for the memory map.
        range: its addresses.
        executable: it holds code.
        alignment_bytes: power of two of which its address is a multiple.
    """

    name: str
    title: str
    range: AddressRange
    executable: bool
    alignment_bytes: int


@dataclass(frozen=True)
class Install:
    """What the shim does before the source is called for the first time.

    Attributes:
        source: address of the bytes in the image.
        to: address at which the source expects them.
        copy_bytes: how many.
        zero_bytes: zeros behind them.
    """

    source: int
    to: int
    copy_bytes: int
    zero_bytes: int

    @property
    def range(self) -> AddressRange:
        """The addresses that are written."""
        return AddressRange(start=self.to, size_bytes=self.copy_bytes + self.zero_bytes)


@dataclass(frozen=True)
class Layout:
    """Addresses of all parts.

    Attributes:
        image: what the host downloads as one block: the shim and what belongs to it.
        parts: together they cover the image without holes, by address.
        shim: its code.
        table: the parameter table and its lists.
        page_buffer: at least one page, word-aligned.
        carried: pieces and where their bytes lie in the image.
        source_delta: what a movable source was moved by, modulo 2**32; 0 for others.
        installs: in the order in which they are done.
        regions: the memory map for people, by address.
    """

    image: AddressRange
    parts: tuple[FilePart, ...]
    shim: AddressRange
    table: AddressRange
    page_buffer: AddressRange
    carried: tuple[tuple[Piece, int], ...]
    source_delta: int
    installs: tuple[Install, ...]
    regions: tuple[Region, ...]

    @property
    def own(self) -> AddressRange:
        """What no installation may touch: shim, table, and whatever of the image lies behind them."""
        return between(self.shim.start, self.image.end)

    def moved(self, link_address: int) -> int:
        """Return where an address of the source's image is at run time."""
        return (link_address + self.source_delta) % (1 << 32)


@dataclass(frozen=True)
class Sizes:
    """What the parts of the shim take.

    Attributes:
        shim_bytes: its code.
        table_bytes: the parameter table with its lists.
        page_buffer_bytes: one page, or more where the source needs more.
        transfer_page_bytes: what is programmed at once.
    """

    shim_bytes: int
    table_bytes: int
    page_buffer_bytes: int
    transfer_page_bytes: int


def sizes_of(parts: SourceParts, shim: Shim, *, run_count: int, install_count: int, page_bytes: int) -> Sizes:
    """Return the sizes for a source, so many sector runs, so many ranges to install and a page."""
    return Sizes(
        shim_bytes=len(shim.code),
        table_bytes=shim.table_size_bytes(run_count, install_count),
        page_buffer_bytes=up(max(page_bytes, parts.scratch_bytes), 4),
        transfer_page_bytes=page_bytes,
    )


def covering(image: AddressRange, named: Sequence[FilePart], filler: FilePart) -> tuple[FilePart, ...]:
    """Return parts that cover an image: each takes a small hole behind it, larger ones are filled.

    Args:
        image: what is covered.
        named: parts inside of it, by address.
        filler: its name, title and flags count, not its range.
    """
    found: list[FilePart] = []
    end = image.start
    for part in named:
        hole = between(end, part.range.start)
        if found and hole.size_bytes < MIN_FILLED_BYTES:
            found[-1] = replace(found[-1], range=between(found[-1].range.start, hole.end))
        elif hole.size_bytes:
            alignment = claimed_alignment(hole.start, filler.alignment_bytes)
            found.append(replace(filler, range=hole, alignment_bytes=alignment))
        found.append(part)
        end = part.range.end
    found[-1] = replace(found[-1], range=between(found[-1].range.start, image.end))
    return tuple(found)
