"""Applies rules to a subject. A rule that crashes becomes a finding; it takes nothing else with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from loaderconv.lint.rule import AnyRule, Problem
from loaderconv.lint.subjects.subject import Subject
from loaderconv_schemas.lint import CRASH, Finding, Place, PlaceKind, SkippedRule
from loaderconv_schemas.lint_hosts import HostEffect
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import one_line

MOST_FINDINGS = 500
"""That a rule may have in one file: more tell nobody anything, and a file of 16 MB has room for a million."""


@dataclass(frozen=True)
class Outcome:
    """What rules found in a subject.

    Attributes:
        findings: in the order of the rules.
        skipped: rules that could not be applied, or not to the end.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[SkippedRule, ...]


@dataclass
class Tally:
    """What was found in one file so far, whatever subjects it has.

    Attributes:
        of_rules: how many findings each rule had.
        of_places: how often a rule found the same at a place of the same name.
    """

    of_rules: Counter[str] = field(default_factory=Counter)
    of_places: Counter[tuple[str, ...]] = field(default_factory=Counter)


def apply_rules(subject: Subject, rules: Iterable[AnyRule], tally: Tally | None = None) -> Outcome:
    """Apply those of the rules that look at such a subject.

    Args:
        subject: what to look at.
        rules: the rules, in the order in which their findings are wanted.
        tally: of the same file so far; it is counted on.
    """
    findings: list[Finding] = []
    skipped: list[SkippedRule] = []
    tally = tally or Tally()
    for rule in rules:
        if not isinstance(subject, rule.subject):
            continue
        try:
            reason = next(filter(None, map(subject.lacks, rule.needs)), None)
            if reason is not None:
                skipped.append(SkippedRule(rule=rule.id, reason=one_line(reason)))
                continue
            problems = rule.check(subject)
            room = MOST_FINDINGS - tally.of_rules[rule.id]
            found = [_finding(rule, problem, tally) for problem in islice(problems, room)]
            tally.of_rules[rule.id] += len(found)
            if next(problems, None) is not None:
                skipped.append(SkippedRule(rule=rule.id, reason=f"It tells the first {MOST_FINDINGS} findings only."))
        except Exception as problem:  # noqa: BLE001 - whatever a rule does wrong, the others still count
            found = [crash(f"The rule {rule.id}", problem)]
        findings += found
    return Outcome(tuple(findings), tuple(skipped))


def _finding(rule: AnyRule, problem: Problem, tally: Tally) -> Finding:
    hosts = rule.hosts if problem.hosts is None else problem.hosts
    return Finding(
        rule=rule.id,
        code=problem.code,
        severity=problem.severity or rule.severity,
        message=one_line(problem.message),
        fix=one_line(problem.fix),
        place=problem.place,
        effects=tuple(HostEffect(host=host, verdict=verdict) for host, verdict in hosts.items()),
        is_fixable=problem.is_fixable,
        fingerprint=_fingerprint(rule, problem, tally),
    )


def _fingerprint(rule: AnyRule, problem: Problem, tally: Tally) -> str:
    """Return what stays the same in the next build: nothing of it is an address, an offset or a line."""
    key = (rule.id, problem.code, problem.place.kind, problem.place.name)
    tally.of_places[key] += 1
    return sha256("\0".join([*key, str(tally.of_places[key])]).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def crash(what: str, problem: Exception) -> Finding:
    """Return a defect of loaderconv itself as a finding; `what` failed."""
    text = one_line(" ".join(str(problem).split()))
    return Finding(
        rule=CRASH,
        code="crash",
        severity=Severity.ERROR,
        message=f"{what} failed: {type(problem).__name__}: {text}.",
        fix="This is a defect of loaderconv, not of the file: report it, with the file if you may.",
        place=Place(kind=PlaceKind.FILE),
        fingerprint=sha256(f"{CRASH} {what}".encode("utf-8", "backslashreplace")).hexdigest()[:16],
    )
