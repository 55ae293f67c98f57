"""The folders that a name may lead into without being told to follow it anywhere."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from loaderconv_formats.references.search import SearchPaths

NOT_FOLLOWED = "that leads out of the folders named and was not followed; --follow allows it."
"""End of a sentence about a name or a link."""


@dataclass(frozen=True)
class _Folder:
    """An allowed folder, as it was given and with every link resolved."""

    given: Path
    real: Path


@dataclass(frozen=True)
class AllowedFolders:
    """What lies in these folders or below may be looked at.

    Attributes:
        folders: the folders that the user named; without any, the folder of the naming file.
        follow: everything else may be looked at, too, where a name leads there.
    """

    folders: tuple[_Folder, ...]
    follow: bool

    @classmethod
    def of(cls, search: SearchPaths, naming_folder: Path) -> Self:
        """Return the folders of a search that starts in a file of `naming_folder`.

        A naming file that was reached by following a name out of the folders may look beside itself.
        """
        given = search.folders if search.roots and not search.follow else (*search.folders, naming_folder)
        pairs = [(folder, real_path(folder)) for folder in given]
        return cls(tuple(_Folder(folder, real) for folder, real in pairs if real is not None), search.follow)

    def hold(self, real: Path) -> bool:
        """Tell whether a path without links lies in or below one of the folders."""
        return any(real.is_relative_to(folder.real) for folder in self.folders)

    def permit(self, real: Path) -> bool:
        """Tell whether a path without links may be looked at."""
        return self.follow or self.hold(real)

    def way_to(self, folder: Path, names: Sequence[str]) -> tuple[Path, tuple[str, ...]] | None:
        """Return a folder that may be looked at and the names below it that lead to the same file.

        Nothing is looked up for that: the answer is None where the spelled path alone leads out of the folders.
        """
        if self.permit(folder):
            return folder, tuple(names)
        target = folder.joinpath(*names)
        for allowed in self.folders:
            for start in (allowed.real, allowed.given):
                if target.is_relative_to(start):
                    return allowed.real, target.relative_to(start).parts
        return None


def real_path(path: Path) -> Path | None:
    """Return an absolute path without links, whether or not there is such a file; None where links cannot be told."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return None
