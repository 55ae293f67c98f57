"""What a `.flash` or `.board` file holds besides what readers know."""

from collections.abc import Iterator, Set

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv_formats.iar import board_file, flash_file
from loaderconv_formats.xml.document import BLANKS, XmlElement
from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_formats.xml.templates import holds_placeholder
from loaderconv_schemas.severity import Severity

_TOLD_BY_IAR021 = frozenset({"exe", "flash_base", "page", "block", "pass", "loader"})
"""Where one of these is empty or comes again, that is an error of its own."""

_TEXTS = frozenset({"args", "args_doc"})


@rule("IAR022", Severity.WARNING, Description)
def odd_elements(file: Description) -> Iterator[Problem]:
    """There is nothing in the file that is unknown, repeated, misplaced or empty.

    What it checks:
        Elements of unknown name, elements that count once and come again, elements inside those that hold text, empty
        elements (a note for args and args_doc, which vendors leave empty), attributes, text outside of elements, blank
        lines between arguments, switches that are neither 0 nor 1, a gap without a block behind it, and ranges of
        another kind than CODE.

    Why it matters:
        What is misplaced does not count: in three files of STM32G05x aggregate stands inside args_doc and is lost. No
        public file has attributes, or another kind of range, and nobody knows what C-SPY makes of any of these.

    Example:
        <args_doc>None <aggregate>1</aggregate></args_doc>

    How to fix:
        Take the element out, correct its name, or move it directly into the outermost element or the pass.

    Source:
        docs/formats/iar.md, The .flash file; The .board file; What breaks a naive parser.
    """
    root = file.document.root
    if isinstance(file, FlashDescription):
        yield from _container(file, root, flash_file.ONCE, flash_file.LAYOUT)
        yield from _switches(file)
        yield from _trailing_gap(file)
        return
    yield from _container(file, root, frozenset(), board_file.IN_ROOT)
    for element in file.elements("pass"):
        yield from _container(file, element, board_file.ONCE_IN_PASS, board_file.OFTEN_IN_PASS)
        yield from _kind(file, file.elements("range", within=element)[:1])


def _container(file: Description, parent: XmlElement, once: Set[str], often: Set[str]) -> Iterator[Problem]:
    """Yield what is odd in an element that should hold elements only, and in those that it holds."""
    yield from _attributes(file, parent)
    stray = parent.text.strip(BLANKS)
    if stray and not holds_placeholder(stray):
        yield Problem(
            "stray-text",
            f"{parent.place} holds {quoted(stray)} outside of elements.",
            "Take the text out, or make it a comment.",
            file.at(parent),
        )
    seen: set[str] = set()
    for child in parent.children:
        if child.name not in once | often:
            yield Problem(
                "unknown-element",
                f"{child.place} is unknown in <{short_ascii(parent.name)}>.",
                "Correct the name, or take the element out.",
                file.at(child),
            )
        elif child.name in once & seen:
            if child.name not in _TOLD_BY_IAR021:
                yield Problem(
                    "duplicate-element",
                    f"{child.place} comes again, and nobody knows which one C-SPY takes.",
                    f"Leave one <{short_ascii(child.name)}>.",
                    file.at(child),
                )
        elif child.name != "pass":
            yield from _leaf(file, child)
        seen.add(child.name)


def _leaf(file: Description, element: XmlElement) -> Iterator[Problem]:
    """Yield what is odd in an element that should hold text."""
    yield from _attributes(file, element)
    for child in element.children:
        yield Problem(
            "nested-element",
            f"{child.place} stands inside <{short_ascii(element.name)}>, where it does not count.",
            "Move it directly into the element around.",
            file.at(child),
        )
    text = element.text.strip(BLANKS)
    if not text and not element.children and element.name not in _TOLD_BY_IAR021:
        yield Problem(
            "empty-element",
            f"{element.place} is empty.",
            "Fill it in, or leave it out.",
            file.at(element),
            severity=Severity.NOTE if element.name in _TEXTS else Severity.WARNING,
        )
    if element.name == "args" and any(not line.strip(BLANKS) for line in text.split("\n")) and text:
        yield Problem(
            "blank-argument",
            f"{element.place} has a blank line between arguments.",
            "Take the blank line out; each line is one argument.",
            file.at(element),
        )


def _attributes(file: Description, element: XmlElement) -> Iterator[Problem]:
    if element.attributes:
        names = ", ".join(map(short_ascii, element.attributes))
        yield Problem(
            "attribute",
            f"{element.place} has attributes, which no public file has: {names}.",
            "Take the attributes out.",
            file.at(element),
        )


def _switches(file: FlashDescription) -> Iterator[Problem]:
    for name in flash_file.SWITCHES:
        for element in file.elements(name)[:1]:
            text = element.text.strip(BLANKS)
            if text not in {"", "0", "1"} and not holds_placeholder(text):
                yield Problem(
                    "odd-switch",
                    f"{element.place} holds {quoted(text)} instead of 0 or 1.",
                    "Write 0 or 1.",
                    file.at(element),
                )


def _trailing_gap(file: FlashDescription) -> Iterator[Problem]:
    layout = [each for each in file.document.root.children if each.name in flash_file.LAYOUT]
    if layout and layout[-1].name == "gap":
        yield Problem(
            "trailing-gap",
            f"{layout[-1].place} has no <block> behind it, which it would move.",
            "Take the gap out, or add the block.",
            file.at(layout[-1]),
        )


def _kind(file: Description, ranges: list[XmlElement]) -> Iterator[Problem]:
    for element in ranges:
        kind = element.text.split()[:1]
        if kind and kind != [board_file.CODE] and not holds_placeholder(element.text):
            yield Problem(
                "range-kind",
                f"{element.place} is of the kind {quoted(kind[0])}, and no public file has another than CODE.",
                "Write CODE.",
                file.at(element),
            )


RULES: tuple[AnyRule, ...] = (odd_elements,)
