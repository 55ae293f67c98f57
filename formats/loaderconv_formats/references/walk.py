"""Goes from an allowed folder down to a file, name by name, and stops where a link leads out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from stat import S_ISREG

from loaderconv_formats.file_names import shown
from loaderconv_formats.references.allowed_folders import NOT_FOLLOWED, AllowedFolders, real_path
from loaderconv_formats.references.case_insensitive import Listings


class End(Enum):
    """How a walk ended."""

    FILE = auto()
    ABSENT = auto()
    AMBIGUOUS = auto()
    OUTSIDE = auto()
    DENIED = auto()


@dataclass(frozen=True)
class Walk:
    """What came of a walk.

    Attributes:
        end: how it ended.
        path: the file without links in its path, None unless there is one.
        note: one sentence; None where nothing is odd.
    """

    end: End
    path: Path | None
    note: str | None


def walk(start: Path, names: Sequence[str], allowed: AllowedFolders, listings: Listings) -> Walk:
    """Go from `start`, which has no links, through `names`, none of which is `..`; no file is opened."""
    here = start
    real_names: list[str] = []
    for name in names:
        alike = listings.alike(here, name)
        if len(alike) > 1:
            return Walk(End.AMBIGUOUS, None, _ambiguous(name, alike, here))
        entry = here / (alike[0] if alike else name)
        if obstacle := _obstacle(entry, listings):
            return obstacle
        target = real_path(entry)
        if target is None or not allowed.permit(target):
            return Walk(End.OUTSIDE, None, f"{shown(entry)} is a link {NOT_FOLLOWED}")
        here = target
        real_names.append(entry.name)
    return _arrival(here, names, real_names)


def _obstacle(entry: Path, listings: Listings) -> Walk | None:
    """Return the end of a walk that can go no further than to this entry's folder."""
    try:
        entry.lstat()
    except PermissionError:
        return Walk(End.DENIED, None, f"{shown(entry)} cannot be looked up: the permission is missing.")
    except (OSError, ValueError):
        searched = "" if listings.is_listed(entry.parent) else ", which was searched for this very spelling only"
        return Walk(End.ABSENT, None, f"There is no {shown(entry.name)} in {shown(entry.parent)}{searched}.")
    return None


def _arrival(path: Path, names: Sequence[str], real_names: Sequence[str]) -> Walk:
    """Judge what lies at the end."""
    try:
        is_file = S_ISREG(path.stat().st_mode)
    except PermissionError:
        return Walk(End.DENIED, None, f"{shown(path)} cannot be looked up: the permission is missing.")
    except (OSError, ValueError):
        return Walk(End.ABSENT, None, f"Nothing is at {shown(path)}, to which the name leads.")
    if not is_file:
        return Walk(End.ABSENT, None, f"{shown(path)} is not a regular file.")
    spelled, found = "/".join(names), "/".join(real_names)
    note = None if spelled == found else f"It is spelled {shown(spelled)}, the file is {shown(found)}."
    return Walk(End.FILE, path, note)


def _ambiguous(name: str, alike: Sequence[str], folder: Path) -> str:
    candidates = " and ".join(shown(each) for each in alike[:2])
    return f"{shown(name)} may be {candidates} in {shown(folder)}, which differ in case only."
