"""Puts findings right without a compiler: `lint --fix`."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv.lint.unit import CheckedFile, Checks, FileKey, check_unit, path_from_here
from loaderconv.rewriting.repair import Repair, repair
from loaderconv.rewriting.result import Rewritten
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.errors import LoaderConvError, OutputNotWritten, UsageProblem
from loaderconv_schemas.lint import FixedFile

REPAIRS = {
    ("STL009", "size"): Repair.DESCRIPTOR_SIZE,
    ("STL009", "no-st-size"): Repair.DESCRIPTOR_SIZE,
    ("STL009", "too-long"): Repair.DESCRIPTOR_SIZE,
    ("STL010", "shared"): Repair.DESCRIPTOR_SIZE,
    ("STL010", "not-loaded"): Repair.DESCRIPTOR_SIZE,
    ("STL011", "not-first"): Repair.DESCRIPTOR_SIZE,
    ("STL015", "two-spellings"): Repair.DESCRIPTOR_SIZE,
    ("STL015", "nothing-enclosed"): Repair.DESCRIPTOR_SIZE,
    ("STL016", "local"): Repair.EXPORTED_SYMBOLS,
    ("STL020", "other-name"): Repair.NAME,
    ("STL021", "empty"): Repair.NAME,
    ("STL021", "unterminated"): Repair.NAME,
    ("STL021", "not-ascii"): Repair.NAME,
    ("STL021", "junk"): Repair.NAME_JUNK,
    ("STL031", "host-word"): Repair.HOST_WORD,
    ("STL038", "not-init"): Repair.ENTRY_ADDRESS,
    ("STL043", "flags"): Repair.DESCRIPTOR_FLAGS,
    ("FLM013", "local"): Repair.EXPORTED_SYMBOLS,
    ("FLM042", "junk"): Repair.NAME_JUNK,
    ("IAR020", "leading-blanks"): Repair.LEADING_BYTES,
}
"""What puts which finding right, by rule and code."""


@dataclass(frozen=True)
class Fixes:
    """What came of the files that had something to fix.

    Attributes:
        files: the repaired files as they are now, checked alone, by what tells them apart.
        fixed: what was done, or could not be.
    """

    files: Mapping[FileKey, CheckedFile]
    fixed: tuple[FixedFile, ...]


def fix_files(files: Sequence[CheckedFile], checks: Checks, output_of: Callable[[Path], Path]) -> Fixes:
    """Repair what can be repaired, check it again, and only then write it.

    Args:
        files: what was checked; findings that the user dismissed are not there any more.
        checks: what is to be checked again.
        output_of: where the repaired form of a file goes, by its path as it was named or found.

    Raises:
        UsageProblem: two files would go to the same place, or one is there already.
        OutputNotWritten: the file system refused; files that were complete before stay.
    """
    repaired: dict[FileKey, _Repaired] = {}
    fixed: list[FixedFile] = []
    for each in files:
        wanted = [finding for finding in each.file.findings if finding.is_fixable]
        if not wanted:
            continue
        rules = tuple(sorted({finding.rule for finding in wanted}))
        rewritten, problem = _repaired_as_far_as_possible(each, {REPAIRS[one.rule, one.code] for one in wanted})
        done = FixedFile(
            path=each.file.path,
            rules=rules,
            problem=None if problem is None else problem.message,
            hint=None if problem is None else problem.hint,
        )
        if rewritten is not None:
            repaired[each.key] = _Repaired(each, rewritten.data, output_of(each.path))
            output = shown(path_from_here(repaired[each.key].output))
            done = done.model_copy(update={"output": output, "changes": rewritten.changes})
        fixed.append(done)
    _check_places(repaired.values())
    again = {key: _checked_again(key, checks, repaired) for key in repaired}
    for one in repaired.values():
        _write(one)
    return Fixes(again, tuple(fixed))


def _repaired_as_far_as_possible(
    file: CheckedFile, wanted: Collection[Repair]
) -> tuple[Rewritten | None, LoaderConvError | None]:
    """Return what comes of a file, None where nothing can be repaired, and why something could not be."""
    data = read_file_bytes(file.path)
    rewritten: Rewritten | None = None
    problem: LoaderConvError | None = None
    done: set[Repair] = set()
    for each in (set(wanted), *({one} for one in Repair if one in wanted)):
        if each <= done:
            continue
        try:
            rewritten = repair(data, file.path.stem, done | each)
            done |= each
        except LoaderConvError as found:
            problem = found
    return rewritten, None if done >= set(wanted) else problem


@dataclass(frozen=True)
class _Repaired:
    """Bytes that are to become a file."""

    source: CheckedFile
    data: bytes
    output: Path


def _check_places(repaired: Iterable[_Repaired]) -> None:
    """Raise UsageProblem where something would be lost: a file that is there already, or another repaired one."""
    taken: set[str] = set()
    for each in repaired:
        place = os.path.realpath(each.output)
        if place in taken:
            raise UsageProblem(
                f"Two files would become {shown(each.output)}.",
                hint="Check folders one at a time, or repair files where they are with --in-place.",
            )
        if place != each.source.key[0] and os.path.lexists(place):
            raise UsageProblem(f"{shown(each.output)} exists already.", hint="Name an empty folder with --output-dir.")
        taken.add(place)


def _write(repaired: _Repaired) -> None:
    """Write a repaired file, and the folders for it."""
    try:
        repaired.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputNotWritten(
            f"There is no folder {shown(repaired.output.parent)}, and it cannot be made: {problem.strerror}.",
            hint="Name another folder with --output-dir.",
        ) from problem
    write_complete(repaired.output, repaired.data)


def _checked_again(key: FileKey, checks: Checks, repaired: Mapping[FileKey, _Repaired]) -> CheckedFile:
    """Return a repaired file as it is now, before it is written."""
    source = repaired[key].source
    instead = {real: each.data for (real, _), each in repaired.items()}
    unit = check_unit(Candidate(source.path, Origin.NAMED), checks, instead)
    now = next(each for each in unit.files if each.key == key)
    return replace(now, path=source.path, file=now.file.model_copy(update={"path": source.file.path}))


def beside(folder: Path) -> Callable[[Path], Path]:
    """Return what says where repaired files go in a folder: below it as they lie below the current directory.

    Files that lie elsewhere go to the folder itself.
    """

    def output_of(path: Path) -> Path:
        relative = path_from_here(Path(os.path.abspath(path)))  # noqa: PTH100 - links keep their names
        return folder / (path.name if relative.is_absolute() else relative)

    return output_of
