"""`FlashDevice`, the descriptor of an FLM (docs/formats/flm.md, Descriptor; CMSIS FlashOS.h)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from loaderconv_formats.device_name import read_device_name
from loaderconv_formats.device_type import type_code_of
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Notice

HEADER = struct.Struct("<H128sHIIIIB3xII")
"""Vers, DevName, DevType, DevAdr, szDev, szPage, Res, valEmpty, toProg, toErase: 160 bytes, natural alignment."""

_PADDING = slice(149, 152)
"""Behind valEmpty, up to the next word."""

SECTOR = struct.Struct("<II")
"""szSector, AddrSector."""

SECTOR_END = 0xFFFF_FFFF
MAX_SECTOR_ENTRIES = 512

SIZE_BYTES = HEADER.size + SECTOR.size * MAX_SECTOR_ENTRIES
"""4256: the whole C structure. Files may ship less, hosts read up to the terminator."""

VERSION = 0x0101
"""Vers in every surveyed file."""

MAX_NAME_LENGTH = 127

DEFAULT_PROGRAM_TIMEOUT_MS = 100
DEFAULT_ERASE_TIMEOUT_MS = 3000
"""What the CMSIS template says, and most files after it, for devices from a flavour that knows no time limits."""

KINDS = {
    0: DeviceKind.UNKNOWN,
    1: DeviceKind.MCU_FLASH,
    2: DeviceKind.NOR_FLASH_8_BIT,
    3: DeviceKind.NOR_FLASH_16_BIT,
    4: DeviceKind.NOR_FLASH_32_BIT,
    5: DeviceKind.SPI_FLASH,
}
"""DevType: UNKNOWN, ONCHIP, EXT8BIT, EXT16BIT, EXT32BIT, EXTSPI."""


@dataclass(frozen=True)
class FlashDevice:
    """The descriptor's meaning, what was odd about it, and how many bytes it takes.

    Attributes:
        device: the memory.
        notices: oddities that were put right or left alone.
        size_bytes: 160 and the sector entries with their terminator.
    """

    device: Device
    notices: tuple[Notice, ...]
    size_bytes: int


def pack_flash_device(device: Device) -> bytes:
    """Return the 4256 bytes for a device.

    Raises:
        ConversionRefused: a name, a kind, a number or a sector list that the structure cannot hold.
    """
    name = device.name.encode("ascii", "replace")
    if len(name) > MAX_NAME_LENGTH:
        raise ConversionRefused(
            f"The device name has {len(name)} characters, FlashDevice has room for {MAX_NAME_LENGTH}.",
            hint="Give a shorter one with --name.",
        )
    if len(device.sectors) >= MAX_SECTOR_ENTRIES:
        raise ConversionRefused(
            f"The device has {len(device.sectors)} sector runs, FlashDevice has room for {MAX_SECTOR_ENTRIES - 1}.",
            hint="Split the device into several loaders.",
        )
    program_ms, erase_ms = device.program_timeout_ms, device.erase_timeout_ms
    try:
        header = HEADER.pack(
            VERSION,
            name,
            type_code_of(device, KINDS, "DevType"),
            device.base_address,
            device.size_bytes,
            device.page_size_bytes,
            0,
            device.erased_byte,
            DEFAULT_PROGRAM_TIMEOUT_MS if program_ms is None else program_ms,
            DEFAULT_ERASE_TIMEOUT_MS if erase_ms is None else erase_ms,
        )
        runs = b"".join(SECTOR.pack(run.sector_size_bytes, run.offset_bytes) for run in device.sectors)
    except struct.error as problem:
        raise ConversionRefused(
            f"The device {device.name} has a number that does not fit into the 32 bits of FlashDevice.",
            hint="Its size must be below 4 GiB, its time limits below 50 days.",
        ) from problem
    packed = (header + runs + SECTOR.pack(SECTOR_END, SECTOR_END)).ljust(SIZE_BYTES, b"\0")
    if parse_flash_device(packed).device.sectors != device.sectors:
        raise ConversionRefused(
            "FlashDevice cannot describe the sectors: each run there reaches to the start of the next, the last one"
            " to the end of the device.",
            hint="Split the device into several loaders, one for each part without holes.",
        )
    return packed


@dataclass(frozen=True)
class RawFlashDevice:
    """The fields of the structure as the file has them, whatever they say.

    Attributes:
        version: Vers.
        name: DevName, all 128 bytes.
        type_code: DevType.
        base_address: DevAdr.
        size_bytes: szDev.
        page_size_bytes: szPage.
        reserved: Res.
        erased_value: valEmpty.
        padding: the three bytes behind it.
        program_timeout_ms: toProg.
        erase_timeout_ms: toErase.
        entries: (szSector, AddrSector) up to the terminator, or as far as the bytes and the array go.
        is_terminated: whether there is a terminator.
    """

    version: int
    name: bytes
    type_code: int
    base_address: int
    size_bytes: int
    page_size_bytes: int
    reserved: int
    erased_value: int
    padding: bytes
    program_timeout_ms: int
    erase_timeout_ms: int
    entries: tuple[tuple[int, int], ...]
    is_terminated: bool


def read_raw(data: bytes) -> RawFlashDevice | None:
    """Return the fields of the descriptor at the start of `data`, None where there are fewer than 160 bytes.

    The C array has 512 entries, real files ship as few as two: entries are read up to the terminator, never further.
    """
    if len(data) < HEADER.size:
        return None
    version, name, type_code, base, size, page, reserved, erased, program_ms, erase_ms = HEADER.unpack_from(data)
    whole = (len(data) - HEADER.size) // SECTOR.size
    table = data[HEADER.size : HEADER.size + SECTOR.size * min(whole, MAX_SECTOR_ENTRIES)]
    entries: list[tuple[int, int]] = []
    is_terminated = False
    for entry in SECTOR.iter_unpack(table):
        if entry == (SECTOR_END, SECTOR_END):
            is_terminated = True
            break
        entries.append(entry)
    return RawFlashDevice(
        version=version,
        name=name,
        type_code=type_code,
        base_address=base,
        size_bytes=size,
        page_size_bytes=page,
        reserved=reserved,
        erased_value=erased,
        padding=data[_PADDING],
        program_timeout_ms=program_ms,
        erase_timeout_ms=erase_ms,
        entries=tuple(entries),
        is_terminated=is_terminated,
    )


def parse_flash_device(data: bytes) -> FlashDevice:
    """Parse the descriptor at the start of `data`, which may go on behind it.

    Raises:
        UnreadableInput: fewer than 160 bytes, or no terminator among the bytes and the first 512 entries.
    """
    raw = read_raw(data)
    if raw is None:
        raise UnreadableInput(
            f"FlashDevice has {len(data)} bytes; its fixed part alone takes {HEADER.size}.",
            hint="Link FlashDev.c into a section that goes into the output file.",
        )
    if not raw.is_terminated:
        raise UnreadableInput(
            f"The sector table of FlashDevice has no terminator within {len(raw.entries)} entries.",
            hint="End it with SECTOR_END (two words of 0xFFFFFFFF).",
        )
    name, name_notices = read_device_name(raw.name, "DevName")
    notices = list(name_notices)
    offsets = _as_offsets(raw, notices)
    device = Device(
        name=name,
        kind=KINDS.get(raw.type_code, DeviceKind.UNKNOWN),
        type_code=raw.type_code,
        base_address=raw.base_address,
        size_bytes=raw.size_bytes,
        page_size_bytes=raw.page_size_bytes,
        erased_value=raw.erased_value,
        program_timeout_ms=raw.program_timeout_ms,
        erase_timeout_ms=raw.erase_timeout_ms,
        sectors=_runs(offsets, raw.size_bytes, notices),
    )
    return FlashDevice(device, tuple(notices), HEADER.size + SECTOR.size * (len(raw.entries) + 1))


def _as_offsets(raw: RawFlashDevice, notices: list[Notice]) -> Sequence[tuple[int, int]]:
    """Return the entries with AddrSector as an offset from DevAdr, as the CMSIS-Pack specification has it.

    The nRF53 network core files give absolute addresses, one of them not even DevAdr. Entries that start at DevAdr or
    behind the device's end can mean nothing else.
    """
    if not raw.entries:
        return raw.entries
    first, base = raw.entries[0][1], raw.base_address
    if first == 0 or (first != base and first < raw.size_bytes):
        return raw.entries
    notices.append(
        Notice(
            code="absolute-sector-addresses",
            message=f"AddrSector starts at the absolute address 0x{first:08x}; taken as DevAdr 0x{base:08x}.",
        )
    )
    return [(sector_size, (address - first) % (1 << 32)) for sector_size, address in raw.entries]


def _runs(entries: Sequence[tuple[int, int]], size: int, notices: list[Notice]) -> tuple[SectorRun, ...]:
    """Return the runs; each extends to the next entry, the last to the end of the device."""
    runs = []
    for number, (sector_size, offset) in enumerate(entries):
        end = entries[number + 1][1] if number + 1 < len(entries) else size
        length = max(0, end - offset)
        count, rest = divmod(length, sector_size) if sector_size else (0, length)
        if rest or not count:
            notices.append(
                Notice(
                    code="uneven-sector-run",
                    message=f"Sectors of {sector_size} bytes do not fill offsets 0x{offset:x} to 0x{end:x}.",
                )
            )
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=sector_size, count=count))
    return tuple(runs)
