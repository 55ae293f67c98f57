"""How a description names the other files of its pack, and what comes of a name."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PureWindowsPath


class Absence(Enum):
    """Why a name stands for no file of the pack."""

    MISSING = auto()
    OUTSIDE = auto()


@dataclass(frozen=True)
class Found:
    """A file of the pack.

    Attributes:
        path: its own spelling, with slashes, from the folder of the description.
        is_spelled_so: otherwise the description spells it in another case.
    """

    path: str
    is_spelled_so: bool


@dataclass(frozen=True)
class NotFound:
    """No file of the pack.

    Attributes:
        absence: why.
        note: the same as a sentence.
    """

    absence: Absence
    note: str


def parts_of(spelled: str) -> tuple[str, ...] | None:
    """Return the folders and the name that a path in a description means; None where it leads out of the pack.

    Both separators count, as the specification's own examples have either; nothing is looked up.
    """
    text = spelled.strip().replace("\\", "/")
    if PureWindowsPath(text).anchor:
        return None
    parts: list[str] = []
    for part in text.split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return tuple(parts)
