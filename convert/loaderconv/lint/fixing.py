"""Puts findings right without a compiler: `lint --fix`."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv.lint.unit import CheckedFile, Checks, check_unit
from loaderconv.rewriting.repair import Repair, repair
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.errors import LoaderConvError, OutputNotWritten, UsageProblem
from loaderconv_schemas.lint import FixedFile

REPAIRS = {
    ("STL009", "size"): Repair.DESCRIPTOR_SIZE,
    ("STL009", "no-st-size"): Repair.DESCRIPTOR_SIZE,
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
        files: all files, the repaired ones as they are now.
        fixed: what was done.
    """

    files: tuple[CheckedFile, ...]
    fixed: tuple[FixedFile, ...]


def fix_files(files: Sequence[CheckedFile], checks: Checks, output_of: Callable[[Path], Path]) -> Fixes:
    """Repair what can be repaired, check it again, and only then write it.

    Args:
        files: what was checked; findings that the user dismissed are not there any more.
        checks: what is to be checked again.
        output_of: where the repaired form of a file goes, by its real path.

    Raises:
        UsageProblem: two files would go to the same place, or one is there already.
        OutputNotWritten: the file system refused; files that were complete before stay.
    """
    repaired: dict[str, _Repaired] = {}
    fixed: dict[str, FixedFile] = {}
    for each in files:
        wanted = [finding for finding in each.file.findings if finding.is_fixable]
        if not wanted:
            continue
        path = Path(each.key[0])
        outcome = FixedFile(path=each.file.path, rules=tuple(sorted({finding.rule for finding in wanted})))
        try:
            rewritten = repair(read_file_bytes(path), path.stem, {REPAIRS[each.rule, each.code] for each in wanted})
        except LoaderConvError as problem:
            fixed[each.key[0]] = outcome.model_copy(update={"problem": problem.message, "hint": problem.hint})
            continue
        output = output_of(path)
        repaired[each.key[0]] = _Repaired(rewritten.data, output)
        fixed[each.key[0]] = outcome.model_copy(
            update={"output": _shown_from_here(output), "changes": rewritten.changes}
        )
    _check_places(repaired)
    again = [_checked_again(each, checks, repaired) for each in files]
    for done in repaired.values():
        _write(done)
    return Fixes(tuple(again), tuple(fixed.values()))


@dataclass(frozen=True)
class _Repaired:
    """Bytes that are to become a file."""

    data: bytes
    output: Path


def _check_places(repaired: Mapping[str, _Repaired]) -> None:
    """Raise UsageProblem where something would be lost: a file that is there already, or another repaired one."""
    taken: set[str] = set()
    for source, each in repaired.items():
        place = os.path.realpath(each.output)
        if place in taken:
            raise UsageProblem(
                f"Two files would become {shown(each.output)}.",
                hint="Check folders one at a time, or repair files where they are with --in-place.",
            )
        if place != source and os.path.lexists(place):
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


def _checked_again(before: CheckedFile, checks: Checks, repaired: Mapping[str, _Repaired]) -> CheckedFile:
    """Return a repaired file as it is now; the others as they were."""
    path, member = before.key
    if path not in repaired or member is not None:
        return before
    instead = {real: each.data for real, each in repaired.items()}
    unit = check_unit(Candidate(Path(path), Origin.NAMED), checks, instead)
    now = next((each.file for each in unit.files if each.key == before.key), before.file)
    return replace(before, file=now.model_copy(update={"path": before.file.path}))


def beside(folder: Path) -> Callable[[Path], Path]:
    """Return what says where repaired files go in a folder: below it as they lie below the current directory.

    Files that lie elsewhere go to the folder itself.
    """
    here = Path(os.path.realpath(Path.cwd()))
    return lambda path: folder / (path.relative_to(here) if path.is_relative_to(here) else path.name)


def _shown_from_here(path: Path) -> str:
    here = Path(os.path.realpath(Path.cwd()))
    return shown(path.relative_to(here) if path.is_relative_to(here) else path)
