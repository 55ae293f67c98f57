"""Inspects the files of one call: each once, and none again that another one refers to."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from loaderconv.inspection.first_look import Look, first_look
from loaderconv.inspection.inspect import inspect_file
from loaderconv_formats.detection import promised_kind
from loaderconv_formats.file_names import shown
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.inspection import InspectedFile, InspectReport, UnreadFile

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


def inspect_files(
    candidates: Sequence[Candidate], search: SearchPaths | None = None, *, seen: Callable[[], None] = lambda: None
) -> InspectReport:
    """Return what there is to know of the loaders among the files, in the order of the files.

    Files that refer to others are read first, so that it is known what belongs to them.

    Args:
        candidates: the files; none twice.
        search: where to look for the files that they refer to.
        seen: called after each, for a progress bar.
    """
    looks = {candidate: first_look(candidate.path) for candidate in candidates}
    files: dict[Candidate, InspectedFile] = {}
    unread: dict[Candidate, UnreadFile] = {}
    belonging: set[str] = set()
    skipped = 0
    for candidate in sorted(candidates, key=lambda each: looks[each] or Look.PROGRAM):
        if candidate.origin is Origin.FOUND and os.path.realpath(candidate.path) in belonging:
            pass
        elif looks[candidate] is None and not _must_be_loader(candidate):
            skipped += 1
        else:
            try:
                files[candidate] = inspect_file(candidate.path, search)
                belonging |= _belonging(files[candidate])
            except LoaderConvError as problem:
                if _must_be_loader(candidate):
                    unread[candidate] = unread_file(candidate.path, problem)
                else:
                    skipped += 1
        seen()
    return InspectReport(
        files=tuple(files[each] for each in candidates if each in files),
        unread=tuple(unread[each] for each in candidates if each in unread),
        skipped=skipped,
    )


def _must_be_loader(candidate: Candidate) -> bool:
    """Tell whether it is worth a word that a file is none."""
    return candidate.origin is Origin.NAMED or promised_kind(candidate.path.suffix) in _TOLD_BY_NAME


def unread_file(path: Path, problem: LoaderConvError) -> UnreadFile:
    """Return why a file that was named is missing in the report."""
    return UnreadFile(path=shown(path), message=problem.message, hint=problem.hint, exit_code=problem.exit_code)


def _belonging(file: InspectedFile) -> set[str]:
    """Return the files that this one refers to."""
    return {os.path.realpath(reference.path) for reference in file.references if reference.path is not None}
