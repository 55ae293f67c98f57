"""What a serial NOR memory says about itself."""

from collections.abc import Iterator
from itertools import chain, cycle, repeat

from loaderconv.emulator.devices.nor_commands import Kind
from loaderconv.emulator.devices.serial_nor_part import NorPart
from loaderconv.emulator.devices.serial_nor_sfdp import sfdp

UNDRIVEN_BYTE = 0xFF


def identity(part: NorPart, kind: Kind, address: int) -> Iterator[int]:
    """Return the endless answer to a command that asks what the part is; 0xFF for one that asks nothing."""
    manufacturer, _kind, capacity = part.jedec_id
    if kind is Kind.READ_ID:
        return chain(part.jedec_id, repeat(0))
    if kind is Kind.READ_SHORT_ID:
        return cycle((manufacturer, capacity - 1))
    if kind is Kind.RELEASE:
        return repeat(capacity - 1)
    if kind is Kind.READ_SFDP:
        return chain(sfdp(part)[address:], repeat(UNDRIVEN_BYTE))
    return repeat(UNDRIVEN_BYTE)


def size_in_words(size_bytes: int) -> str:
    """Return a size as datasheets give it."""
    mebibytes, rest = divmod(size_bytes, 1 << 20)
    return f"{size_bytes >> 10} KiB" if rest else f"{mebibytes} MiB"
