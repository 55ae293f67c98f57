"""Findings that are known and do not count: written once, applied from then on."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from loaderconv.lint.path_pattern import place_of
from loaderconv.lint.selection import Selection
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.base import FORMAT_VERSION
from loaderconv_schemas.baseline import Baseline, KnownFile, KnownFinding
from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from loaderconv_schemas.lint import CRASH, Finding, LintedFile, Place, PlaceKind, UnusedEntry


def write_baseline(path: Path, files: Sequence[LintedFile]) -> Baseline:
    """Write the findings of the files as known ones, whole or not at all, and return what was written.

    An older baseline is replaced, with all that it says of other files. What tells of a defect of loaderconv itself is
    left out.

    Args:
        path: file to write; paths in it are relative to its folder.
        files: with all findings that the baseline is to dismiss.

    Raises:
        UsageProblem: there is a file that is no baseline.
        OutputNotWritten: the file system refused.
    """
    if os.path.exists(path):  # noqa: PTH110 - Path's may raise
        _check_replaceable(path)
    baseline = baseline_of(files, path.parent)
    write_complete(path, (baseline.model_dump_json(indent=2) + "\n").encode())
    return baseline


def baseline_of(files: Sequence[LintedFile], folder: Path) -> Baseline:
    """Return the findings of files as known ones, sorted, with paths relative to a folder."""
    known = {place_of(file, folder): tuple(sorted(_known_findings(file), key=_order)) for file in files}
    listed = (KnownFile(path=path, findings=known[path]) for path in sorted(known) if known[path])
    return Baseline(version=FORMAT_VERSION, files=tuple(listed))


def read_baseline(path: Path) -> Baseline:
    """Return a baseline.

    Raises:
        UsageProblem: it is not there, damaged, or from a release that writes another version.
    """
    try:
        text = read_file_bytes(path)
    except UnreadableInput as problem:
        raise UsageProblem(
            f"The baseline {shown(path)}: {problem.message}", hint="Check its name; --write-baseline FILE makes one."
        ) from None
    try:
        return Baseline.model_validate_json(text)
    except ValidationError as problem:
        raise UsageProblem(
            f"{shown(path)} is no baseline that can be read: {_first_fault(problem)}.",
            hint="Restore it, or remove it and make a new one with --write-baseline.",
        ) from None


def apply_baseline(
    files: Sequence[LintedFile], baseline: Baseline, path: Path, selection: Selection
) -> tuple[tuple[LintedFile, ...], tuple[UnusedEntry, ...]]:
    """Return the files without the findings that are known, and the entries of these files that no finding needs.

    Args:
        files: what was found.
        baseline: what is known.
        path: the file that says so.
        selection: the rules that were applied; entries of others are not called unused.
    """
    known: dict[str, list[KnownFinding]] = {}
    for each in baseline.files:
        known.setdefault(os.path.normcase(each.path), []).extend(each.findings)
    kept: list[LintedFile] = []
    unused: list[UnusedEntry] = []
    for file in files:
        place = place_of(file, path.parent)
        entries = known.get(os.path.normcase(place), [])
        kept.append(_without_known(file, {_key(each) for each in entries}))
        unused += [
            UnusedEntry(source=shown(path), text=f"{place}: {entry.rule} {entry.code}, {entry.place}: {entry.message}")
            for entry in _without_finding(entries, file, selection)
        ]
    return tuple(kept), tuple(unused)


def _without_finding(entries: Sequence[KnownFinding], file: LintedFile, selection: Selection) -> Iterator[KnownFinding]:
    found = {_key(each) for each in file.findings}
    return (each for each in entries if _key(each) not in found and selection.decided(each.rule, file))


def _without_known(file: LintedFile, known: set[tuple[str, str]]) -> LintedFile:
    kept = tuple(each for each in file.findings if each.rule == CRASH or _key(each) not in known)
    if len(kept) == len(file.findings):
        return file
    count = file.dismissed.baseline + len(file.findings) - len(kept)
    dismissed = file.dismissed.model_copy(update={"baseline": count})
    return file.model_copy(update={"findings": kept, "dismissed": dismissed})


def _known_findings(file: LintedFile) -> Iterator[KnownFinding]:
    for each in file.findings:
        if each.rule != CRASH:
            yield KnownFinding(
                rule=each.rule,
                code=each.code,
                place=_place_text(each.place),
                fingerprint=each.fingerprint,
                message=each.message,
            )


def _place_text(place: Place) -> str:
    """Return a place without what changes in the next build."""
    return "file" if place.kind is PlaceKind.FILE else f"{place.kind} {place.name}"


def _key(finding: Finding | KnownFinding) -> tuple[str, str]:
    return finding.rule, finding.fingerprint


def _order(finding: KnownFinding) -> tuple[str, ...]:
    return finding.rule, finding.code, finding.place, finding.message, finding.fingerprint


def _check_replaceable(path: Path) -> None:
    """Raise UsageProblem where something would be lost that is no baseline."""
    refusal = UsageProblem(
        f"{shown(path)} exists and is no baseline.", hint="Choose another name, or remove the file first."
    )
    if not path.is_file():
        raise refusal
    try:
        read_baseline(path)
    except UsageProblem as problem:
        raise refusal from problem


def _first_fault(problem: ValidationError) -> str:
    fault = problem.errors(include_url=False, include_context=False)[0]
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else fault["msg"]
