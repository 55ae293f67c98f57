"""`StorageInfo`, the descriptor of a stldr (docs/formats/stldr.md, StorageInfo)."""

import struct
from dataclasses import dataclass

from loaderconv_formats.device_name import read_device_name
from loaderconv_formats.device_type import type_code_of
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Notice

HEADER = struct.Struct("<100sH2xIIIB3x")
"""DeviceName, DeviceType, DeviceStartAddress, DeviceSize, PageSize, EraseValue: 120 bytes."""

GROUP = struct.Struct("<II")
"""Number of sectors, sector size: the order is the reverse of an FLM's."""

SECTOR_NUM = 10
SIZE_BYTES = HEADER.size + SECTOR_NUM * GROUP.size
"""200: CubeProgrammer 2.12 and later refuse any other size."""

MAX_NAME_LENGTH = 99

KINDS = {
    1: DeviceKind.MCU_FLASH,
    2: DeviceKind.NAND_FLASH,
    3: DeviceKind.NOR_FLASH,
    4: DeviceKind.SRAM,
    5: DeviceKind.PSRAM,
    6: DeviceKind.PC_CARD,
    7: DeviceKind.SPI_FLASH,
    8: DeviceKind.I2C_FLASH,
    9: DeviceKind.SDRAM,
    10: DeviceKind.I2C_EEPROM,
}


@dataclass(frozen=True)
class StorageInfo:
    """The descriptor's meaning and what was odd about it."""

    device: Device
    notices: tuple[Notice, ...]


def pack_storage_info(device: Device) -> bytes:
    """Return the 200 bytes for a device.

    Raises:
        ConversionRefused: the structure cannot say it: a name that is too long, a kind without a number, more than 10
            sector groups, a hole between sectors, a group without any, or 4 GiB, which takes 33 bits.
    """
    name = device.name.encode("ascii", "replace")
    if len(name) > MAX_NAME_LENGTH:
        raise ConversionRefused(
            f"The device name has {len(name)} characters, StorageInfo has room for {MAX_NAME_LENGTH}.",
            hint="Give a shorter one with --name.",
        )
    if len(device.sectors) > SECTOR_NUM:
        raise ConversionRefused(
            f"The device has {len(device.sectors)} sector groups, StorageInfo has room for {SECTOR_NUM}.",
            hint="Split the device into several loaders.",
        )
    _check_sectors(device)
    header = HEADER.pack(
        name,
        type_code_of(device, KINDS, "DeviceType"),
        device.base_address,
        device.size_bytes,
        device.page_size_bytes,
        device.erased_byte,
    )
    groups = b"".join(GROUP.pack(run.count, run.sector_size_bytes) for run in device.sectors)
    return (header + groups).ljust(SIZE_BYTES, b"\0")


def _check_sectors(device: Device) -> None:
    """Refuse what would be read back otherwise: a group has no offset, and a count of 0 ends the table."""
    offset = 0
    for run in device.sectors:
        if run.offset_bytes != offset or not run.count:
            raise ConversionRefused(
                f"The sectors of {run.sector_size_bytes} bytes at offset 0x{run.offset_bytes:x} do not follow those"
                f" before, which end at 0x{offset:x}; StorageInfo lists sectors without offsets.",
                hint="Split the device where its sectors have a hole, one loader for each part.",
            )
        offset = run.end_offset_bytes
    numbers = (number for run in device.sectors for number in (run.sector_size_bytes, run.count))
    if max(device.size_bytes, device.page_size_bytes, *numbers) >> 32:
        raise ConversionRefused(
            "A size of the device is 4 GiB, or so is its number of sectors: StorageInfo has 32 bits for each.",
            hint="Split the device into several loaders.",
        )


@dataclass(frozen=True)
class RawStorageInfo:
    """The fields of the structure as the file has them, whatever they say.

    Attributes:
        name: DeviceName, all 100 bytes.
        type_code: DeviceType.
        padding: the two bytes behind it and the three behind EraseValue.
        base_address: DeviceStartAddress.
        size_bytes: DeviceSize.
        page_size_bytes: PageSize.
        erased_value: EraseValue.
        groups: (count, sector size) of each slot that is there, at most ten, also behind the one that ends the table.
    """

    name: bytes
    type_code: int
    padding: bytes
    base_address: int
    size_bytes: int
    page_size_bytes: int
    erased_value: int
    groups: tuple[tuple[int, int], ...]

    @property
    def used_groups(self) -> tuple[tuple[int, int], ...]:
        """The slots up to the first with a count of 0, which ends the table."""
        end = next((number for number, (count, _) in enumerate(self.groups) if not count), len(self.groups))
        return self.groups[:end]


def read_raw(data: bytes) -> RawStorageInfo | None:
    """Return the fields of the descriptor at the start of `data`, None where there are fewer than 120 bytes."""
    if len(data) < HEADER.size:
        return None
    name, type_code, base, size, page, erased = HEADER.unpack_from(data)
    whole = (len(data) - HEADER.size) // GROUP.size
    table = data[HEADER.size : HEADER.size + GROUP.size * min(whole, SECTOR_NUM)]
    return RawStorageInfo(
        name=name,
        type_code=type_code,
        padding=data[102:104] + data[117:120],
        base_address=base,
        size_bytes=size,
        page_size_bytes=page,
        erased_value=erased,
        groups=tuple(GROUP.iter_unpack(table)),
    )


def parse_storage_info(data: bytes) -> StorageInfo:
    """Parse the descriptor. Shorter ones (SECTOR_NUM 2 gives 136 bytes) are read as far as they go.

    Raises:
        UnreadableInput: fewer bytes than the fixed part and one sector group.
    """
    raw = read_raw(data)
    if raw is None or not raw.groups:
        raise UnreadableInput(
            f"StorageInfo has {len(data)} bytes; the smallest has {HEADER.size + GROUP.size}.",
            hint="Check that Dev_Inf.c was linked: linker scripts that name its object file miss a .c.obj suffix.",
        )
    notices = []
    if len(data) < SIZE_BYTES:
        notices.append(
            Notice(
                code="short-descriptor",
                message=f"StorageInfo has {len(data)} bytes; CubeProgrammer 2.12 and later want {SIZE_BYTES}.",
            )
        )
    name, name_notices = read_device_name(raw.name, "DeviceName")
    notices += name_notices
    device = Device(
        name=name,
        kind=KINDS.get(raw.type_code, DeviceKind.UNKNOWN),
        type_code=raw.type_code,
        base_address=raw.base_address,
        size_bytes=raw.size_bytes,
        page_size_bytes=raw.page_size_bytes,
        erased_value=raw.erased_value,
        sectors=_runs(raw, notices),
    )
    return StorageInfo(device, tuple(notices))


def _runs(raw: RawStorageInfo, notices: list[Notice]) -> tuple[SectorRun, ...]:
    """Return the runs up to the first group of no sectors, or all ten."""
    runs: list[SectorRun] = []
    offset = 0
    for count, sector_size in raw.used_groups:
        if offset + count * sector_size > 1 << 32:
            notices.append(Notice(code="sectors-wrap", message="The sector groups go beyond the 32-bit address space."))
            return tuple(runs)
        whole = count if sector_size else 0
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=sector_size, count=whole))
        offset += count * sector_size
    if offset != raw.size_bytes:
        notices.append(
            Notice(
                code="sectors-do-not-fill-device",
                message=f"The sectors cover {offset} bytes, DeviceSize is {raw.size_bytes}.",
            )
        )
    return tuple(runs)
