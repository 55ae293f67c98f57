"""What `lint` found, as text."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from loaderconv.report.blocks import bullets, heading, items, plain, unbroken
from loaderconv.report.counts import counted, dismissed_text, listed, not_shown_text, outcome_text
from loaderconv.report.finding_list import SEVERITY_STYLES, FindingList
from loaderconv.report.host_table import host_blocks
from loaderconv.report.rule_counts import rule_count_blocks
from loaderconv.report.skipped_rules import skipped_rules
from loaderconv_schemas.lint import FixedFile, LintedFile, LintReport
from loaderconv_schemas.severity import Severity


def lint_report(report: LintReport) -> RenderableType:
    """Return what was repaired, a block or, without findings, a line for each file, and what is to be said of all."""
    return Group(
        *_repairs(report.fixed),
        *_files(report.files),
        *rule_count_blocks(report.files),
        *bullets("Rules that could not be applied", list(_skipped(report.files))),
        *bullets(
            "Entries that apply to nothing any more",
            [f"{entry.source}: {entry.text}" for entry in report.unused],
            "yellow",
        ),
        *host_blocks(report.files),
        _total(report),
    )


def _files(files: Sequence[LintedFile]) -> Iterator[RenderableType]:
    """Give the files; an empty line stands between two, unless both are clean."""
    for number, file in enumerate(files):
        if number and (file.findings or files[number - 1].findings):
            yield Text()
        yield _title(file)
        if file.findings:
            yield FindingList(file.findings)


def _title(file: LintedFile) -> Text:
    found = "" if file.findings else "no findings"
    hidden = not_shown_text(file.dismissed)
    text = "; ".join(filter(None, (f"{file.title}: {file.kind}", found, hidden)))
    return unbroken(text, "bold" if file.findings else "")


def _repairs(files: Sequence[FixedFile]) -> Iterator[RenderableType]:
    """Give what was repaired and what could not be, with an empty line below; findings that are left come after it."""
    repaired = [each for each in files if each.output is not None]
    failed = [each for each in files if each.output is None]
    if repaired:
        yield plain("Repaired", "bold green")
        for each in repaired:
            where = ", in place" if each.output == each.path else f" -> {each.output}"
            yield _repair_title(each, where)
            yield items([f"{change.message} [{change.code}]" for change in each.changes], "green", indent=4)
        yield Text()
    if failed:
        yield plain("Not repaired", "bold yellow")
        for each in failed:
            yield _repair_title(each, "")
            yield items([" ".join(filter(None, (each.problem, each.hint)))], "yellow", indent=4)
        yield Text()


def _repair_title(file: FixedFile, where: str) -> Text:
    return unbroken("".join((f"  {file.path}{where}", *([f": {listed(file.rules)}"] if file.rules else ()))))


def _skipped(files: Sequence[LintedFile]) -> Iterator[str]:
    for each in skipped_rules(files):
        where = "" if len(files) == 1 else f" ({counted(each.file_count, 'file')})"
        yield f"{listed(each.rules)}: {each.reason}{where}"


def _total(report: LintReport) -> RenderableType:
    """Return the last lines: how many findings in how many files, and what became of the rest."""
    total = heading(outcome_text(report), _style_of(report))
    hidden = dismissed_text(report)
    lines = [plain(f"Not shown: {hidden}.")] if hidden else []
    fixable = sum(finding.is_fixable for file in report.files for finding in file.findings)
    if fixable and not report.fixed:
        lines.append(plain(f"lint --fix can put {fixable:,} of them right."))
    return Group(total, *lines)


def _style_of(report: LintReport) -> str:
    if report.unread:
        return "red"
    worst = next((severity for severity in Severity if report.count(severity)), None)
    return "green" if worst is None else SEVERITY_STYLES[worst]
