"""Writes a new XML file as IAR Embedded Workbench does: two blanks a level, CRLF, iso-8859-1."""

from collections.abc import Iterator
from dataclasses import dataclass

from loaderconv_formats.xml.content import as_content
from loaderconv_formats.xml.encodings import LATIN_1, UTF8

_CRLF = "\r\n"


@dataclass(frozen=True)
class NewElement:
    """An element to write.

    Attributes:
        name: of its tags.
        content: text, or the elements in it.
    """

    name: str
    content: "str | tuple[NewElement, ...]"


def xml_file(root: NewElement) -> bytes:
    """Return the file; it is in UTF-8 where iso-8859-1 has no place for a character.

    Raises:
        ConversionRefused: a character that XML cannot hold.
    """
    body = _CRLF.join(["", *_lines(root, ""), ""])
    try:
        return _declared(LATIN_1.lower(), body).encode(LATIN_1)
    except UnicodeEncodeError:
        return _declared(UTF8, body).encode(UTF8)


def _declared(encoding: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{_CRLF}{body}'


def _lines(element: NewElement, indent: str) -> Iterator[str]:
    if isinstance(element.content, str):
        yield f"{indent}<{element.name}>{as_content(element.content, newline=_CRLF)}</{element.name}>"
        return
    yield f"{indent}<{element.name}>"
    for child in element.content:
        yield from _lines(child, indent + "  ")
    yield f"{indent}</{element.name}>"
