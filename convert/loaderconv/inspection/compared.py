"""One fact of two files, side by side."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from loaderconv_schemas.difference import Difference, Unit

Value = int | str | None


class Compare(Protocol):
    """How one fact is compared."""

    def __call__(self, aspect: str, left: Value, right: Value, unit: Unit | None = None) -> Iterator[Difference]:
        """Give the difference, if it is one."""


def compared(aspect: str, left: Value, right: Value, unit: Unit | None = None) -> Iterator[Difference]:
    """Give the difference, if it is one."""
    if left != right:
        yield Difference(aspect=aspect, left=left, right=right, unit=unit)


def compared_if_known(aspect: str, left: Value, right: Value, unit: Unit | None = None) -> Iterator[Difference]:
    """Give the difference of a fact that both sides know; one flavour has no place for what the other tells."""
    if left is not None and right is not None:
        yield from compared(aspect, left, right, unit)


def compared_lists(aspect: str, left: Sequence[str], right: Sequence[str]) -> Iterator[Difference]:
    """Give the difference of two lists; an empty one counts as no value."""
    yield from compared(aspect, ", ".join(left) or None, ", ".join(right) or None)


def found(value: object) -> str | None:
    """Return what tells that there is something, None where there is nothing."""
    return None if value is None else "found"


def yes_or_no(value: bool) -> str:  # noqa: FBT001 - the value is what is told
    """Return a truth as a word."""
    return "yes" if value else "no"
