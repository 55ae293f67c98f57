"""Parses a size as the options of conversions take it: 4096, 0x1000 or 4K."""

import re

from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import UsageProblem

_PATTERN = re.compile(r"(?:0[xX]([0-9a-fA-F]{1,9})|([1-9][0-9]{0,9}))(?:([kKmM])(?:i?[bB])?)?")
_FACTORS = {None: 1, "k": 1024, "m": 1024 * 1024}


def parse_size(text: str, *, option: str) -> int:
    """Return bytes; K and M are 1024 and 1024 squared.

    Args:
        text: the value.
        option: for the message, with what precedes the size.

    Raises:
        UsageProblem: not of that form, 0, or beyond 32-bit addresses.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise UsageProblem(f"{option}: {text!a} is no size.", hint="Write bytes, for instance 256, 0x1000 or 4K.")
    hexadecimal, decimal, factor = match.groups()
    size = (int(hexadecimal, 16) if hexadecimal else int(decimal)) * _FACTORS[factor and factor.lower()]
    if not 0 < size <= ADDRESS_SPACE_BYTES:
        raise UsageProblem(
            f"{option}: {text!a} is {'no size' if not size else 'more than 32 bits address'}.",
            hint="Write bytes, for instance 256, 0x1000 or 4K.",
        )
    return size
