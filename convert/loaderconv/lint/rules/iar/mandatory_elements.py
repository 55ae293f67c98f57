"""What a `.flash` and a `.board` file must hold."""

from collections.abc import Callable, Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.element_values import block_in, count_in, read_address, refusal_of
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv_formats.iar import numbers
from loaderconv_formats.iar.flash_file import read_block
from loaderconv_formats.xml.document import BLANKS, XmlElement
from loaderconv_formats.xml.templates import holds_placeholder
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_ONCE = ("exe", "flash_base", "page")

_OFFSETS: dict[str, Callable[[XmlElement, str], int]] = {
    "rel_offset": numbers.wrapped_offset,
    "abs_offset": read_address,
    "loader_offset": read_address,
}


@rule("IAR021", Severity.ERROR, Description, hosts={Host.C_SPY: Verdict.REJECTED})
def mandatory_elements(file: Description) -> Iterator[Problem]:
    """The mandatory elements are there once, and their numbers are numbers.

    What it checks:
        A `.flash` file has exe, flash_base and page once and at least one block; a `.board` file has at least one pass,
        and each pass one loader. None of them is empty. Base, page, blocks, gaps and offsets are numbers of 32 bits,
        in decimal or in hexadecimal behind 0x, and neither a page nor a block has 0 bytes.

    Why it matters:
        Without one of them C-SPY has no loader to run or no layout to cut the data by. Where one comes twice, nobody
        knows which of the two C-SPY takes.

    Example:
        <block>64</block>

    How to fix:
        Write the element as docs/formats/iar.md shows it: <block>64 0x1000</block> is 64 blocks of 4096 bytes.

    Source:
        docs/formats/iar.md, The .flash file; The .board file; ST LAT1426.
    """
    root = file.document.root
    if isinstance(file, FlashDescription):
        for name in _ONCE:
            yield from _one(file, root, name)
        yield from _at_least_one(file, root, "block")
        yield from _layout_numbers(file)
        yield from _no_bytes(file)
        return
    yield from _at_least_one(file, root, "pass")
    for element in file.elements("pass"):
        yield from _one(file, element, "loader")
        for name, read in _OFFSETS.items():
            for offset in file.elements(name, within=element)[:1]:
                yield from _number(file, offset, read)


def _one(file: Description, parent: XmlElement, name: str) -> Iterator[Problem]:
    yield from _at_least_one(file, parent, name)
    for again in file.elements(name, within=parent)[1:]:
        yield Problem(
            "repeated",
            f"{again.place} comes again, and nobody knows which one C-SPY takes.",
            f"Leave one <{name}>.",
            file.at(again),
            hosts=NO_HOST,
        )


def _at_least_one(file: Description, parent: XmlElement, name: str) -> Iterator[Problem]:
    found = file.elements(name, within=parent)
    if not found:
        yield Problem("missing", f"{parent.place} has no <{name}>.", f"Add <{name}>.", file.at(parent))
    for element in found:
        if not element.text.strip(BLANKS) and not element.children:
            yield Problem(
                "empty",
                f"{element.place} is empty.",
                "Fill it in; it may not be left out.",
                file.at(element),
                hosts=NO_HOST,
            )


def _layout_numbers(file: FlashDescription) -> Iterator[Problem]:
    for element in file.elements("flash_base")[:1]:
        yield from _number(file, element, read_address)
    for element in (*file.elements("page")[:1], *file.elements("gap")):
        yield from _number(file, element, numbers.count)
    for element in file.elements("block"):
        yield from _number(file, element, lambda element, _: read_block(element, []))


def _number(file: Description, element: XmlElement, read: Callable[[XmlElement, str], object]) -> Iterator[Problem]:
    """Yield what is wrong with the number in an element; empty ones and placeholders are told otherwise."""
    text = element.text.strip(BLANKS)
    problem = refusal_of(lambda: read(element, text))
    if text and problem is not None and not holds_placeholder(text):
        yield Problem("number", problem.message, problem.hint, file.at(element), hosts=NO_HOST)


def _no_bytes(file: FlashDescription) -> Iterator[Problem]:
    for element in file.elements("page")[:1]:
        if count_in(element) == 0:
            yield _zero(file, element, "a page")
    for element in file.elements("block"):
        if 0 in (block_in(element) or ()):
            yield _zero(file, element, "the blocks")


def _zero(file: FlashDescription, element: XmlElement, what: str) -> Problem:
    return Problem(
        "zero",
        f"{element.place} gives {what} 0 bytes.",
        "Write the size of the memory's data sheet.",
        file.at(element),
        hosts=NO_HOST,
    )


RULES: tuple[AnyRule, ...] = (mandatory_elements,)
