"""How often which rules found something, where there is too much to be read file by file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from loaderconv.report.blocks import heading
from loaderconv.report.counts import counted
from loaderconv.report.finding_list import SEVERITY_STYLES
from loaderconv_schemas.lint import LintedFile
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

FEW_FINDINGS = 20
"""Up to so many findings are read one by one."""


@dataclass(frozen=True)
class RuleCount:
    """The findings of a rule that have one severity.

    Attributes:
        severity: of the findings.
        rule: id of the rule.
        finding_count: how many there are.
        file_count: in how many files.
    """

    severity: Severity
    rule: str
    finding_count: int
    file_count: int


def rule_counts(files: Sequence[LintedFile]) -> list[RuleCount]:
    """Return the counts, errors and what is frequent first; none where few findings, or those of one file, need any."""
    found = [{(each.severity, each.rule): None for each in file.findings} for file in files]
    findings = Counter((each.severity, each.rule) for file in files for each in file.findings)
    if findings.total() <= FEW_FINDINGS or sum(map(bool, found)) < 2:
        return []
    file_counts = Counter(key for keys in found for key in keys)
    counts = (RuleCount(*key, count, file_counts[key]) for key, count in findings.items())
    return sorted(counts, key=lambda each: (each.severity.rank, -each.finding_count, each.rule))


def rule_count_blocks(files: Sequence[LintedFile]) -> list[RenderableType]:
    """Return the counts as a table with its heading."""
    counts = rule_counts(files)
    if not counts:
        return []
    severity_width = max(len(each.severity.value) for each in counts)
    rule_width = max(len(printable(each.rule)) for each in counts)
    count_width = max(len(f"{each.finding_count:,}") for each in counts)
    lines = [
        Text.assemble(
            "  ",
            (each.severity.value.ljust(severity_width), f"bold {SEVERITY_STYLES[each.severity]}"),
            f"  {printable(each.rule).ljust(rule_width)}  {each.finding_count:>{count_width},} in ",
            counted(each.file_count, "file"),
        )
        for each in counts
    ]
    return [heading("Findings by rule"), *lines]
