"""What `lint` found as JUnit XML, for Jenkins, GitLab and others.

The standard library writes it: junitparser would be a dependency for 50 lines, is typed in parts only, and writes other
bytes where lxml happens to be installed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from xml.etree import ElementTree as ET

from loaderconv.report.file_names import shown_name
from loaderconv.report.places import place_text
from loaderconv_schemas.lint import CRASH, Finding, LintedFile, LintReport
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit_report(report: LintReport, *, fail_on: Severity, folder: PurePath) -> str:
    """Return a suite for each file, with a case for each rule that found something or could not be applied; ASCII only.

    Args:
        report: what was found.
        fail_on: findings at least as bad are failures, as they are for the exit code; others are output of a case that
            passed.
        folder: the current folder, absolute; files in it are named relative to it.
    """
    suites = [
        *(_suite(file.title, list(_cases(file, fail_on, shown_name(file.path, folder)))) for file in report.files),
        *(_suite(file.path, [_unread(file.path, file.message, file.hint, folder)]) for file in report.unread),
    ]
    root = ET.Element("testsuites", {"name": "loaderconv lint", **_statistics(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}\n'


def _suite(name: str, cases: Sequence[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite")
    suite.extend(cases)
    suite.attrib = {"name": printable(name), **_statistics([suite])}
    return suite


def _statistics(suites: Sequence[ET.Element]) -> dict[str, str]:
    counts = Counter(result.tag for suite in suites for case in suite for result in case)
    tests = sum(len(suite) for suite in suites)
    return {"tests": str(tests), **{key: str(counts[tag]) for key, tag in _COUNTED.items()}, "time": "0"}


def _cases(file: LintedFile, fail_on: Severity, name: str) -> Iterator[ET.Element]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in file.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, findings in by_rule.items():
        case = _case(file.title, rule, name)
        _add_findings(case, findings, fail_on)
        yield case
    for each in file.skipped:
        case = _case(file.title, each.rule, name)
        _add(case, "skipped", {"message": each.reason})
        yield case
    if not by_rule:
        yield _case(file.title, "lint", name)


def _add_findings(case: ET.Element, findings: Sequence[Finding], fail_on: Severity) -> None:
    """Add what a rule found as one result: tools read no more of a case."""
    worst = min(findings, key=lambda finding: finding.severity.rank)
    attributes = {"type": worst.severity.value, "message": worst.message}
    text = "\n".join(map(_told, findings))
    if worst.rule == CRASH:
        _add(case, "error", attributes, text)
    elif worst.severity.rank <= fail_on.rank:
        _add(case, "failure", attributes, text)
    else:
        _add(case, "system-out", {}, text)


def _told(finding: Finding) -> str:
    place = place_text(finding.place)
    where = f" [{place}]" if place else ""
    return f"{finding.severity.value}: {finding.message}{where} Fix: {finding.fix}"


def _unread(path: str, message: str, hint: str, folder: PurePath) -> ET.Element:
    case = _case(path, "lint", shown_name(path, folder))
    _add(case, "error", {"type": "unread", "message": message}, f"{message} {hint}")
    return case


def _case(suite: str, name: str, file: str) -> ET.Element:
    attributes = {"classname": suite, "name": name, "file": file, "time": "0"}
    return ET.Element("testcase", {key: printable(text) for key, text in attributes.items()})


def _add(case: ET.Element, tag: str, attributes: Mapping[str, str], text: str = "") -> None:
    """Add a result; characters that XML forbids are written as escapes, as are all that nobody can print."""
    result = ET.SubElement(case, tag, {key: printable(value) for key, value in attributes.items()})
    if text:
        result.text = "\n".join(map(printable, text.split("\n")))
