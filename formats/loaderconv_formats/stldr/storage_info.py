"""`StorageInfo`, the descriptor of a stldr (docs/formats/stldr.md, StorageInfo)."""

import struct
from dataclasses import dataclass

from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Notice
from loaderconv_schemas.text import printable

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
TYPE_CODES = {kind: code for code, kind in KINDS.items()}


@dataclass(frozen=True)
class StorageInfo:
    """The descriptor's meaning and what was odd about it."""

    device: Device
    notices: tuple[Notice, ...]


def pack_storage_info(device: Device) -> bytes:
    """Return the 200 bytes for a device whose sectors are in order and without gaps.

    Raises:
        ConversionRefused: more than 10 sector groups, or a name that does not fit; the plan checks both before.
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
    header = HEADER.pack(
        name,
        device.type_code,
        device.base_address,
        device.size_bytes,
        device.page_size_bytes,
        device.erased_value,
    )
    groups = b"".join(GROUP.pack(run.count, run.sector_size_bytes) for run in device.sectors)
    return (header + groups).ljust(SIZE_BYTES, b"\0")


def parse_storage_info(data: bytes) -> StorageInfo:
    """Parse the descriptor. Shorter ones (SECTOR_NUM 2 gives 136 bytes) are read as far as they go.

    Raises:
        UnreadableInput: fewer bytes than the fixed part and one sector group.
    """
    if len(data) < HEADER.size + GROUP.size:
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
    raw_name, type_code, base, size, page, erased = HEADER.unpack_from(data)
    name, _, rest = raw_name.partition(b"\0")
    if rest.strip(b"\0"):
        notices.append(Notice(code="name-junk", message="DeviceName has bytes behind its NUL; they are ignored."))
    device = Device(
        name=printable(name.decode("ascii", "backslashreplace")),
        kind=KINDS.get(type_code, DeviceKind.UNKNOWN),
        type_code=type_code,
        base_address=base,
        size_bytes=size,
        page_size_bytes=page,
        erased_value=erased,
        sectors=_runs(data, size, notices),
    )
    return StorageInfo(device, tuple(notices))


def _runs(data: bytes, size: int, notices: list[Notice]) -> tuple[SectorRun, ...]:
    """Return the runs up to the first group of no sectors, or all ten."""
    runs: list[SectorRun] = []
    offset = 0
    for number in range(min(SECTOR_NUM, (len(data) - HEADER.size) // GROUP.size)):
        count, sector_size = GROUP.unpack_from(data, HEADER.size + number * GROUP.size)
        if not count:
            break
        if offset + count * sector_size > 1 << 32:
            notices.append(Notice(code="sectors-wrap", message="The sector groups go beyond the 32-bit address space."))
            return tuple(runs)
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=sector_size, count=count))
        offset += count * sector_size
    if offset != size:
        notices.append(
            Notice(
                code="sectors-do-not-fill-device",
                message=f"The sectors cover {offset} bytes, DeviceSize is {size}.",
            )
        )
    return tuple(runs)
