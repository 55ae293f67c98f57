"""Reads a `.flash` file: one memory, and the executable that serves it (docs/formats/iar.md, The .flash file)."""

from dataclasses import dataclass

from loaderconv_formats.iar import numbers
from loaderconv_formats.iar.elements import (
    Found,
    filled,
    lines_of,
    mandatory,
    notice_extras,
    open_root,
    optional,
    refuse_empty,
    sort_children,
    text_of,
    words_of,
)
from loaderconv_formats.xml.document import BLANKS, XmlDocument, XmlElement
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Notice

ONCE = frozenset(
    {"exe", "flash_base", "page", "macro", "aggregate", "online", "args", "args_doc", "relocatable_exe"},
)
"""Elements that count once."""

LAYOUT = frozenset({"block", "gap"})
"""Elements that may be repeated."""

SWITCHES = ("aggregate", "online", "relocatable_exe")
"""Elements that hold 0 or 1."""


@dataclass(frozen=True)
class FlashFile:
    """The meaning of a `.flash` file.

    Attributes:
        device: the memory; the file has no name for it, no kind, no erased value and no timeouts.
        settings: the rest.
        notices: oddities, in the order in which they were found.
    """

    device: Device
    settings: IarSettings
    notices: tuple[Notice, ...]


def read_flash_file(document: XmlDocument, name: str) -> FlashFile:
    """Return what a `.flash` file says.

    Args:
        document: the file.
        name: file name without suffix; it becomes the device's.

    Raises:
        UnreadableInput: another kind of XML, a template, a mandatory element that is missing, empty or no number, or a
            layout beyond the 32-bit address space.
    """
    notices: list[Notice] = []
    root = open_root(document, "flash_device", notices)
    found = sort_children(root, ONCE, LAYOUT, notices)
    executable = text_of(mandatory(root, found, "exe"), notices)
    base_element = mandatory(root, found, "flash_base")
    base = numbers.address(base_element, text_of(base_element, notices), notices)
    page = _page(mandatory(root, found, "page"), notices)
    mandatory(root, found, "block")
    sectors = _sectors(root, base, notices)
    device = Device(
        name=name,
        kind=DeviceKind.UNKNOWN,
        base_address=base,
        size_bytes=sectors[-1].end_offset_bytes,
        page_size_bytes=page,
        sectors=sectors,
    )
    return FlashFile(device, _settings(executable, found, notices), tuple(notices))


def _page(element: XmlElement, notices: list[Notice]) -> int:
    size = numbers.count(element, text_of(element, notices))
    if not size:
        notices.append(Notice(code="empty-page", message=f"{element.place} says that a page has no bytes."))
    return size


def _sectors(root: XmlElement, base: int, notices: list[Notice]) -> tuple[SectorRun, ...]:
    """Return the blocks in the file's order, each behind the one before; a gap moves the next one on."""
    runs: list[SectorRun] = []
    offset = gap = 0
    for element in root.children:
        if element.name == "gap" and filled([element], notices):
            gap += numbers.count(element, text_of(element, notices))
        elif element.name == "block":
            count, size = read_block(element, notices)
            offset += gap
            if base + offset + count * size > ADDRESS_SPACE_BYTES:
                raise UnreadableInput(
                    f"{element.place} ends at 0x{base + offset + count * size:x}, beyond the 32-bit address space.",
                    hint="Check flash_base, the gaps, and the count and size of each block.",
                )
            runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count if size else 0))
            offset, gap = offset + count * size, 0
    if gap:
        notices.append(Notice(code="trailing-gap", message="The last <gap> has no <block> behind it; it is ignored."))
    return tuple(runs)


def read_block(element: XmlElement, notices: list[Notice]) -> tuple[int, int]:
    """Return how many blocks, and the bytes of each.

    Raises:
        UnreadableInput: the element is empty, or holds something else than a count and a size.
    """
    refuse_empty(element)
    count_word, size_word = words_of(element, 2, "a count and a size, such as 64 0x200", notices)
    count, size = numbers.count(element, count_word), numbers.count(element, size_word)
    if not numbers.is_hex(size_word):
        notices.append(
            Notice(
                code="decimal-block-size",
                message=f"{element.place} gives the size {size} without 0x; it is taken as decimal.",
            )
        )
    if not count * size:
        notices.append(Notice(code="empty-block", message=f"{element.place} has no bytes."))
    return count, size


def _settings(executable: str, found: Found, notices: list[Notice]) -> IarSettings:
    macro = optional(found, "macro", notices)
    return IarSettings(
        executable=executable,
        macro=None if macro is None else text_of(macro, notices),
        aggregate=_is_on(found, "aggregate", notices),
        online=_is_on(found, "online", notices),
        arguments=lines_of(optional(found, "args", notices), notices),
        arguments_doc=_arguments_doc(found, notices),
        relocatable=_is_on(found, "relocatable_exe", notices),
    )


def _is_on(found: Found, name: str, notices: list[Notice]) -> bool:
    element = optional(found, name, notices)
    if element is None:
        return False
    text = text_of(element, notices)
    if text not in {"0", "1"}:
        notices.append(
            Notice(code="odd-switch", message=f"{element.place} holds {quoted(text)}, not 0 or 1; taken as 0.")
        )
    return text == "1"


def _arguments_doc(found: Found, notices: list[Notice]) -> str | None:
    """Return text for people, which may well hold what looks like a placeholder elsewhere."""
    element = optional(found, "args_doc", notices)
    if element is None:
        return None
    notice_extras(element, notices)
    return element.text.strip(BLANKS)
