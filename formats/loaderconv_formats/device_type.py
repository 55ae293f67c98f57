"""The number by which a descriptor names a kind of memory; each flavour counts in its own way."""

from collections.abc import Mapping

from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import ConversionRefused


def type_code_of(device: Device, kinds: Mapping[int, DeviceKind], field: str) -> int:
    """Return the number for the kind of a device.

    The device's own number counts where it stands for the same kind in this flavour, so that one outside of every table
    is kept: 5 is SPI flash in an FLM and PSRAM in a stldr.

    Args:
        device: of whatever flavour.
        kinds: the flavour's kinds by number.
        field: of the descriptor, as its authors spell it.

    Raises:
        ConversionRefused: the flavour has no number for that kind.
    """
    if device.type_code is not None and kinds.get(device.type_code, DeviceKind.UNKNOWN) is device.kind:
        return device.type_code
    return code_of_kind(device.kind, kinds, field)


def code_of_kind(kind: DeviceKind, kinds: Mapping[int, DeviceKind], field: str) -> int:
    """Return the number of a kind.

    Raises:
        ConversionRefused: there is none.
    """
    for code, each in kinds.items():
        if each is kind:
            return code
    raise ConversionRefused(
        f"{field} has no number for the kind {kind}.", hint=f"Give the device one of: {', '.join(kinds.values())}."
    )
