"""Lints files, and judges what must hold of every report, whatever the files are."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from jsonschema import Draft4Validator

from loaderconv.cli.console import plain_text
from loaderconv.lint.facts import UserFacts
from loaderconv.lint.job import check_files
from loaderconv.lint.page import page_of
from loaderconv.lint.registry import all_rules
from loaderconv.lint.together import compared
from loaderconv.lint.unit import Checks, check_unit
from loaderconv.report.github import github_commands
from loaderconv.report.junit import junit_report
from loaderconv.report.lint import lint_report
from loaderconv.report.sarif.log import sarif_log
from loaderconv.report.step_summary import step_summary
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_schemas.lint import CRASH, Finding, LintReport
from loaderconv_schemas.rule_page import RulePage
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import MAX_LINE_LENGTH

_FOLDER = PurePosixPath("/home/me")
_SCHEMA = Path(__file__).parents[1] / "report" / "sarif-schema-2.1.0.json"


def linted(path: Path, facts: UserFacts | None = None, instead: Mapping[str, bytes] | None = None) -> LintReport:
    """Check a file with everything to which it leads.

    Args:
        path: the file.
        facts: what the user says.
        instead: bytes that count in place of a file's own, by its real path.
    """
    unit = check_unit(Candidate(path, Origin.NAMED), Checks(facts or UserFacts()), instead)
    return LintReport(
        files=tuple(each.file for each in unit.files), unread=() if unit.problem is None else (unit.problem,)
    )


def linted_folder(folder: Path, facts: UserFacts | None = None) -> LintReport:
    """Check everything in a folder, as `lint` does: loaders of one device are compared with each other."""
    checks = Checks(facts or UserFacts())
    candidates = [Candidate(path, Origin.FOUND) for path in sorted(folder.rglob("*")) if path.is_file()]
    checked = check_files(candidates, checks)
    files = compared(checked.files, checks)
    return LintReport(files=tuple(each.file for each in files), unread=checked.unread, skipped=checked.skipped)


def assert_sound(report: LintReport) -> None:
    """Check that no rule crashed, and that nothing in the report can harm a terminal or a reader of any format."""
    assert_sound_findings(report)
    assert _is_printable(plain_text(lint_report(report)))
    assert _is_printable(step_summary(report))
    _check_github(github_commands(report, _FOLDER))
    ET.fromstring(junit_report(report, fail_on=Severity.ERROR, folder=_FOLDER))  # noqa: S314 - our own text
    _sarif_schema().validate(json.loads(sarif_log(report, _pages(), tool_version="1", folder=_FOLDER)))


def assert_sound_findings(report: LintReport) -> None:
    """Check the findings themselves, and JSON; the other formats take much longer."""
    for finding in findings_of(report):
        assert finding.rule != CRASH, finding.message
        for text in (finding.message, finding.fix, finding.place.name):
            assert text.isprintable(), ascii(text)
            assert len(text) <= MAX_LINE_LENGTH, text[:200]
        assert finding.message.endswith("."), finding.message
    assert LintReport.model_validate_json(report.model_dump_json()) == report


def findings_of(report: LintReport) -> Iterator[Finding]:
    """Yield the findings of all files."""
    return (finding for file in report.files for finding in file.findings)


def _is_printable(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def _check_github(text: str) -> None:
    *commands, last, rest = text.split("\n")
    assert not rest
    assert not last.startswith("::")
    assert all(line.startswith("::") and line.isprintable() for line in commands)


@cache
def _pages() -> tuple[RulePage, ...]:
    return tuple(map(page_of, all_rules()))


@cache
def _sarif_schema() -> Draft4Validator:
    return Draft4Validator(json.loads(_SCHEMA.read_text("utf-8")))
