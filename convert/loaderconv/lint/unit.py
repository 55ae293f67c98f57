"""Checks one file with everything that belongs to it. This is what a worker process does; its result can be sent."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.loader_sets import summary_of
from loaderconv.lint.opening import Opener
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import Tally, apply_rules, crash
from loaderconv.lint.subjects.loader_set import DeviceSummary
from loaderconv.lint.subjects.subject import FileName, Subject
from loaderconv_formats.candidates import Candidate, unread_file
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import CRASH, Finding, LintedFile, SkippedRule
from loaderconv_schemas.lint_hosts import HostVerdict
from loaderconv_schemas.unread import UnreadFile

FileKey = tuple[str, str | None]
"""What tells files apart: the real path, and the path inside of a pack."""


@dataclass(frozen=True)
class Checks:
    """What is to be checked.

    Attributes:
        facts: what the user said.
        rules: ids of the rules that apply; None for all.
        hosts: for which verdicts are wanted, as far as a file is for them; none for all hosts of its flavour.
    """

    facts: UserFacts = field(default_factory=UserFacts)
    rules: frozenset[str] | None = None
    hosts: tuple[Host, ...] = ()

    def wants(self, rule: str) -> bool:
        """Tell whether findings of a rule are wanted; a crash is always told of."""
        return self.rules is None or rule in self.rules or rule == CRASH


@dataclass(frozen=True)
class CheckedFile:
    """A file that was checked.

    Attributes:
        key: what tells it from others.
        path: on disk, as it was named or found.
        file: what was found.
        summary: what is compared with other loaders; None for what has no device of its own.
    """

    key: FileKey
    path: Path
    file: LintedFile
    summary: DeviceSummary | None = None


@dataclass(frozen=True)
class CheckedUnit:
    """A file with everything that belongs to it.

    Attributes:
        files: itself first; empty where it cannot be read.
        problem: why it cannot be read.
    """

    files: tuple[CheckedFile, ...] = ()
    problem: UnreadFile | None = None


def check_unit(candidate: Candidate, checks: Checks, instead: Mapping[str, bytes] | None = None) -> CheckedUnit:
    """Check a file and those that it leads to.

    Args:
        candidate: the file.
        checks: what is to be checked.
        instead: bytes that count in place of a file's own, by its real path.
    """
    try:
        return _check_unit(candidate, checks, Opener(checks.facts, instead))
    except LoaderConvError as problem:
        return CheckedUnit(problem=unread_file(candidate.path, problem))
    except Exception as problem:  # noqa: BLE001 - a defect at one file must not cost the report on all others
        return CheckedUnit((_crashed(candidate.path, problem),))


def _check_unit(candidate: Candidate, checks: Checks, opener: Opener) -> CheckedUnit:
    merged: dict[FileKey, _Merged] = {}
    for subject in _with_companions(opener.open(candidate.path), opener):
        merged.setdefault(_key(subject.name), _Merged(subject)).apply(subject)
    return CheckedUnit(
        tuple(
            CheckedFile(key, path_from_here(each.first.name.path), each.linted(checks), each.summary())
            for key, each in merged.items()
        )
    )


def _crashed(path: Path, problem: Exception) -> CheckedFile:
    file = LintedFile(path=shown(path), kind="not checked", findings=(crash("Reading", problem),))
    return CheckedFile(_key(FileName(path)), path, file)


def _with_companions(named: Subject, opener: Opener) -> Iterator[Subject]:
    """Yield a subject, its parts, and whatever is opened while they are checked."""
    waiting, seen = deque([named]), {id(named)}
    known = 0
    while waiting:
        subject = waiting.popleft()
        yield subject
        new = (*subject.parts, *opener.companions[known:])
        known = len(opener.companions)
        for each in new:
            if id(each) not in seen:
                seen.add(id(each))
                waiting.append(each)


@dataclass
class _Merged:
    """A file under way; several subjects may be about one file."""

    first: Subject
    findings: list[Finding] = field(default_factory=list)
    skipped: list[SkippedRule] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def summary(self) -> DeviceSummary | None:
        """Return what is compared with other loaders, under the path that is shown."""
        found = summary_of(self.first)
        return found and replace(found, file=replace(found.file, path=path_from_here(found.file.path)))

    def linted(self, checks: Checks) -> LintedFile:
        """Return the file; its findings worst first. What hosts make of it takes rules that were not chosen, too."""
        name = self.first.name
        findings = [each for each in self.findings if checks.wants(each.rule)]
        if name.member is not None:  # nobody writes into a pack
            findings = [each.model_copy(update={"is_fixable": False}) for each in findings]
        hosts = self.first.hosts
        return LintedFile(
            path=shown(path_from_here(name.path)),
            member=None if name.member is None else shown(name.member),
            kind=self.first.kind,
            findings=tuple(sorted(findings, key=lambda each: each.severity.rank)),
            skipped=tuple(dict.fromkeys(each for each in self.skipped if checks.wants(each.rule))),
            verdicts=verdicts(self.findings, [each for each in checks.hosts or hosts if each in hosts]),
        )

    def apply(self, subject: Subject) -> None:
        """Apply the rules for a subject that is about this file."""
        outcome = apply_rules(subject, rules_for(subject), self.tally)
        self.findings += outcome.findings
        self.skipped += outcome.skipped


def verdicts(findings: Sequence[Finding], hosts: Iterable[Host]) -> tuple[HostVerdict, ...]:
    """Return what hosts make of all findings together."""
    found = []
    for host in hosts:
        effects = [
            (each.verdict, finding.rule) for finding in findings for each in finding.effects if each.host is host
        ]
        worst = max((verdict for verdict, _ in effects), key=lambda each: each.rank, default=Verdict.ACCEPTED)
        rules = sorted({rule for verdict, rule in effects if verdict is not Verdict.ACCEPTED})
        found.append(HostVerdict(host=host, verdict=worst, rules=tuple(rules)))
    return tuple(found)


def _key(name: FileName) -> FileKey:
    return os.path.realpath(name.path), name.member


def path_from_here(path: Path) -> Path:
    """Return a path relative to the current directory where it is in it; references lead to absolute ones."""
    if not path.is_absolute():
        return path
    here = Path(os.path.realpath(Path.cwd()))
    return path.relative_to(here) if path.is_relative_to(here) else path
