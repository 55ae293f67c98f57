"""What elements hold, where a rule wants to know it of each and not only of the first that is wrong."""

from collections.abc import Callable
from typing import TypeVar

from loaderconv_formats.iar import numbers
from loaderconv_formats.iar.elements import text_of
from loaderconv_formats.iar.flash_file import read_block
from loaderconv_formats.xml.document import XmlElement
from loaderconv_schemas.errors import UnreadableInput

T = TypeVar("T")


def value_of(read: Callable[[], T]) -> T | None:
    """Return what a reader returns; None where it refuses."""
    try:
        return read()
    except UnreadableInput:
        return None


def refusal_of(read: Callable[[], object]) -> UnreadableInput | None:
    """Return why a reader refuses; None where it does not."""
    try:
        read()
    except UnreadableInput as problem:
        return problem
    return None


def read_address(element: XmlElement, word: str) -> int:
    """Return the address that a word in an element stands for.

    Raises:
        UnreadableInput: it stands for none.
    """
    return numbers.address(element, word, [])


def address_in(element: XmlElement) -> int | None:
    """Return the address that an element holds; None where that is none."""
    return value_of(lambda: read_address(element, text_of(element, [])))


def count_in(element: XmlElement) -> int | None:
    """Return the number of bytes that an element holds, such as a page or a gap; None where that is none."""
    return value_of(lambda: numbers.count(element, text_of(element, [])))


def block_in(element: XmlElement) -> tuple[int, int] | None:
    """Return count and size of the blocks that an element stands for; None where that is none."""
    return value_of(lambda: read_block(element, []))
