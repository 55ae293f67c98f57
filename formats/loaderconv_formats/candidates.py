"""Files that may be loaders: what a user named, what a pattern matches, what lies in a folder."""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from loaderconv_formats.detection import promised_kind
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.unread import UnreadFile

_TOLD_BY_NAME = frozenset({FileKind.FLM, FileKind.STLDR})
"""Suffixes that nothing else has. Most .out are ordinary programs, and Kconfig.board is no file of IAR's."""


class Origin(Enum):
    """Why a file is in the list: what was named must be a loader, what a pattern matches or a folder holds need not.

    A damaged file that has a loader's suffix is told of in any case. What lies in a folder is left out where another
    file refers to it.
    """

    NAMED = auto()
    MATCHED = auto()
    FOUND = auto()


@dataclass(frozen=True)
class Candidate:
    """A file that may be a loader.

    Attributes:
        path: as it was named or found.
        origin: why it is in the list.
    """

    path: Path
    origin: Origin

    def must_be_loader(self, also: Set[str] = frozenset()) -> bool:
        """Tell whether it is worth a word that the file is none.

        Args:
            also: suffixes in lower case that nothing else has, besides those of loaders.
        """
        is_told = promised_kind(self.path.suffix) in _TOLD_BY_NAME or self.path.suffix.lower() in also
        return self.origin is Origin.NAMED or is_told


def unread_file(path: Path, problem: LoaderConvError) -> UnreadFile:
    """Return why a file that was named is missing in the report."""
    return UnreadFile(path=shown(path), message=problem.message, hint=problem.hint, exit_code=problem.exit_code)
