"""What code scanning on GitHub does not take."""

import gzip

from loaderconv_schemas.lint import CRASH, LintReport

RESULTS_KEPT = 5_000
RESULTS_TAKEN = 25_000
SIZE_LIMIT_BYTES = 10_000_000
"""Compressed."""


def result_count(report: LintReport) -> int:
    """Return how many results a log will have; failures of loaderconv itself are none."""
    return sum(finding.rule != CRASH for file in report.files for finding in file.findings)


def count_limits(report: LintReport) -> tuple[str, ...]:
    """Return a sentence where GitHub would refuse so many results, or drop some."""
    count = result_count(report)
    if count > RESULTS_TAKEN:
        return (f"GitHub refuses a log of {count:,} results: it takes {RESULTS_TAKEN:,}.",)
    if count > RESULTS_KEPT:
        return (f"GitHub shows {RESULTS_KEPT:,} of these {count:,} results, the worst first.",)
    return ()


def upload_limits(report: LintReport, log_text: str) -> tuple[str, ...]:
    """Return the same for a finished log, whose size counts as well; the command tells it to its user."""
    data = log_text.encode()
    size_bytes = len(gzip.compress(data, mtime=0)) if len(data) > SIZE_LIMIT_BYTES else 0
    if size_bytes <= SIZE_LIMIT_BYTES:
        return count_limits(report)
    told = f"GitHub refuses a log of {size_bytes:,} bytes, compressed: it takes {SIZE_LIMIT_BYTES:,}."
    return (*count_limits(report), told)
