"""What a `.flash` and a `.board` file have in common: elements that hold text, in any order.

Nothing is left out silently: elements that are unknown, repeated, empty or inside others, attributes and stray text
become notices. What the mandatory ones lack is an error.
"""

import re
from collections.abc import Iterable, Set

from loaderconv_formats.xml.document import BLANKS, XmlDocument, XmlElement
from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_formats.xml.templates import refuse_placeholders
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Notice

Found = dict[str, list[XmlElement]]
"""The children of an element by name; one each for those that may occur once."""

_WORD = re.compile(f"[^{BLANKS}]+")


def open_root(document: XmlDocument, name: str, notices: list[Notice]) -> XmlElement:
    """Return the outermost element.

    Raises:
        UnreadableInput: it has another name.
    """
    if document.root.name != name:
        raise UnreadableInput(
            f"The file's outermost element is <{short_ascii(document.root.name)}>, not <{name}>.",
            hint="A .flash file holds a <flash_device>, a .board file a <flash_board>.",
        )
    if document.had_leading_blanks:
        notices.append(
            Notice(code="leading-blanks", message="Blanks stand before <?xml; strict readers refuse such a file.")
        )
    return document.root


def sort_children(parent: XmlElement, once: Set[str], often: Set[str], notices: list[Notice]) -> Found:
    """Return the children by name, and notice those that are unknown or come again.

    Args:
        parent: element that should hold elements only.
        once: names that count once; the first of each is returned.
        often: names that may be repeated.
        notices: gets what is odd.
    """
    _notice_attributes(parent, notices)
    if stray := parent.text.strip(BLANKS):
        refuse_placeholders(stray)
        notices.append(Notice(code="stray-text", message=f"{parent.place} holds {quoted(stray)} outside of elements."))
    found: Found = {}
    for child in parent.children:
        if child.name not in once | often:
            notices.append(Notice(code="unknown-element", message=f"{child.place} is unknown; it is ignored."))
        elif child.name in once and child.name in found:
            notices.append(
                Notice(
                    code="duplicate-element", message=f"{child.place} comes again; the first counts, this is ignored."
                )
            )
        else:
            found.setdefault(child.name, []).append(child)
    return found


def mandatory(parent: XmlElement, found: Found, name: str) -> XmlElement:
    """Return the first element of a name, which must be there and hold something.

    Raises:
        UnreadableInput: it is missing or empty.
    """
    if name not in found:
        raise UnreadableInput(
            f"{parent.place} has no <{name}>.", hint=f"Add <{name}>; IAR Embedded Workbench wants it as well."
        )
    refuse_empty(found[name][0])
    return found[name][0]


def refuse_empty(element: XmlElement) -> None:
    """Raise UnreadableInput where the element has no text of its own."""
    if not element.text.strip(BLANKS):
        raise UnreadableInput(f"{element.place} is empty.", hint="Fill it in; it may not be left out.")


def optional(found: Found, name: str, notices: list[Notice]) -> XmlElement | None:
    """Return the first element of a name; None where it is missing, or empty, which is noticed."""
    return next(iter(filled(found.get(name, ()), notices)), None)


def filled(elements: Iterable[XmlElement], notices: list[Notice]) -> list[XmlElement]:
    """Return the elements that hold text, and notice those that do not."""
    kept = []
    for element in elements:
        if element.text.strip(BLANKS):
            kept.append(element)
        else:
            notice_extras(element, notices)
            notices.append(Notice(code="empty-element", message=f"{element.place} is empty; it counts as left out."))
    return kept


def text_of(element: XmlElement, notices: list[Notice]) -> str:
    """Return the text of an element that should hold nothing else, without blanks around it.

    Raises:
        UnreadableInput: the text waits to be filled in by a template engine.
    """
    notice_extras(element, notices)
    refuse_placeholders(element.text)
    return element.text.strip(BLANKS)


def words_of(element: XmlElement, expected: int, form: str, notices: list[Notice]) -> list[str]:
    """Return the words of an element.

    Args:
        element: the element.
        expected: how many words it must have.
        form: what they are, for the message.
        notices: gets what is odd.

    Raises:
        UnreadableInput: another number of words.
    """
    text = text_of(element, notices)
    words: list[str] = _WORD.findall(text)
    if len(words) != expected:
        raise UnreadableInput(f"{element.place} holds {quoted(text)} instead of {form}.", hint=f"Write {form}.")
    return words


def lines_of(element: XmlElement | None, notices: list[Notice]) -> tuple[str, ...]:
    """Return arguments, one a line, without the blanks around them; none where there is no element."""
    if element is None:
        return ()
    lines = [line.strip(BLANKS) for line in text_of(element, notices).split("\n")]
    if "" in lines:
        notices.append(
            Notice(code="blank-argument", message=f"{element.place} has a blank line between arguments; it is ignored.")
        )
    return tuple(line for line in lines if line)


def notice_extras(element: XmlElement, notices: list[Notice]) -> None:
    """Notice what an element that should hold text has besides it."""
    _notice_attributes(element, notices)
    notices.extend(
        Notice(
            code="nested-element",
            message=f"{child.place} stands inside <{short_ascii(element.name)}>; it is not read.",
        )
        for child in element.children
    )


def _notice_attributes(element: XmlElement, notices: list[Notice]) -> None:
    if element.attributes:
        first = short_ascii(next(iter(element.attributes)))
        notices.append(
            Notice(
                code="attribute",
                message=f"{element.place} has attributes ({len(element.attributes)}, first {first}); they are ignored.",
            )
        )
