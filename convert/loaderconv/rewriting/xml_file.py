"""Writes an IAR `.flash` or `.board` anew: the same bytes without what stands in front of the XML declaration.

Eight real files have blanks there, which strict parsers refuse (docs/formats/iar.md, What breaks a naive parser).
"""

from dataclasses import replace

from loaderconv.rewriting.request import RewriteRequest
from loaderconv.rewriting.result import Rewritten
from loaderconv_formats.detection import kind_of_xml, open_xml
from loaderconv_formats.iar.board_file import BoardFile, read_board_file
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.xml.document import BLANKS, XmlDocument, parse_xml
from loaderconv_formats.xml.encodings import UTF8_BOM, encoding_of
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.rewriting import Change

_DECLARATION = b"<?xml"


def rewrite_xml(data: bytes, stem: str, request: RewriteRequest) -> Rewritten:
    """Return the file without bytes in front of its declaration.

    Args:
        data: the file.
        stem: of its name.
        request: what is wanted.

    Raises:
        UsageProblem: an option that makes no sense for XML.
        UnreadableInput: neither a `.flash` nor a `.board`, or damaged.
        ConversionRefused: the shorter file would mean something else.
    """
    document = open_xml(data)
    kind = kind_of_xml(document)
    if request.name is not None or request.without_debug_info:
        raise UsageProblem(
            f"The file is {kind}: it has neither a name nor debug information.",
            hint="Leave --name and --strip-debug out.",
        )
    request.check_suffix(kind)
    return without_leading_bytes(data, stem)


def without_leading_bytes(data: bytes, stem: str) -> Rewritten:
    """Return the file without bytes in front of its declaration.

    Raises:
        UnreadableInput: neither a `.flash` nor a `.board`, or damaged.
        ConversionRefused: the shorter file would mean something else.
    """
    document = open_xml(data)
    kind = kind_of_xml(document)
    meaning = _meaning(document, kind, stem)
    start = _declaration_offset(document)
    written = data[start:]
    if _meaning(parse_xml(written), kind, stem) != meaning:
        raise ConversionRefused(
            "Without the bytes in front of its declaration the file would mean something else.",
            hint="Take the blanks in front of <?xml out by hand, and look what changes.",
        )
    left_out = "1 byte" if start == 1 else f"{start} bytes"
    verb = "is" if start == 1 else "are"
    change = Change(code="leading-bytes", message=f"{left_out} in front of the XML declaration {verb} left out.")
    return Rewritten(
        data=written,
        kind=kind,
        changes=(change,) if start else (),
        checks=("Read back: every value is as it was.", "From the XML declaration on, every byte is the same."),
    )


def _declaration_offset(document: XmlDocument) -> int:
    """Return where the declaration starts; 0 where there is none, or only a byte order mark tells the encoding."""
    data = document.data
    body = data.removeprefix(UTF8_BOM).lstrip(BLANKS.encode())
    if not body.startswith(_DECLARATION) or not (body.isascii() or encoding_of(body) == document.encoding):
        return 0
    return len(data) - len(body)


def _meaning(document: XmlDocument, kind: FileKind, stem: str) -> FlashFile | BoardFile:
    """Return what the file says; notices are on how it says it."""
    if kind is FileKind.IAR_FLASH:
        return replace(read_flash_file(document, stem), notices=())
    return replace(read_board_file(document), notices=())
