"""Numbers without 0x where people mean hexadecimal ones."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.element_values import block_in, count_in, read_address, value_of
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv_formats.iar import numbers
from loaderconv_formats.xml.document import XmlElement
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_schemas.severity import Severity

_ADDRESSES_IN_PASS = ("abs_offset", "loader_offset")


@rule("IAR025", Severity.WARNING, Description)
def hexadecimal_numbers(file: Description) -> Iterator[Problem]:
    """Block sizes and addresses are written in hexadecimal, with 0x.

    What it checks:
        The size in each block, flash_base, both addresses of each range, abs_offset and loader_offset: they begin with
        0x, or are 0. Where the size does not fit the page, IAR023 tells so instead.

    Why it matters:
        A number without 0x is a decimal one. All public files write these in hexadecimal but for three, and in those
        the 0x was forgotten: 512 1000 are blocks of 1000 bytes.

    Example:
        <block>512 1024</block>

    How to fix:
        Write the same number in hexadecimal: <block>512 0x400</block>.

    Source:
        docs/formats/iar.md, The .flash file; What breaks a naive parser.
    """
    if isinstance(file, FlashDescription):
        yield from _blocks(file)
        for element in file.elements("flash_base")[:1]:
            yield from _addresses(file, element, element.text.split())
        return
    for element in file.elements("ignore"):
        yield from _addresses(file, element, element.text.split()[1:])
    for parent in file.elements("pass"):
        for element in (*file.elements("range", within=parent)[:1], *file.elements("ignore", within=parent)):
            yield from _addresses(file, element, element.text.split()[1:])
        for name in _ADDRESSES_IN_PASS:
            for element in file.elements(name, within=parent)[:1]:
                yield from _addresses(file, element, element.text.split())


def _blocks(file: FlashDescription) -> Iterator[Problem]:
    page = next((count_in(element) for element in file.elements("page")), None)
    for element in file.elements("block"):
        _, size = block_in(element) or (0, 0)
        if not size or numbers.is_hex(element.text.split()[1]) or (page and size % page):
            continue
        yield Problem(
            "block-size",
            f"{element.place} gives the size {size} without 0x, which makes it a decimal number.",
            f"Write 0x{size:x} if {size} bytes are meant, else put 0x in front.",
            file.at(element),
        )


def _addresses(file: Description, element: XmlElement, words: list[str]) -> Iterator[Problem]:
    for word in words:
        value = None if numbers.is_hex(word) else _address(element, word)
        if value:
            yield Problem(
                "address",
                f"{element.place} holds {short_ascii(word)} without 0x, which makes it a decimal number,"
                f" 0x{value:08x}.",
                f"Write 0x{value:08x} if that is meant, else put 0x in front.",
                file.at(element),
            )
            return


def _address(element: XmlElement, word: str) -> int | None:
    return value_of(lambda: read_address(element, word))


RULES: tuple[AnyRule, ...] = (hexadecimal_numbers,)
