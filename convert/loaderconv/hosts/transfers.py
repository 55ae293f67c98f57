"""Cuts data into the pieces that C-SPY hands to a loader (docs/formats/iar.md, Protocol)."""

from collections.abc import Iterator
from dataclasses import dataclass

from loaderconv.hosts.host import sectors_in
from loaderconv.hosts.memory_layout import MemoryLayout
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device


@dataclass(frozen=True)
class Transfer:
    """One filling of the buffer.

    Attributes:
        block: the one in which it starts; data that are longer go on into the blocks behind it.
        offset_bytes: from the start of the block.
        data: at most as many bytes as the buffer holds.
    """

    block: AddressRange
    offset_bytes: int
    data: bytes


def are_on_blocks(device: Device, wanted: AddressRange) -> bool:
    """Tell whether every address of a range belongs to a block; between blocks there may be gaps."""
    held = sum(min(block.end, wanted.end) - max(block.start, wanted.start) for block in sectors_in(device, wanted))
    return held == wanted.size_bytes


def transfers(layout: MemoryLayout, address: int, data: bytes, *, crosses_blocks: bool) -> Iterator[Transfer]:
    """Cut data, all of which are on blocks, into transfers as large as the buffer allows.

    The first and the last page are filled up with the erased value. A transfer ends at a page unless the buffer is
    smaller than one.

    Args:
        layout: blocks, page and buffer.
        address: of the first byte.
        data: at least one byte.
        crosses_blocks: one transfer may hold data of several blocks (`aggregate`).
    """
    device = layout.device
    blocks = sectors_in(device, AddressRange(start=address, size_bytes=len(data)))
    base, page = device.base_address, device.page_size_bytes
    start = max(_page_start(address, base, page), blocks[0].start)
    end = min(_page_start(address + len(data) + page - 1, base, page), blocks[-1].end)
    erased = bytes([device.erased_byte])
    whole_pages = erased * (address - start) + data + erased * (end - address - len(data))
    position = start
    for block in blocks:
        limit = end if crosses_blocks else min(block.end, end)
        while position < min(block.end, end):
            size = _size(position - base, limit - base, layout)
            yield Transfer(block, position - block.start, whole_pages[position - start : position - start + size])
            position += size


def _page_start(address: int, base: int, page: int) -> int:
    return address - (address - base) % page


def _size(offset: int, limit: int, layout: MemoryLayout) -> int:
    """Return the bytes of the transfer that starts at an offset from the device's base and may go up to a limit."""
    full = offset + layout.buffer.size_bytes
    if full >= limit:
        return limit - offset
    at_page = full - full % layout.device.page_size_bytes
    return (at_page if at_page > offset else full) - offset
