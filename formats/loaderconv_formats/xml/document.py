"""A lossless XML document: it keeps the file's bytes, and its elements know where in them they lie.

An edit splices bytes, so that everything else stays as it is: line ends, comments, unknown elements, and the blanks in
front of the declaration that 8 real files have (docs/formats/iar.md, What breaks a naive parser).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaderconv_formats.xml.content import as_content
from loaderconv_formats.xml.encodings import UTF8_BOM, encoding_of
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_formats.xml.templates import refuse_template_tags
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_XML_BYTES = 4 * 1024 * 1024
"""The largest real file has a few kilobytes."""

MAX_ELEMENTS = 10_000
"""Real files have fewer than 200."""

MAX_DEPTH = 32
"""Real files have three levels."""

BLANKS = " \t\r\n"
"""What XML calls white space."""

_START_TAG = re.compile(rb"""<[^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+>""")
_RAW_NAME = re.compile(rb"[^ \t\r\n/>]+")


class DamagedXml(UnreadableInput):
    """XML that is not well-formed.

    Attributes:
        line: where the parser stopped, from 1.
    """

    def __init__(self, message: str, *, hint: str, line: int) -> None:
        super().__init__(message, hint=hint)
        self.line = line


@dataclass(frozen=True, eq=False, slots=True)
class XmlElement:
    """One element. Two elements are equal only if they are the same one.

    Attributes:
        name: without the blanks of its tag.
        attributes: decoded, by name.
        text: its own characters, decoded, without those of its children.
        children: elements directly in it, in order.
        line: of its start tag, from 1.
        start: offset in the file of its first byte.
        end: offset of the first byte behind it.
        content_start: offset of the first byte behind its start tag; `end` for a tag that closes itself.
        content_end: offset of its end tag.
        has_markup: comments, processing instructions or elements stand between the characters.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["XmlElement", ...]
    line: int
    start: int
    end: int
    content_start: int
    content_end: int
    has_markup: bool

    @property
    def place(self) -> str:
        """How messages name the element."""
        return f"<{short_ascii(self.name)}> in line {self.line}"

    def __iter__(self) -> Iterator["XmlElement"]:
        yield self
        for child in self.children:
            yield from child


@dataclass(frozen=True)
class XmlDocument:
    """A file and what stands in it.

    Attributes:
        data: the file, byte for byte.
        encoding: name of its encoding.
        had_leading_blanks: blanks stand in front of the declaration, which strict parsers refuse.
        root: the outermost element.
    """

    data: bytes
    encoding: str
    had_leading_blanks: bool
    root: XmlElement

    def replace_text(self, element: XmlElement, text: str) -> "XmlDocument":
        """Return the document with another content of `element`, which must be one of this document's elements.

        Every byte outside of the content stays. Line feeds become the file's line ends.

        Raises:
            ConversionRefused: the element holds more than text, or the encoding cannot hold the new text.
        """
        if not any(each is element for each in self.root):
            raise ValueError("the element belongs to another document")
        if element.has_markup:
            raise ConversionRefused(
                f"{element.place} holds comments or elements besides its text.",
                hint="Edit that element by hand; a new text would take them away.",
            )
        if text == element.text:
            return self
        content = self._encoded(as_content(text, newline="\r\n" if b"\r\n" in self.data else "\n"))
        raw = self.data[element.start : element.end]
        if element.content_start == element.end:
            name = next(_RAW_NAME.finditer(raw, 1))[0]
            raw = raw[: raw.rindex(b"/")] + b">" + content + b"</" + name + b">"
        else:
            head, tail = element.content_start - element.start, element.content_end - element.start
            raw = raw[:head] + content + raw[tail:]
        return parse_xml(self.data[: element.start] + raw + self.data[element.end :])

    def _encoded(self, markup: str) -> bytes:
        try:
            return markup.encode(self.encoding)
        except UnicodeEncodeError as problem:
            raise ConversionRefused(
                f"The file's encoding {self.encoding} has no character U+{ord(markup[problem.start]):04X}.",
                hint="Leave that character out, or save the file as UTF-8 and declare that first.",
            ) from problem


def parse_xml(data: bytes) -> XmlDocument:
    """Return the document in the bytes of a file.

    Raises:
        UnreadableInput: no XML, damaged XML, a document type declaration, an encoding that is not read, or more than a
            file of this kind may hold.
    """
    if len(data) > MAX_XML_BYTES:
        raise UnreadableInput(
            f"The file has {len(data)} bytes; XML is read up to {MAX_XML_BYTES}.",
            hint="Name a .flash or .board file; real ones have a few kilobytes.",
        )
    mark = len(UTF8_BOM) if data.startswith(UTF8_BOM) else 0
    body = data[mark:].lstrip(BLANKS.encode())
    if not body.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0")):
        refuse_template_tags(data)
        raise UnreadableInput("The file is not XML.", hint="Name the file that IAR Embedded Workbench reads.")
    encoding = encoding_of(data[:mark] + body)
    skipped = len(data) - len(body)
    return XmlDocument(
        data=data,
        encoding=encoding,
        had_leading_blanks=skipped > mark and body.startswith(b"<?xml"),
        root=_parse(data, skipped, encoding),
    )


def _parse(data: bytes, skipped: int, encoding: str) -> XmlElement:
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - slow to import, needed for IAR files only
    from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415

    target = _TreeTarget(data, skipped)
    parser = DefusedXMLParser(target=target, encoding=encoding, forbid_dtd=True)
    target.expat = parser.parser
    try:
        parser.feed(data[skipped:])
        parser.close()
    except DefusedXmlException as problem:
        raise UnreadableInput(
            "The XML has a document type declaration or entities of its own, which IAR's files never have.",
            hint="Take the <!DOCTYPE> out; such declarations can make a reader open other files.",
        ) from problem
    except ParseError as problem:
        refuse_template_tags(data)
        line = problem.position[0] + target.skipped_lines
        fact = short_ascii(str(problem).partition(": line")[0])
        raise DamagedXml(
            f"The XML is damaged in line {line}: {fact}.", hint="Repair that line, or take the file anew.", line=line
        ) from problem
    return target.root


@dataclass(slots=True)
class _Open:
    """An element whose end tag is still to come."""

    name: str
    attributes: dict[str, str]
    line: int
    start: int
    content_start: int
    pieces: list[str] = field(default_factory=list)
    children: list[XmlElement] = field(default_factory=list)
    has_markup: bool = False


class _TreeTarget:
    """Builds the tree from the parser's events; expat tells at which byte each of them began."""

    root: XmlElement
    expat: "XMLParserType"

    def __init__(self, data: bytes, skipped: int) -> None:
        self.skipped_lines = len((data[:skipped] + b"<").splitlines()) - 1
        self._data = data
        self._skipped = skipped
        self._open: list[_Open] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise _too_much(f"more than {MAX_ELEMENTS} elements")
        if len(self._open) >= MAX_DEPTH:
            raise _too_much(f"more than {MAX_DEPTH} elements inside each other")
        start = self.expat.CurrentByteIndex + self._skipped
        line = self.expat.CurrentLineNumber + self.skipped_lines
        tag = next(_START_TAG.finditer(self._data, start))
        self._open.append(_Open(name, attributes, line, start, tag.end()))

    def data(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def comment(self, _: str) -> None:
        if self._open:
            self._open[-1].has_markup = True

    def pi(self, *_: str) -> None:
        if self._open:
            self._open[-1].has_markup = True

    def end(self, _: str) -> None:
        done = self._open.pop()
        content_end = end = done.content_start
        if not self._data.endswith(b"/>", done.start, end):
            content_end = self.expat.CurrentByteIndex + self._skipped
            end = self._data.index(b">", content_end) + 1
        element = XmlElement(
            name=done.name,
            attributes=done.attributes,
            text="".join(done.pieces),
            children=tuple(done.children),
            line=done.line,
            start=done.start,
            end=end,
            content_start=done.content_start,
            content_end=content_end,
            has_markup=done.has_markup or bool(done.children),
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element


def _too_much(what: str) -> UnreadableInput:
    return UnreadableInput(
        f"The XML has {what}.",
        hint="Name a .flash or .board file; real ones have fewer than 200 elements in three levels.",
    )
