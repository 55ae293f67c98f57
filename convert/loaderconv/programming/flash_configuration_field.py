"""The flash configuration field of NXP's Kinetis: 16 bytes at 0x400 in the program flash, copied by each reset."""

import re

from loaderconv_schemas.device import Device, DeviceKind

_FIELD_ADDRESS = 0x400
_FIELD_BYTES = 16

_NAME_STARTS = r"(?<![A-Za-z0-9])(?:Flash_?)?"
_KINETIS = re.compile(
    _NAME_STARTS + r"(?:MK[A-Z]?[\dX]|S32K1\d|MCXE|SKEA|K32L|K(?!32)[ELMSVW]?\d\d(?!\d)|Kinetis)", re.IGNORECASE
)
"""Names of devices and loaders: "MKxxN 1024KB Prog Flash", "MKE02Zxxx 16kB P-Flash", "FlashK60".

K32W061 has no such field.
"""

_WITH_FTMRX = re.compile(_NAME_STARTS + r"(?:SKEA|M?KE0[246])", re.IGNORECASE)
"""The ones with another flash controller and another order in the field: KE02, KE04, KE06, S9KEA."""

_OF_CHIP = (DeviceKind.MCU_FLASH, DeviceKind.UNKNOWN)

_SEC, _SEC_UNSECURED = 0b11, 0b10
_MEEN, _MEEN_DISABLED = 0b11 << 4, 0b10 << 4


def security_byte_address(device: Device) -> int | None:
    """Return the address of FSEC, None where the device is not the program flash of a Kinetis.

    0x40C (K64 Sub-Family Reference Manual, Flash Configuration Field Description), in KE02, KE04 and KE06 0x40E
    (KE02 Sub-Family Reference Manual, Flash and EEPROM).
    """
    end = device.base_address + device.size_bytes
    covers_field = device.base_address <= _FIELD_ADDRESS and end >= _FIELD_ADDRESS + _FIELD_BYTES
    if not covers_field or device.kind not in _OF_CHIP or not _KINETIS.search(device.name):
        return None
    return 0x40E if _WITH_FTMRX.search(device.name) else 0x40C


def leaves_unsecured(security_byte: int) -> bool:
    """Tell whether a chip with this FSEC can be debugged after a reset: SEC is 0b10, all else secures it, also 0xFF."""
    return security_byte & _SEC == _SEC_UNSECURED


def allows_mass_erase(security_byte: int) -> bool:
    """Tell whether a debugger can free a secured chip by erasing all of it: MEEN is not 0b10."""
    return security_byte & _MEEN != _MEEN_DISABLED
