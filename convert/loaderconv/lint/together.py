"""Compares the loaders of one device with each other, after each of them was checked alone."""

from collections.abc import Sequence
from dataclasses import replace

from loaderconv.lint.loader_sets import loader_sets
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import apply_rules
from loaderconv.lint.subjects.loader_set import LoaderSet
from loaderconv.lint.subjects.subject import FileName
from loaderconv.lint.unit import CheckedFile, Checks
from loaderconv_schemas.lint import Finding, Place, PlaceKind


def compared(files: Sequence[CheckedFile], checks: Checks) -> tuple[CheckedFile, ...]:
    """Return the files, with what is found when those that serve one memory are held against each other.

    Such a finding belongs to the file that differs from the others.
    """
    found: dict[FileName, list[Finding]] = {}
    for loaders in loader_sets(each.summary for each in files if each.summary is not None):
        for file, finding in _findings(loaders, checks):
            found.setdefault(file, []).append(finding)
    return tuple(_with_findings(each, found) for each in files)


def _findings(loaders: LoaderSet, checks: Checks) -> list[tuple[FileName, Finding]]:
    rules = [each for each in rules_for(loaders) if checks.wants(each.id)]
    files = {loaders.title_of(each): each.file for each in loaders.loaders}
    first = loaders.loaders[0].file
    return [
        (files.get(each.place.name, first), each.model_copy(update={"place": Place(kind=PlaceKind.FILE)}))
        for each in apply_rules(loaders, rules).findings
    ]


def _with_findings(checked: CheckedFile, found: dict[FileName, list[Finding]]) -> CheckedFile:
    more = found.get(checked.summary.file) if checked.summary is not None else None
    if not more:
        return checked
    findings = sorted([*checked.file.findings, *more], key=lambda each: each.severity.rank)
    return replace(checked, file=checked.file.model_copy(update={"findings": tuple(findings)}))
