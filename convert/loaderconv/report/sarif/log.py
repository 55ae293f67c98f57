"""A report of `lint` as a SARIF log."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePath

from loaderconv.report.places import place_text
from loaderconv.report.sarif.limits import count_limits
from loaderconv.report.sarif.notifications import DESCRIPTORS, invocation_of
from loaderconv.report.sarif.objects import Log, Result, Run
from loaderconv.report.sarif.places import location_of
from loaderconv.report.sarif.rules import LEVELS, descriptor_of
from loaderconv_schemas.lint import CRASH, Finding, LintedFile, LintReport
from loaderconv_schemas.rule_page import RulePage

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LINK = re.compile(r"\[(?=[^\]]*\]\()")
"""The start of what SARIF takes for a link in a text."""


def sarif_log(
    report: LintReport,
    pages: Sequence[RulePage],
    *,
    tool_version: str,
    folder: PurePath,
) -> str:
    """Return the log as JSON, ASCII only.

    It has no automationDetails: without them GitHub's upload action takes its own category, so that the logs of
    two jobs do not replace each other.

    Args:
        report: what was found.
        pages: of all rules; those that found something are in the log.
        tool_version: of loaderconv.
        folder: the current folder, absolute; URIs of files in it are relative to it.

    Raises:
        KeyError: there is no page of a rule that found something.
    """
    found = {finding.rule for file in report.files for finding in file.findings} - {CRASH}
    described = {page.id: page for page in pages}
    rules = [described[rule] for rule in sorted(found)]
    indices = {page.id: number for number, page in enumerate(rules)}
    run: Run = {
        "tool": {
            "driver": {
                "name": "loaderconv",
                "version": tool_version,
                "rules": [descriptor_of(page) for page in rules],
                "notifications": DESCRIPTORS,
            }
        },
        "invocations": [invocation_of(report, folder, count_limits(report))],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(report, indices, folder)),
    }
    log: Log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2)


def _results(report: LintReport, indices: Mapping[str, int], folder: PurePath) -> Iterator[Result]:
    """Give the results in the order of the report."""
    seen: Counter[tuple[str, str]] = Counter()
    for file in report.files:
        for finding in file.findings:
            if finding.rule == CRASH:
                continue
            fingerprint = _fingerprint(file, finding)
            seen[file.path, fingerprint] += 1
            yield {
                "ruleId": finding.rule,
                "ruleIndex": indices[finding.rule],
                "level": LEVELS[finding.severity],
                "message": {"text": _LINK.sub(r"\\[", _text(file, finding))},
                "locations": [location_of(file, finding.place, folder)],
                "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[file.path, fingerprint]}"},
                "properties": {
                    "code": finding.code,
                    "fix": finding.fix,
                    "isFixable": finding.is_fixable,
                    "hosts": {effect.host.value: effect.verdict.value for effect in finding.effects},
                },
            }


def _text(file: LintedFile, finding: Finding) -> str:
    """Return what is wrong, what to do, and where: most viewers show neither bytes nor names of places."""
    place = ", ".join(filter(None, (file.member, place_text(finding.place))))
    return " ".join((finding.message, finding.fix, *([f"Place: {place}."] if place else ())))


def _fingerprint(file: LintedFile, finding: Finding) -> str:
    """Return a fingerprint that is unique in the file on disk, of which a pack has many members."""
    if file.member is None:
        return finding.fingerprint
    return sha256(f"{file.member}\0{finding.fingerprint}".encode()).hexdigest()[:16]
