"""What a rule is shown: files that break it in one way, and files that do not break it.

The cases of all rules stand in `support/lint_cases`; `tests/lint/test_rules.py` runs them and compares them with the
rules' source.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.loader_sets import loader_sets, summary_of
from loaderconv.lint.opening import Opener
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import Outcome, apply_rules
from loaderconv.lint.subjects.loader_set import LoaderSet
from loaderconv.lint.subjects.simulated import SimulatedLoader
from loaderconv.lint.subjects.subject import Subject

Write = Callable[[Path], Path]
"""Writes files into an empty folder, and returns the one to be checked."""


@dataclass(frozen=True)
class Bad:
    """A file that breaks one rule in one way, and no other rule.

    Attributes:
        rule: id.
        code: of the finding.
        write: makes the file.
        says: words that the message must hold: the facts.
        facts: what the user says.
        also: ids of other rules that such a file cannot help breaking; each needs a reason beside it.
    """

    rule: str
    code: str
    write: Write
    says: Sequence[str]
    facts: UserFacts = field(default_factory=UserFacts)
    also: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.rule}-{self.code}"


@dataclass(frozen=True)
class Good:
    """A file to which a rule applies and in which it finds nothing.

    Attributes:
        rule: id.
        write: makes the file.
        facts: what the user says.
    """

    rule: str
    write: Write
    facts: UserFacts = field(default_factory=UserFacts)

    def __str__(self) -> str:
        return self.rule


def check(path: Path, facts: UserFacts) -> Outcome:
    """Apply all rules to a file alone, as `lint` does, without its companions' own findings.

    Parts that are about the same file count, such as the algorithms of a pack, and a loader as it runs. Of a folder,
    the loaders in it are compared with each other.
    """
    if path.is_dir():
        return _together(_compared(path, facts))
    subject = Opener(facts).open(path)
    parts = (each for each in subject.parts if each.name == subject.name or isinstance(each, SimulatedLoader))
    return _together((subject, *parts))


def _compared(folder: Path, facts: UserFacts) -> list[LoaderSet]:
    opened = (Opener(facts).open(path) for path in sorted(folder.rglob("*")) if path.is_file())
    return loader_sets(filter(None, map(summary_of, opened)))


def _together(subjects: Iterable[Subject]) -> Outcome:
    outcomes = [apply_rules(each, rules_for(each)) for each in subjects]
    return Outcome(
        tuple(finding for each in outcomes for finding in each.findings),
        tuple(skipped for each in outcomes for skipped in each.skipped),
    )


def writes(name: str, data: bytes) -> Write:
    """Return what writes one file."""

    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return write
