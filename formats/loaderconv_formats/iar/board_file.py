"""Reads a `.board` file: the passes of a download (docs/formats/iar.md, The .board file)."""

from dataclasses import dataclass

from loaderconv_formats.iar import numbers
from loaderconv_formats.iar.elements import (
    Found,
    filled,
    lines_of,
    mandatory,
    open_root,
    optional,
    sort_children,
    text_of,
    words_of,
)
from loaderconv_formats.xml.document import XmlDocument, XmlElement
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.errors import UnreadableInput, naming
from loaderconv_schemas.iar import IgnoredRange
from loaderconv_schemas.loader import Notice

IN_ROOT = frozenset({"pass", "ignore"})
"""Elements of the outermost one, which may be repeated."""

ONCE_IN_PASS = frozenset({"loader", "range", "rel_offset", "abs_offset", "loader_offset", "args"})
"""Elements of a pass that count once."""

OFTEN_IN_PASS = frozenset({"ignore"})
"""Elements of a pass that may be repeated."""

CODE = "CODE"
"""The only kind of range that real files have."""

RANGE_FORM = "a kind, the first and the last address, such as CODE 0x0 0xffff"


@dataclass(frozen=True)
class BoardPass:
    """One pass, with its loader by name.

    Attributes:
        loader_spelled: path of the `.flash` file, as it stands in the file.
        facts: the part of the image, and how it is moved.
    """

    loader_spelled: str
    facts: PassFacts


@dataclass(frozen=True)
class BoardFile:
    """The meaning of a `.board` file.

    Attributes:
        passes: at least one, in the order in which C-SPY runs them.
        ignored: addresses that no pass programs.
        notices: oddities, in the order in which they were found.
    """

    passes: tuple[BoardPass, ...]
    ignored: tuple[IgnoredRange, ...]
    notices: tuple[Notice, ...]


def read_board_file(document: XmlDocument) -> BoardFile:
    """Return what a `.board` file says.

    Raises:
        UnreadableInput: another kind of XML, a template, no pass, a pass without loader, or a range or an offset that
            is not one; the message names the pass.
    """
    notices: list[Notice] = []
    root = open_root(document, "flash_board", notices)
    found = sort_children(root, frozenset(), IN_ROOT, notices)
    if "pass" not in found:
        raise UnreadableInput(
            f"{root.place} has no <pass>.", hint="Add a <pass> with a <loader>; without one nothing is programmed."
        )
    passes = []
    for number, element in enumerate(found["pass"], start=1):
        with naming(f"Pass {number}"):
            passes.append(_read_pass(element, notices))
    return BoardFile(tuple(passes), _ignored(found, notices), tuple(notices))


def _read_pass(element: XmlElement, notices: list[Notice]) -> BoardPass:
    found = sort_children(element, ONCE_IN_PASS, OFTEN_IN_PASS, notices)
    loader = text_of(mandatory(element, found, "loader"), notices)
    offset = optional(found, "rel_offset", notices)
    facts = PassFacts(
        range=_range(found, notices),
        address_delta=0 if offset is None else numbers.wrapped_offset(offset, text_of(offset, notices)),
        absolute_start=_address(found, "abs_offset", notices),
        args=lines_of(optional(found, "args", notices), notices),
        loader_offset=_address(found, "loader_offset", notices),
        ignored=_ignored(found, notices),
    )
    return BoardPass(loader, facts)


def _range(found: Found, notices: list[Notice]) -> AddressRange | None:
    element = optional(found, "range", notices)
    if element is None:
        return None
    kind, addresses = _kind_and_range(element, notices)
    if kind != CODE:
        notices.append(
            Notice(
                code="range-kind",
                message=f"{element.place} is of the kind {quoted(kind)}, not {CODE}; its addresses count anyway.",
            )
        )
    return addresses


def _ignored(found: Found, notices: list[Notice]) -> tuple[IgnoredRange, ...]:
    read = (_kind_and_range(element, notices) for element in filled(found.get("ignore", ()), notices))
    return tuple(IgnoredRange(kind=kind, range=addresses) for kind, addresses in read)


def _kind_and_range(element: XmlElement, notices: list[Notice]) -> tuple[str, AddressRange]:
    """Return the kind and the addresses; the file gives the last address, not the one behind it."""
    kind, low_word, high_word = words_of(element, 3, RANGE_FORM, notices)
    low = numbers.address(element, low_word, notices)
    high = numbers.address(element, high_word, notices)
    if low > high:
        raise UnreadableInput(
            f"{element.place} begins at 0x{low:08x}, behind its end at 0x{high:08x}.",
            hint="Write the lower address first; the second is the last one of the range.",
        )
    return kind, AddressRange(start=low, size_bytes=high - low + 1)


def _address(found: Found, name: str, notices: list[Notice]) -> int | None:
    element = optional(found, name, notices)
    return None if element is None else numbers.address(element, text_of(element, notices), notices)
