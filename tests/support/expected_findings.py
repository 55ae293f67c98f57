"""What every case of a broken rule must be told, with severity and hosts: `lint/expected_findings.txt`.

A line a finding, as its case produces it: rule, code, severity, `fixable` where --fix can put it right, and what each
host makes of it. A change there is a change for users: read it, then write the file anew with

    python tests/support/expected_findings.py
"""

import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from loaderconv.lint.runner import Outcome
from support.lint_cases import BAD
from support.rule_cases import check

EXPECTED = Path(__file__).parents[1] / "lint" / "expected_findings.txt"


def lines_of(rule: str, outcome: Outcome) -> set[str]:
    """Return the lines for the findings of a rule."""
    found = set()
    for each in outcome.findings:
        if each.rule == rule:
            hosts = [f"{effect.host}={effect.verdict.name.lower()}" for effect in each.effects]
            fixable = ["fixable"] if each.is_fixable else []
            found.add(" ".join([each.rule, each.code, each.severity, *fixable, *sorted(hosts)]))
    return found


def expected_lines() -> list[str]:
    """Return the lines of the file."""
    return EXPECTED.read_text("utf-8").splitlines()


def _write() -> None:
    lines: set[str] = set()
    for case in BAD:
        with tempfile.TemporaryDirectory() as folder:
            lines |= lines_of(case.rule, check(case.write(Path(folder)), case.facts))
    EXPECTED.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


if __name__ == "__main__":
    _write()
