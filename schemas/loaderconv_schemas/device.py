"""The memory that a loader serves: where it lies, how it erases and programs."""

from enum import StrEnum

from pydantic import Field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Address, Byte, ByteCount, Milliseconds, Model


class DeviceKind(StrEnum):
    """Kinds of memory that StorageInfo.DeviceType and FlashDevice.DevType tell apart (docs/formats)."""

    UNKNOWN = "unknown"
    MCU_FLASH = "MCU flash"
    NAND_FLASH = "NAND flash"
    NOR_FLASH = "NOR flash"
    NOR_FLASH_8_BIT = "NOR flash, 8-bit bus"
    NOR_FLASH_16_BIT = "NOR flash, 16-bit bus"
    NOR_FLASH_32_BIT = "NOR flash, 32-bit bus"
    SRAM = "SRAM"
    PSRAM = "PSRAM"
    PC_CARD = "PC card"
    SPI_FLASH = "SPI flash"
    I2C_FLASH = "I2C flash"
    SDRAM = "SDRAM"
    I2C_EEPROM = "I2C EEPROM"


class SectorRun(Model):
    """Consecutive sectors of one size: the geometry that StorageInfo, FlashDevice and `.flash` all express.

    Attributes:
        offset_bytes: start of the first sector, relative to the device's base address.
        sector_size_bytes: erase size of each sector.
        count: how many sectors; 0 where the file's numbers leave no whole sector.
    """

    offset_bytes: ByteCount
    sector_size_bytes: ByteCount
    count: int = Field(ge=0)

    @property
    def size_bytes(self) -> int:
        """Bytes that the run covers."""
        return self.sector_size_bytes * self.count

    @property
    def end_offset_bytes(self) -> int:
        """Offset of the first byte behind the run, relative to the device's base address."""
        return self.offset_bytes + self.size_bytes


class Device(Model):
    """A memory as its descriptor declares it. Values are the file's own, also where they contradict each other.

    Attributes:
        name: what tools show, cut at the first NUL.
        kind: the kind that `type_code` stands for in the loader's flavour.
        type_code: the number in the descriptor; kept because real files hold numbers outside every table. None where
            the flavour has no such field (IAR).
        base_address: first address, as the host passes it to the loader.
        size_bytes: size of the memory.
        page_size_bytes: the programming unit.
        erased_value: what an erased byte reads as; None where the flavour has no such field (IAR).
        program_timeout_ms: longest time to program one page; None where the flavour has no such field.
        erase_timeout_ms: longest time to erase one sector; None where the flavour has no such field.
        sectors: erase geometry in the file's order.
    """

    name: str
    kind: DeviceKind
    type_code: int | None = Field(default=None, ge=0, le=0xFFFF)
    base_address: Address
    size_bytes: ByteCount
    page_size_bytes: ByteCount
    erased_value: Byte | None = None
    program_timeout_ms: Milliseconds | None = None
    erase_timeout_ms: Milliseconds | None = None
    sectors: tuple[SectorRun, ...]

    @property
    def range(self) -> AddressRange:
        """The addresses of the memory. Raises ValueError where base and size go beyond 32 bits."""
        return AddressRange(start=self.base_address, size_bytes=self.size_bytes)

    @property
    def erased_byte(self) -> int:
        """The erased value, 0xFF where the file has none: of 873 surveyed descriptors with that field, 872 say so."""
        return 0xFF if self.erased_value is None else self.erased_value

    @property
    def smallest_sector_bytes(self) -> int:
        """Size of the smallest sector, 0 where there is none."""
        return min((run.sector_size_bytes for run in self.sectors), default=0)
