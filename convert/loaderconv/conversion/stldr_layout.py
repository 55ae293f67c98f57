"""Where everything lies in the RAM of an stldr made from an FLM.

    base  host's BKPT word | shim | its table | FLM code | FLM data | page buffer | host's stack | host's buffer  end

The image starts at base + 4. The FLM keeps its distance from its link address a multiple of its largest section
alignment; all zero-initialised data is part of the image.
"""

from dataclasses import dataclass

from loaderconv_formats.stldr import abi
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part
from loaderconv_schemas.plan import Region, RegionKind

PAGE_BUFFER_ALIGNMENT = 8
HOST_BUFFER_ALIGNMENT = 32


@dataclass(frozen=True)
class StldrLayout:
    """Addresses of all parts; each range but the host's is part of the image.

    Attributes:
        host_word: where the host writes its BKPT instruction.
        shim: code of the shim.
        table: parameter table, up to where the source starts.
        source: the source's image.
        source_delta: what the source was moved by, modulo 2**32.
        page_buffer: one page, word-aligned.
        stack: what the host leaves for the stack.
        host_buffer: what is left for the host's data.
    """

    host_word: AddressRange
    shim: AddressRange
    table: AddressRange
    source: AddressRange
    source_delta: int
    page_buffer: AddressRange
    stack: AddressRange
    host_buffer: AddressRange

    @property
    def image(self) -> AddressRange:
        """What the host downloads."""
        return AddressRange(start=self.shim.start, size_bytes=self.page_buffer.end - self.shim.start)

    def moved(self, link_address: int) -> int:
        """Return where an address of the source's image ends up."""
        return (link_address + self.source_delta) % (1 << 32)


def lay_out(loader: Loader, device: Device, ram: AddressRange, *, shim_bytes: int, table_bytes: int) -> StldrLayout:
    """Place everything, from the RAM base upwards.

    Raises:
        ConversionRefused: it does not fit; the message tells how much is needed.
    """
    link = span(segment.range for segment in loader.image_segments)
    shim_start = ram.start + abi.HOST_WORD_BYTES
    table_start = shim_start + shim_bytes
    alignment = loader.placement.alignment_bytes
    source_start = _up(table_start + table_bytes - link.start % alignment, alignment) + link.start % alignment
    page_start = _up(source_start + link.size_bytes, PAGE_BUFFER_ALIGNMENT)
    image_end = page_start + _up(device.page_size_bytes, 4)
    stack_end = _up(image_end + abi.HOST_STACK_BYTES, 8)
    buffer_start = _up(stack_end + HOST_BUFFER_ALIGNMENT, HOST_BUFFER_ALIGNMENT)
    needed = buffer_start + device.page_size_bytes - ram.start
    if needed > ram.size_bytes:
        raise ConversionRefused(
            f"The loader needs {needed} bytes of RAM at 0x{ram.start:08x} ({image_end - ram.start} for its image,"
            f" {buffer_start - image_end} for the host's stack, {device.page_size_bytes} for one page of data),"
            f" there are {ram.size_bytes}.",
            hint="Give a larger RAM with --ram BASE:SIZE, as the data sheet and CubeProgrammer know it.",
        )
    return StldrLayout(
        host_word=_between(ram.start, shim_start),
        shim=_between(shim_start, table_start),
        table=_between(table_start, source_start),
        source=_between(source_start, page_start),
        source_delta=(source_start - link.start) % (1 << 32),
        page_buffer=_between(page_start, image_end),
        stack=_between(image_end, stack_end),
        host_buffer=_between(buffer_start, ram.end),
    )


def memory_map(loader: Loader, layout: StldrLayout) -> tuple[Region, ...]:
    """Return the rows of the plan's memory map, in address order."""
    rows = [
        Region(name="BKPT, written by the host", kind=RegionKind.HOST, range=layout.host_word),
        Region(name="shim", kind=RegionKind.IMAGE, range=layout.shim),
        Region(name="shim parameters", kind=RegionKind.IMAGE, range=layout.table),
        *source_regions(loader, layout),
        Region(name="page buffer", kind=RegionKind.IMAGE, range=layout.page_buffer),
        Region(name="stack, set by the host", kind=RegionKind.HOST, range=layout.stack),
        Region(name="data, put there by the host", kind=RegionKind.HOST, range=layout.host_buffer),
    ]
    return tuple(rows)


def source_regions(loader: Loader, layout: StldrLayout) -> tuple[Region, ...]:
    """Return the source's segments; each takes the gap behind it, so that they cover the source without holes."""
    names = {Part.CODE: "PrgCode", Part.DATA: "PrgData"}
    segments = sorted(loader.image_segments, key=lambda segment: segment.address)
    starts = [layout.moved(segment.address) for segment in segments]
    ends = [*starts[1:], layout.source.end]
    return tuple(
        Region(name=names[segment.part], kind=RegionKind.IMAGE, range=_between(start, end))
        for segment, start, end in zip(segments, starts, ends, strict=True)
        if end > start
    )


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment


def _between(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)
