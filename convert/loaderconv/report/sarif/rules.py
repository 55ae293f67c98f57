"""Rules in the terms of SARIF."""

from loaderconv.report.rule_text import rule_markdown, rule_text
from loaderconv.report.sarif.objects import Level, ReportingDescriptor
from loaderconv_schemas.rule_page import RulePage
from loaderconv_schemas.severity import Severity

LEVELS: dict[Severity, Level] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

DESCRIPTION_LIMIT = 1024
"""Characters of a description that GitHub takes."""

_PROBLEM_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
"""GitHub's words, by which it sorts and filters."""


def descriptor_of(page: RulePage) -> ReportingDescriptor:
    """Return a rule; its tags are the hosts that mind, of which there are fewer than the 10 that GitHub keeps.

    Titles state what holds in a good file. Above an alert, that would read as if it were so.
    """
    title = f"Must hold: {page.title}"
    return {
        "id": page.id,
        "name": title,
        "shortDescription": {"text": _clipped(f"{title}.")},
        "fullDescription": {"text": _clipped(page.what)},
        "help": {"text": rule_text(page), "markdown": rule_markdown(page)},
        "defaultConfiguration": {"level": LEVELS[page.severity]},
        "properties": {
            "tags": ["flash-loader", *sorted({effect.host.value for effect in page.effects})],
            "precision": "high",
            "problem.severity": _PROBLEM_SEVERITIES[page.severity],
        },
    }


def _clipped(text: str) -> str:
    return text if len(text) <= DESCRIPTION_LIMIT else f"{text[: DESCRIPTION_LIMIT - 4].rstrip()} ..."
