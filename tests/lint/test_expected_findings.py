"""Severity and hosts of every finding are the committed ones: `expected_findings.txt` beside this file.

A line a finding, as its case produces it: rule, code, severity, `fixable` where --fix can put it right, and what each
host makes of it. A change here is a change for users: read it, then write the file anew with

    python tests/lint/test_expected_findings.py
"""

import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.lint_cases import BAD
from support.rule_cases import Bad, check

EXPECTED = Path(__file__).with_name("expected_findings.txt")


def lines_of(case: Bad) -> set[str]:
    """Return the lines for the findings of the rule that a case breaks."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = check(case.write(Path(folder)), case.facts)
    found = set()
    for each in outcome.findings:
        if each.rule == case.rule:
            hosts = [f"{effect.host}={effect.verdict.name.lower()}" for effect in each.effects]
            fixable = ["fixable"] if each.is_fixable else []
            found.add(" ".join([each.rule, each.code, each.severity, *fixable, *sorted(hosts)]))
    return found


def all_lines() -> list[str]:
    return sorted({line for case in BAD for line in lines_of(case)})


def test_findings_are_the_committed_ones() -> None:
    assert all_lines() == EXPECTED.read_text("utf-8").splitlines()


if __name__ == "__main__":
    EXPECTED.write_text("".join(f"{line}\n" for line in all_lines()), "utf-8")
