"""What `lint` found as Markdown, for the summary page of a job on GitHub Actions."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from loaderconv.report.counts import counted, dismissed_text, listed, outcome_text
from loaderconv.report.host_table import FEW_FILES, host_counts, verdict_legend
from loaderconv.report.places import place_text
from loaderconv.report.rule_counts import rule_counts
from loaderconv.report.skipped_rules import skipped_rules
from loaderconv_schemas.lint import LintedFile, LintReport
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

LIMIT_BYTES = 1_000_000
"""GitHub refuses the summary of a step above 1 MiB, and shows an error instead of it."""

_ROOM_BYTES = 200
"""For the sentence that tells how many rows do not fit."""

_REASONS_SHOWN = 10

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
"""Written as entities: a backslash does not help inside of a table's code, and `$` begins a formula."""


def step_summary(report: LintReport) -> str:
    """Return counts, a table of findings as long as GitHub takes it, and what hosts make of the files."""
    head = f"### loaderconv lint\n\n{_counts(report)}\n"
    head += "".join(f"\n{block}\n" for block in _rule_blocks(report.files))
    tail = "".join(f"\n{block}\n" for block in (*_host_blocks(report.files), *_skipped_blocks(report.files)))
    rows = _rows(report)
    if not rows:
        return head + tail
    table = "\n| | Rule | Place | Finding |\n|---|---|---|---|\n"
    left_bytes = LIMIT_BYTES - len((head + table + tail).encode()) - _ROOM_BYTES
    sizes = accumulate(len(row.encode()) + 1 for row in rows)
    shown = [row for row, size in zip(rows, sizes, strict=True) if size <= left_bytes]
    rest = len(rows) - len(shown)
    told = f"\n{counted(rest, 'more row')} would not fit here; the log has them all.\n" if rest else ""
    return head + table + "".join(f"{row}\n" for row in shown) + told + tail


def _counts(report: LintReport) -> str:
    hidden = dismissed_text(report)
    return f"{outcome_text(report)}." + (f" Not shown: {hidden}." if hidden else "")


def _rule_blocks(files: Sequence[LintedFile]) -> Iterator[str]:
    counts = rule_counts(files)
    if counts:
        rows = [
            _row(each.severity.value, each.rule, f"{each.finding_count:,}", f"{each.file_count:,}") for each in counts
        ]
        yield "\n".join(("| | Rule | Findings | Files |", "|---|---|---:|---:|", *rows))


def _rows(report: LintReport) -> list[str]:
    """Return the rows with errors first: the page shows the first ones, and has no room for the last of many."""
    return [row for _, row in sorted(_ranked_rows(report), key=lambda ranked: ranked[0].rank)]


def _ranked_rows(report: LintReport) -> Iterator[tuple[Severity, str]]:
    for unread in report.unread:
        told = f"{_text(unread.message)}<br>{_text(unread.hint)}"
        yield Severity.ERROR, _row("error", "", _code(unread.path), told)
    for file in report.files:
        for finding in file.findings:
            place = _text(place_text(finding.place))
            where = f"{_code(file.title)}<br>{place}" if place else _code(file.title)
            told = f"{_text(finding.message)}<br>**Fix:** {_text(finding.fix)}"
            yield finding.severity, _row(finding.severity.value, finding.rule, where, told)
    for entry in report.unused:
        told = f"Applies to nothing any more: {_text(entry.text)}."
        yield Severity.WARNING, _row("warning", "", _code(entry.source), told)


def _host_blocks(files: Sequence[LintedFile]) -> Iterator[str]:
    judged = [file for file in files if file.verdicts]
    if not judged:
        return
    if len(judged) <= FEW_FILES:
        rows = [
            _row(_code(file.title), each.host.value, each.verdict.value, listed(each.rules))
            for file in judged
            for each in file.verdicts
        ]
        yield "\n".join(("| File | Host | Verdict | Because of |", "|---|---|---|---|", *rows))
    else:
        rows = [
            _row(each.host.value, each.verdict.value, f"{each.file_count:,}", each.because)
            for each in host_counts(judged)
        ]
        yield "\n".join(("| Host | Verdict | Files | Because of |", "|---|---|---:|---|", *rows))
    yield f"{verdict_legend(judged)}."


def _skipped_blocks(files: Sequence[LintedFile]) -> Iterator[str]:
    skipped = skipped_rules(files)
    if not skipped:
        return
    lines = [f"- {listed(each.rules)}: {_text(each.reason)}" for each in skipped[:_REASONS_SHOWN]]
    rest = len(skipped) - len(lines)
    lines += [f"- {counted(rest, 'more reason')}"] if rest else []
    yield "\n".join(("Rules that could not be applied:\n", *lines))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Return text of which Markdown takes nothing for its own."""
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", printable(text))


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"
