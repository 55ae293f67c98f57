"""Parses ranges of addresses, `BASE:SIZE`."""

import re

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UsageProblem

_PATTERN = re.compile(r"(0[xX][0-9a-fA-F]{1,9}):(?:(0[xX][0-9a-fA-F]{1,9})|([1-9][0-9]{0,9}))(?:([kKmM])(?:i?[bB])?)?")
_FACTORS = {"": 1, "k": 1024, "m": 1024 * 1024}
_HINT = "Write the base in hexadecimal and the size, for instance 0x20000000:32K or 0x24000000:0x80000."

_NEVER_EXECUTED = (
    AddressRange(start=0x4000_0000, size_bytes=0x2000_0000),
    AddressRange(start=0xA000_0000, size_bytes=0x6000_0000),
)
"""Peripherals, devices and system: execute-never in every Cortex-M (ARMv7-M Architecture Reference Manual, B3.1)."""


def parse_range(text: str, *, option: str) -> AddressRange:
    """Return the range for `0x20000000:32K`; K and M are 1024 and 1024 squared.

    The base needs its 0x: 20000000 without would quietly be another address.

    Args:
        text: the value.
        option: for the message.

    Raises:
        UsageProblem: not of that form, empty, or beyond 32 bits.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise UsageProblem(f"{option} {text!r} is not BASE:SIZE.", hint=_HINT)
    base = int(match.group(1), 16)
    size = int(match.group(2), 16) if match.group(2) else int(match.group(3))
    size *= _FACTORS[(match.group(4) or "").lower()]
    if not size or base + size > 1 << 32:
        raise UsageProblem(f"{option} {text!r} is empty or goes beyond 32-bit addresses.", hint=_HINT)
    return AddressRange(start=base, size_bytes=size)


def parse_ram(text: str) -> AddressRange:
    """Return the range that `--ram` names.

    Raises:
        UsageProblem: as `parse_range`, or where no Cortex-M executes code.
    """
    ram = parse_range(text, option="--ram")
    if any(ram.overlaps(region) for region in _NEVER_EXECUTED):
        raise UsageProblem(
            f"--ram {text!r} lies where no Cortex-M executes code.",
            hint="Code runs below 0x40000000 and from 0x60000000 to 0x9fffffff; see the memory map of the chip.",
        )
    return ram
