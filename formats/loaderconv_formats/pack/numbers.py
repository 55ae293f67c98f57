"""Numbers as packs write them: decimal, or hexadecimal behind 0x."""

import re

from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES

_NUMBER = re.compile(r"0[xX]0*([0-9a-fA-F]{1,16})|0*([0-9]{1,19})")


def read_number(word: str) -> int | None:
    """Return a number of 32 bits, or 2 to the power of 32; None where a word is no such number."""
    match = _NUMBER.fullmatch(word.strip())
    if match is None:
        return None
    value = int(match[1], 16) if match[1] else int(match[2])
    return value if value <= ADDRESS_SPACE_BYTES else None
