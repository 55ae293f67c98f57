"""Text as the content of an element, in the bytes of a file."""

import re

from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.errors import ConversionRefused

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def as_content(text: str, *, newline: str) -> str:
    """Return text as markup that every XML reader turns back into the same text.

    Args:
        text: lines that end in a line feed; a carriage return stays one, as a character reference.
        newline: how a line ends in the file.

    Raises:
        ConversionRefused: a character that XML cannot hold.
    """
    if match := _FORBIDDEN.search(text):
        raise ConversionRefused(
            f"XML cannot hold the character U+{ord(match[0]):04X} of {quoted(text)}.", hint="Leave that character out."
        )
    return text.translate(_ESCAPES).replace("\n", newline)
