"""A device as StorageInfo describes it: what fits exactly, what is lost, what is refused."""

from loaderconv.conversion.sources.geometry import merge_runs
from loaderconv_formats.device_type import code_of_kind
from loaderconv_formats.stldr.storage_info import KINDS, SECTOR_NUM
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import ConversionRefused

_KINDS = {
    DeviceKind.NOR_FLASH_8_BIT: DeviceKind.NOR_FLASH,
    DeviceKind.NOR_FLASH_16_BIT: DeviceKind.NOR_FLASH,
    DeviceKind.NOR_FLASH_32_BIT: DeviceKind.NOR_FLASH,
    DeviceKind.UNKNOWN: DeviceKind.NOR_FLASH,
}
"""Kinds that StorageInfo has no number for. 21 public pairs of FLM and stldr by one author agree with the rest
(docs/formats/flm.md, Into other flavours); NOR is the kind that hosts read at its address."""


def as_storage_device(device: Device, name: str) -> Device:
    """Return the device as the stldr will describe it.

    Raises:
        ConversionRefused: more sector groups than StorageInfo has room for.
    """
    runs = merge_runs(device.sectors)
    if len(runs) > SECTOR_NUM:
        raise ConversionRefused(
            f"The device has {len(runs)} runs of sectors; StorageInfo has room for {SECTOR_NUM}.",
            hint="Make one loader for each part of the device, with at most 10 runs of sectors, and convert each.",
        )
    kind = _KINDS.get(device.kind, device.kind)
    return device.model_copy(
        update={
            "name": name,
            "kind": kind,
            "type_code": code_of_kind(kind, KINDS, "DeviceType"),
            "erased_value": device.erased_byte,
            "program_timeout_ms": None,
            "erase_timeout_ms": None,
            "sectors": runs,
        }
    )
