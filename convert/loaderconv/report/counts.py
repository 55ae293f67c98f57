"""How many of what, in words."""

from collections.abc import Iterable

from loaderconv_schemas.lint import Dismissed, LintReport
from loaderconv_schemas.severity import Severity


def counted(count: int, noun: str) -> str:
    """Return a number and its noun: 1 file, 2 files."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _findings_text(report: LintReport) -> str:
    """Return how many findings of each severity there are, and in how many files."""
    found = [(report.count(severity), severity.value) for severity in Severity]
    told = listed(counted(count, noun) for count, noun in found if count)
    return f"{told or 'No findings'} in {counted(len(report.files), 'file')}"


def outcome_text(report: LintReport) -> str:
    """Return the same with what became of the other files."""
    parts = [_findings_text(report)]
    parts += [f"{report.skipped:,} skipped, no loaders"] if report.skipped else []
    parts += [f"{len(report.unread):,} could not be read"] if report.unread else []
    return "; ".join(parts)


def dismissed_text(report: LintReport) -> str:
    """Return how many findings are not shown, and why; empty where all are."""
    all_dismissed = [file.dismissed for file in report.files]
    return not_shown_text(
        Dismissed(
            ignored=sum(each.ignored for each in all_dismissed),
            baseline=sum(each.baseline for each in all_dismissed),
            hidden=sum(each.hidden for each in all_dismissed),
        )
    )


def not_shown_text(dismissed: Dismissed) -> str:
    """Return how many findings are ignored, known, or less severe than `--show` wants them; empty where none are."""
    told = (
        (dismissed.ignored, "ignored"),
        (dismissed.baseline, "in the baseline"),
        (dismissed.hidden, "below --show"),
    )
    return listed(f"{count:,} {why}" for count, why in told if count)


def listed(texts: Iterable[str]) -> str:
    """Return texts with commas between them."""
    return ", ".join(texts)
