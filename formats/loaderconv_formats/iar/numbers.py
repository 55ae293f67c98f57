"""Numbers as people write them in `.flash` and `.board` files: hexadecimal behind 0x, decimal otherwise."""

import re

from loaderconv_formats.xml.document import XmlElement
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Notice

_NUMBER = re.compile(r"0[xX]0*([0-9a-fA-F]{1,16})|0*([0-9]{1,19})")
_HEX_PREFIXES = ("0x", "0X")


def is_hex(word: str) -> bool:
    """Tell whether the number is written in hexadecimal."""
    return word.startswith(_HEX_PREFIXES)


def count(element: XmlElement, word: str) -> int:
    """Return a count or a size: at most the bytes of the whole address space.

    Raises:
        UnreadableInput: no such number.
    """
    return _number(element, word, limit=ADDRESS_SPACE_BYTES)


def address(element: XmlElement, word: str, notices: list[Notice]) -> int:
    """Return an address. One that is written in decimal is used as it is, with a notice: most often 0x is missing.

    Raises:
        UnreadableInput: no 32-bit number.
    """
    value = _number(element, word, limit=ADDRESS_SPACE_BYTES - 1)
    if value and not is_hex(word):
        notices.append(
            Notice(
                code="decimal-address",
                message=f"{element.place} holds {value} without 0x; it is taken as decimal, 0x{value:08x}.",
            )
        )
    return value


def wrapped_offset(element: XmlElement, word: str) -> int:
    """Return an offset, which may have a sign, modulo 2**32.

    Raises:
        UnreadableInput: no number of 32 bits behind the sign.
    """
    unsigned = word[1:] if word.startswith(("+", "-")) else word
    value = _number(element, unsigned, limit=ADDRESS_SPACE_BYTES - 1)
    return (-value if word.startswith("-") else value) % ADDRESS_SPACE_BYTES


def _number(element: XmlElement, word: str, *, limit: int) -> int:
    match = _NUMBER.fullmatch(word)
    if match is None:
        raise UnreadableInput(
            f"{element.place} holds {quoted(word)}, which is no number.",
            hint="Write it in decimal, or in hexadecimal behind 0x.",
        )
    value = int(match[1], 16) if match[1] else int(match[2])
    if value > limit:
        raise UnreadableInput(
            f"{element.place} holds {quoted(word)}, which is more than 0x{limit:x}.",
            hint="Addresses and sizes have 32 bits; check the digits.",
        )
    return value
