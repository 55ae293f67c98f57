"""Finds the real names of a folder's entries, as names that come from Windows do not mind the case."""

import os
import unicodedata
from itertools import islice
from pathlib import Path

_MAX_ENTRIES = 10_000


class Listings:
    """The entries of folders, each folder listed once."""

    def __init__(self) -> None:
        self._entries: dict[Path, dict[str, list[str]] | None] = {}

    def alike(self, folder: Path, name: str) -> tuple[str, ...]:
        """Return the entry that has exactly this name, else all that differ from it in case only, in order.

        Empty also where the folder cannot be listed.
        """
        found = (self._of(folder) or {}).get(_folded(name), [])
        return (name,) if name in found else tuple(sorted(found))

    def is_listed(self, folder: Path) -> bool:
        """Tell whether the folder's entries are known: it can be read, and has at most 10,000."""
        return self._of(folder) is not None

    def _of(self, folder: Path) -> dict[str, list[str]] | None:
        if folder not in self._entries:
            self._entries[folder] = _names_in(folder)
        return self._entries[folder]


def _names_in(folder: Path) -> dict[str, list[str]] | None:
    """Return the names of the entries by their folded form; None where there are too many, or no way to see them."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MAX_ENTRIES + 1)]
    except OSError:
        return None
    if len(names) > _MAX_ENTRIES:
        return None
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(_folded(name), []).append(name)
    return alike


def _folded(name: str) -> str:
    """Return a form that is the same for all cases, and for composed and decomposed letters (macOS keeps either)."""
    return unicodedata.normalize("NFC", name).lower()
