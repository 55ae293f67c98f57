"""What a parallel NOR memory says about itself: autoselect codes and the CFI table.

Sources: JESD68.01 (Common Flash Interface) and JEP137 (command sets); the values of times are those of S29GL-S.
"""

from collections.abc import Mapping

from loaderconv.emulator.devices.parallel_nor_part import CommandSet, ParallelPart

FIRST_REGION = 0x2D
REGION_BYTES = 4
EARLIEST_EXTENDED_TABLE = 0x40
X8_OR_X16 = 2
EXTENDED_TABLES = {
    CommandSet.AMD: (*b"PRI13", 0x10, 2, 1, 0, 8, 0, 0, 0, 0xB5, 0xC5, 0, 1),
    CommandSet.INTEL: (*b"PRI13", 0xE6, 1, 0, 0, 1, 3, 0, 0x33, 0),
}
REGION_UNIT_BYTES = 256
"""A size of a sector is given in this many bytes."""


def autoselect_codes(part: ParallelPart) -> Mapping[int, int]:
    """Return the answers by word address; nothing is protected."""
    first, middle, last = part.device_code
    return {0x00: part.vendor.manufacturer, 0x01: first, 0x02: 0, 0x03: 0, 0x0E: middle, 0x0F: last}


def cfi_table(part: ParallelPart) -> Mapping[int, int]:
    """Return the bytes of the table by word address."""
    table: dict[int, int] = {}

    def put(address: int, *values: int) -> None:
        table.update(enumerate(values, address))

    extended = max(EARLIEST_EXTENDED_TABLE, FIRST_REGION + REGION_BYTES * len(part.regions))
    put(0x10, *b"QRY", *part.vendor.command_set.to_bytes(2, "little"), *extended.to_bytes(2, "little"), 0, 0, 0, 0)
    # Supply 2.7 V to 3.6 V, no programming voltage; typical and longest times as powers of two.
    put(0x1B, 0x27, 0x36, 0, 0, 8, 9, 8, 0x12, 1, 2, 3, 3)
    put(0x27, _log2(part.size_bytes), X8_OR_X16, 0, _log2(part.vendor.buffer_size_bytes), 0, len(part.regions))
    for index, region in enumerate(part.regions):
        unit_count = region.sector_size_bytes // REGION_UNIT_BYTES
        put(
            FIRST_REGION + REGION_BYTES * index,
            *(region.count - 1).to_bytes(2, "little"),
            *unit_count.to_bytes(2, "little"),
        )
    put(extended, *EXTENDED_TABLES[part.vendor.command_set])
    return table


def _log2(size_bytes: int) -> int:
    return size_bytes.bit_length() - 1
