"""The findings of a file as text: severity and rule in columns, and beside them what is to be read.

A table of rich does the same, at five times the cost: it measures every cell before it draws the first.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from loaderconv.report.blocks import plain
from loaderconv.report.places import place_text
from loaderconv_schemas.lint import Finding
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

SEVERITY_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}

_NARROWEST = 8
"""Columns for the text, where a terminal has hardly any."""


class FindingList:
    """Prints findings; a narrow terminal breaks what is to be read, and loses nothing."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = findings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        severity_width = max(len(each.severity.value) for each in self._findings)
        rule_width = max(len(printable(each.rule)) for each in self._findings)
        indent = 2 + severity_width + 2 + rule_width + 2
        width = max(options.max_width - indent, _NARROWEST)
        for finding in self._findings:
            start = Text.assemble(
                "  ",
                (finding.severity.value.ljust(severity_width), f"bold {SEVERITY_STYLES[finding.severity]}"),
                f"  {printable(finding.rule).ljust(rule_width)}  ",
            )
            for text in _texts(finding):
                for line in text.wrap(console, width, overflow="fold"):
                    line.rstrip()
                    yield start + line
                    start = Text(" " * indent)


def _texts(finding: Finding) -> Iterator[Text]:
    yield plain(finding.message)
    place = place_text(finding.place)
    if place:
        yield plain(place, "dim")
    yield plain(f"fix: {finding.fix}")
