"""What elements hold, where a rule wants to know it of each and not only of the first that is wrong."""

from collections.abc import Callable
from typing import TypeVar

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
