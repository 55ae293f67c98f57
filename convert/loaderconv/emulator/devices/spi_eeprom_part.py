"""Which SPI EEPROM stands behind a loader.

Sources: datasheets M95010 to M95M04 (ST), 25LC010A to 25LC1024 and 25CSM04 (Microchip), AT25010B to AT25M02, CAT25xx.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from loaderconv_schemas.device import Device, DeviceKind

SMALLEST_SIZE_BYTES = 128
LARGEST_SIZE_BYTES = 16 << 20
"""What three bytes of address reach."""

KIB = 1024
PAGE_SIZES = ((512, 16), (8 * KIB, 32), (32 * KIB, 64), (64 * KIB, 128), (256 * KIB, 256), (LARGEST_SIZE_BYTES, 512))
"""Up to a size, the page of the M95 series; other vendors' pages are no larger, or the same."""

SMALLEST_FLASH_SECTOR_BYTES = 4 * KIB
SMALLEST_FLASH_BYTES = 64 * KIB
LARGEST_SOLD_BYTES = 512 * KIB
PART_NAME = re.compile(r"M95\w?\d|25(LC|AA|CS|C)\w?\d|CAT25|AT25(\d{3}|M0\d)|EEPROM")
"""AT25SF, AT25DF and AT25QL are flash memories."""

WITH_ERASE = re.compile(r"25(LC|AA)(512|1024)")
PAGE_ERASE, SECTOR_ERASE, CHIP_ERASE = 0x42, 0xD8, 0xC7
KINDS = (DeviceKind.SPI_FLASH, DeviceKind.NOR_FLASH, DeviceKind.UNKNOWN)


@dataclass(frozen=True)
class SpiEepromPart:
    """A memory.

    Attributes:
        size_bytes: a power of two.
        page_size_bytes: what a write takes at most, and around what it wraps.
        erased_byte: what fills it in the beginning.
        erases: by opcode, how much an erase command erases; empty for most parts, which are written only.
    """

    size_bytes: int
    page_size_bytes: int
    erased_byte: int = 0xFF
    erases: Mapping[int, int] = field(default_factory=dict)

    @property
    def address_bytes(self) -> int:
        """How many bytes of address follow an opcode."""
        if self.size_bytes <= 512:
            return 1
        return 2 if self.size_bytes <= 64 * KIB else 3

    @property
    def has_address_bit_in_opcode(self) -> bool:
        """Whether bit 3 of READ and WRITE is the ninth bit of the address."""
        return self.size_bytes == 512


def is_spi_eeprom(device: Device) -> bool:
    """Tell whether a memory on SPI is an EEPROM: by the name of a part, else by sizes that no serial flash has."""
    if device.kind not in KINDS:
        return False
    if PART_NAME.search(device.name.upper()):
        return True
    has_small_sectors = 0 < device.smallest_sector_bytes < SMALLEST_FLASH_SECTOR_BYTES
    return device.size_bytes < SMALLEST_FLASH_BYTES or (device.size_bytes <= LARGEST_SOLD_BYTES and has_small_sectors)


def choose_spi_eeprom(device: Device) -> SpiEepromPart:
    """Return a part that fits a loader's descriptor; its size is rounded up to a power of two."""
    wanted = min(max(device.size_bytes, SMALLEST_SIZE_BYTES), LARGEST_SIZE_BYTES)
    size_bytes = 1 << (wanted - 1).bit_length()
    page = next(page for limit, page in PAGE_SIZES if size_bytes <= limit)
    erases: dict[int, int] = {}
    if WITH_ERASE.search(device.name.upper()):
        erases = {PAGE_ERASE: page, SECTOR_ERASE: size_bytes // 4, CHIP_ERASE: size_bytes}
    return SpiEepromPart(size_bytes, page, device.erased_byte, erases)
