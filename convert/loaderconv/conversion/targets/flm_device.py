"""A device as FlashDevice describes it: what fits exactly, what is lost, what is refused."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.geometry import merge_runs
from loaderconv_formats.device_type import code_of_kind
from loaderconv_formats.flm.flash_device import KINDS, MAX_SECTOR_ENTRIES
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import ConversionRefused

_KINDS = {kind: kind for kind in KINDS.values()} | {DeviceKind.NOR_FLASH: DeviceKind.NOR_FLASH_16_BIT}
"""Kinds by FlashDevice's own names; it does not tell parallel NOR without the width of its bus, and most have 16 bits.
What it has no number for is unknown (docs/formats/flm.md, Into other flavours)."""


DEFAULT_PROGRAM_TIMEOUT_MS = 1000
DEFAULT_ERASE_TIMEOUT_MS = 15000
"""Where the source tells none. Too long costs nothing unless the device is broken: large NOR sectors take seconds."""

_MAX_RUNS = MAX_SECTOR_ENTRIES - 1
"""The last entry is the terminator."""


def as_flash_device(device: Device, page_size_bytes: int, request: ConversionRequest) -> Device:
    """Return the device as the FLM will describe it.

    Raises:
        ConversionRefused: more runs of sectors than FlashDevice has room for.
    """
    runs = merge_runs(device.sectors)
    if len(runs) > _MAX_RUNS:
        raise ConversionRefused(
            f"The device has {len(runs)} runs of sectors; FlashDevice has room for {_MAX_RUNS}.",
            hint="Make one loader for each part of the device, and convert each.",
        )
    kind = _KINDS.get(device.kind, DeviceKind.UNKNOWN)
    program_ms, erase_ms = device.program_timeout_ms, device.erase_timeout_ms
    return device.model_copy(
        update={
            "name": _name(device, request),
            "kind": kind,
            "type_code": code_of_kind(kind, KINDS, "DevType"),
            "erased_value": device.erased_byte,
            "page_size_bytes": page_size_bytes,
            "program_timeout_ms": DEFAULT_PROGRAM_TIMEOUT_MS if program_ms is None else program_ms,
            "erase_timeout_ms": DEFAULT_ERASE_TIMEOUT_MS if erase_ms is None else erase_ms,
            "sectors": runs,
        }
    )


def _name(device: Device, request: ConversionRequest) -> str:
    """Return the name that the user chose, else the source's, else that of the file.

    Raises:
        ConversionRefused: the one that counts cannot stand in a FlashDevice.
    """
    name = request.name if request.name_is_given or not device.name.strip() else device.name
    if not (name.isascii() and name.isprintable()):
        raise ConversionRefused(
            f"The name {name!a} cannot stand in FlashDevice, which holds printable ASCII characters.",
            hint="Choose a name with --name.",
        )
    return name
