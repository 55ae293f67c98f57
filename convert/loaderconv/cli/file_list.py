"""Which files arguments stand for: files, folders, and patterns, which the shells of Windows do not expand."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv_formats.candidates import Candidate, Origin, unread_file
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from loaderconv_schemas.unread import UnreadFile

_NOT_SEARCHED = frozenset({".git", ".hg", ".svn", ".venv", ".tox", "node_modules", "__pycache__"})
"""Folders in which tools keep copies of their own; who wants them searched names them."""


@dataclass(frozen=True)
class FileList:
    """What the arguments stand for.

    Attributes:
        candidates: files in the order of the arguments, those of a folder sorted; none twice.
        folders: the folders among the arguments.
        unsearched: folders that could not be opened.
    """

    candidates: tuple[Candidate, ...]
    folders: tuple[Path, ...]
    unsearched: tuple[UnreadFile, ...]

    def without_names(self) -> "FileList":
        """Return the same files as if a pattern had matched those that were named: they may be no loaders."""
        candidates = tuple(
            replace(each, origin=Origin.MATCHED) if each.origin is Origin.NAMED else each for each in self.candidates
        )
        return replace(self, candidates=candidates)

    @property
    def no_loader(self) -> UnreadableInput:
        """What to say where none of the files is a loader, and none should have been one."""
        count = len(self.candidates)
        return UnreadableInput(
            f"There is no loader among {count} file{'' if count == 1 else 's'}.",
            hint="Name one of the files to learn why it is none.",
        )


def file_list(arguments: Sequence[Path]) -> FileList:
    """Return the files for which the arguments stand.

    A folder stands for all files in and below it; links to other folders are not followed. A file of the very name of a
    pattern wins over the pattern.

    Raises:
        UsageProblem: nothing matches a pattern.
    """
    candidates: dict[str, Candidate] = {}
    folders: list[Path] = []
    problems: list[OSError] = []
    for argument in arguments:
        for path, origin in _expanded(argument):
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for names that are too long
                folders.append(path)
                found = [Candidate(each, Origin.FOUND) for each in _files_below(path, problems)]
            else:
                found = [Candidate(path, origin)]
            for candidate in found:
                _add(candidates, candidate)
    return FileList(tuple(candidates.values()), tuple(folders), tuple(map(_unsearched, problems)))


def _add(candidates: dict[str, Candidate], new: Candidate) -> None:
    """Put a file into the list unless it is there; one that was named counts as named wherever else it turns up."""
    key = os.path.realpath(new.path)
    if key not in candidates or new.origin is Origin.NAMED:
        candidates[key] = new


def _expanded(argument: Path) -> Iterator[tuple[Path, Origin]]:
    if os.path.lexists(argument) or not glob.has_magic(str(argument)):
        yield argument, Origin.NAMED
        return
    matches = sorted(glob.glob(_pattern(argument)))  # noqa: PTH207 - the pattern may be absolute
    if not matches:
        raise UsageProblem(
            f"No file matches {shown(argument)}.", hint="Check the folder, the pattern and its capitals."
        )
    for match in matches:
        yield Path(match), Origin.MATCHED


def _pattern(argument: Path) -> str:
    """Return the pattern with those folders taken literally that exist under their very name, such as `v2 [final]`."""
    for folder in argument.parents:
        if os.path.lexists(folder):
            return os.path.join(glob.escape(str(folder)), argument.relative_to(folder))  # noqa: PTH118 - a pattern
    return str(argument)


def _files_below(folder: Path, problems: list[OSError]) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = [name for name in folders if name not in _NOT_SEARCHED]
        found += [Path(parent, name) for name in names]
    return sorted(found)


def _unsearched(problem: OSError) -> UnreadFile:
    folder = Path(os.fsdecode(problem.filename))
    failure = UnreadableInput(
        f"{shown(folder)}: The folder cannot be searched: {problem.strerror}.", hint="Check its permissions."
    )
    return unread_file(folder, failure)
