"""Which encoding an XML file is in.

Only encodings in which every ASCII character is its own byte are read: real files declare iso-8859-1 or UTF-8
(docs/formats/iar.md, The .board file), and in these a tag's end is found in the bytes as they are.
"""

import re

from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.errors import UnreadableInput

UTF8 = "UTF-8"
LATIN_1 = "ISO-8859-1"
UTF8_BOM = b"\xef\xbb\xbf"

_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0")
_FIXED_NAMES = {"utf-8": UTF8, "utf8": UTF8, "us-ascii": "US-ASCII", "ascii": "US-ASCII", "latin1": LATIN_1}
_ISO_8859 = re.compile(r"iso-?8859-([1-9]|1[013456])")
_WINDOWS = re.compile(r"(?:windows-|cp)(125[0-8])")


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding, which expat and Python both know; UTF-8 where none is declared.

    Args:
        data: the file without blanks in front of its first character.

    Raises:
        UnreadableInput: an encoding that is not read.
    """
    if data.startswith(_WIDE_STARTS):
        raise UnreadableInput(
            "The file starts like UTF-16, in which XML is not read.",
            hint="If it is an IAR file, save it as UTF-8 or iso-8859-1.",
        )
    if data.startswith(UTF8_BOM):
        return UTF8
    declared = _DECLARED.match(data)
    return _known(declared[1].decode("latin-1")) if declared else UTF8


def _known(declared: str) -> str:
    name = declared.lower().replace("_", "-")
    if name in _FIXED_NAMES:
        return _FIXED_NAMES[name]
    if match := _ISO_8859.fullmatch(name):
        return f"ISO-8859-{match[1]}"
    if match := _WINDOWS.fullmatch(name):
        return f"windows-{match[1]}"
    raise UnreadableInput(
        f"The XML declares the encoding {quoted(declared)}, which is not read.",
        hint="Save the file as UTF-8 and declare that.",
    )
