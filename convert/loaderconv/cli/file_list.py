"""Which files arguments stand for: files, folders, and patterns, which the shells of Windows do not expand."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.candidates import Candidate, Origin, unread_file
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from loaderconv_schemas.inspection import UnreadFile


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
        raise UsageProblem(f"No file matches {shown(argument)}.", hint="Check the folder and the pattern.")
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
    for parent, _, names in os.walk(folder, onerror=problems.append):
        found += [Path(parent, name) for name in names]
    return sorted(found)


def _unsearched(problem: OSError) -> UnreadFile:
    folder = Path(os.fsdecode(problem.filename))
    failure = UnreadableInput(
        f"{shown(folder)}: The folder cannot be searched: {problem.strerror}.", hint="Check its permissions."
    )
    return unread_file(folder, failure)
