"""The memory as C-SPY sees it in one session: what the `.flash` file says, and what FlashInit puts in its place.

See docs/formats/iar.md, Constants.
"""

import re
from dataclasses import dataclass, replace

from loaderconv.hosts.framework2 import ERASE_LIST_ENTRY, Answer
from loaderconv_formats.iar.abi import OVERRIDE_BUFSIZE, OVERRIDE_LAYOUT, OVERRIDE_PAGESIZE
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import RunFailed

_PAIR = re.compile(r"\s*([0-9]{1,10})\s+(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10})\s*")
_HINT = "The loader asks the device for its layout; on a machine without that device it cannot know."


@dataclass(frozen=True)
class MemoryLayout:
    """What decides how data are cut.

    Attributes:
        device: the memory, by the addresses of the image.
        buffer: RAM for one transfer.
    """

    device: Device
    buffer: AddressRange


def as_described(device: Device, buffer: AddressRange) -> MemoryLayout:
    """Return what the files say.

    Raises:
        RunFailed: a page without bytes, a buffer that holds no entry of the list of blocks, or a memory that the offset
            of its pass puts across the end of the address space.
    """
    if device.base_address + device.size_bytes > ADDRESS_SPACE_BYTES:
        raise RunFailed(
            f"The memory at 0x{device.base_address:08x} does not end within the 32-bit address space.",
            hint="Check <rel_offset> in the .board file.",
        )
    return _checked(MemoryLayout(device, buffer))


def overridden(layout: MemoryLayout, answer: Answer, text: str) -> MemoryLayout:
    """Return the layout with what FlashInit changed of it.

    Args:
        layout: what the files say.
        answer: of FlashInit, which did not fail.
        text: what it left in the buffer.

    Raises:
        RunFailed: it says something impossible, such as 0 blocks.
    """
    device, buffer = layout.device, layout.buffer
    if answer.result & OVERRIDE_LAYOUT:
        sectors = _sectors(device.base_address, text)
        device = device.model_copy(update={"sectors": sectors, "size_bytes": sectors[-1].end_offset_bytes})
    if answer.result & OVERRIDE_BUFSIZE:
        if buffer.start + answer.block_size > ADDRESS_SPACE_BYTES:
            raise RunFailed(
                f"FlashInit gave a buffer of {answer.block_size} bytes at 0x{buffer.start:08x}.", hint=_HINT
            )
        buffer = AddressRange(start=buffer.start, size_bytes=answer.block_size)
    if answer.result & OVERRIDE_PAGESIZE:
        device = device.model_copy(update={"page_size_bytes": answer.offset_into_block})
    return _checked(replace(layout, device=device, buffer=buffer))


def _checked(layout: MemoryLayout) -> MemoryLayout:
    if not layout.device.page_size_bytes:
        raise RunFailed("A page of the memory has no bytes.", hint="Check <page> in the .flash file.")
    if layout.buffer.size_bytes < ERASE_LIST_ENTRY.size:
        raise RunFailed(
            f"The buffer of {layout.buffer.size_bytes} bytes does not hold one entry of the list of blocks to erase.",
            hint="Check FlashBufferStart and FlashBufferEnd in the linker's map.",
        )
    return layout


def _sectors(base_address: int, text: str) -> tuple[SectorRun, ...]:
    """Read pairs of count and size, separated by commas; a comma at the end counts for nothing."""
    runs: list[SectorRun] = []
    offset = 0
    for pair in text.rstrip().removesuffix(",").split(","):
        found = _PAIR.fullmatch(pair)
        count, size = (int(found[1]), int(found[2], 16 if found[2][:2] in {"0x", "0X"} else 10)) if found else (0, 0)
        if not count * size or base_address + offset + count * size > ADDRESS_SPACE_BYTES:
            raise RunFailed(f"FlashInit gave the layout {quoted(text)}, which is none.", hint=_HINT)
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
        offset += count * size
    return tuple(runs)
