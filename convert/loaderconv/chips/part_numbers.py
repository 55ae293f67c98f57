"""Whether two spellings of a part number can mean the same chip."""

import re
from typing import NamedTuple

MIN_PREFIX_LENGTH = 6
"""Of a name that stands for all that begin so; `stm32h` is the shortest that says anything."""

_ORDER_SUFFIX = re.compile(r"[-_/ ][^:]*|[a-z](?!\d\d)[^:]*")
"""Package and temperature behind a chip's name: `T6`, `QIAA`, `-QFN48`. A letter and two digits are another chip."""


class Agreement(NamedTuple):
    """How well two names agree; the greater, the better.

    Attributes:
        length: characters that do not contradict each other.
        literal: those of them that are the same, and not an x on one side.
    """

    length: int
    literal: int


def folded(name: str) -> str:
    """Return a name as names are compared."""
    return name.strip().lower()


def agreement(wanted: str, known: str) -> Agreement | None:
    """Return how well a user's name agrees with a known one, None where they cannot mean the same chip.

    An x stands for any letter or digit of the other name; in a known one only a small x, since ST has a package X. The
    shorter name is the beginning of the longer one: a user's short name stands for every chip that begins so, and what
    a user's name has beyond a known one must look like an order suffix.
    """
    user = folded(wanted)
    length = min(len(user), len(known))
    literal = sum(map(str.__eq__, user, known.lower()))
    if not all(map(_can_be_same, user, known)):
        return None
    if len(user) < len(known):
        return Agreement(length, literal) if length >= MIN_PREFIX_LENGTH else None
    suffix = user[length:]
    return Agreement(length, literal) if not suffix or _ORDER_SUFFIX.fullmatch(suffix) else None


def _can_be_same(user: str, known: str) -> bool:
    return user == known.lower() or ((user == "x" or known == "x") and user.isalnum() and known.isalnum())
