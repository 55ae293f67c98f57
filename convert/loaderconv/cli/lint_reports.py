"""Brings a report of `lint` to standard output and into files, in whatever formats are wanted."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaderconv import __version__
from loaderconv.cli.console import plain_text, print_failure, print_report, print_utf8, print_warning
from loaderconv.cli.lint_options import LintFormat
from loaderconv.cli.report_file import write_report
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import OutputNotWritten, UsageProblem
from loaderconv_schemas.lint import LintReport
from loaderconv_schemas.severity import Severity

_SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file to which GitHub Actions wants what it shows on the page of a run."""


@dataclass(frozen=True)
class Destination:
    """A report that is wanted.

    Attributes:
        format: in which form.
        path: file; None for standard output.
    """

    format: LintFormat
    path: Path | None


def destinations(format: LintFormat, output: Path | None, more: Sequence[str]) -> tuple[Destination, ...]:  # noqa: A002
    """Return the reports that `--format`, `--output` and `--report` ask for.

    Raises:
        UsageProblem: a `--report` that is not FORMAT:FILE, a folder that does not exist, or one file for two reports.
    """
    found = [Destination(format, output), *map(_parsed, more)]
    for each in found:
        if each.path is not None and not os.path.isdir(each.path.parent):  # noqa: PTH112 - Path's may raise
            raise UsageProblem(
                f"There is no folder {shown(each.path.parent)}.", hint="Create it, or name another file."
            )
    places = [os.path.realpath(each.path) for each in found if each.path is not None]
    twice = next((each for each in found if each.path and places.count(os.path.realpath(each.path)) > 1), None)
    if twice is not None and twice.path is not None:
        raise UsageProblem(f"Two reports would become {shown(twice.path)}.", hint="Give each a file of its own.")
    return tuple(found)


def check_not_inputs(wanted: Sequence[Destination], inputs: Iterable[Path]) -> None:
    """Raise UsageProblem where a report would replace a file that is to be checked, or that the run uses or writes.

    Args:
        wanted: the reports.
        inputs: those files.
    """
    places = {os.path.realpath(each.path): each.path for each in wanted if each.path is not None}
    for path in inputs if places else ():
        if os.path.realpath(path) in places:
            raise UsageProblem(
                f"The report would replace {shown(path)}, which this run uses or writes itself.",
                hint="Name another file.",
            )


def _parsed(text: str) -> Destination:
    name, _, path = text.partition(":")
    if name not in set(LintFormat) or not path:
        raise UsageProblem(
            f"--report {text!a} is not FORMAT:FILE.",
            hint=f"For instance sarif:loaderconv.sarif; the formats are {', '.join(LintFormat)}.",
        )
    return Destination(LintFormat(name), Path(path))


def print_lint_reports(report: LintReport, wanted: Sequence[Destination], *, fail_on: Severity) -> None:
    """Print and write the reports; files first, so that they are there even if nobody reads standard output.

    Raises:
        OutputNotWritten: one of them could not be written.
    """
    for each in wanted:
        if each.path is not None:
            write_report(each.path, _text(report, each.format, fail_on))
    for each in wanted:
        if each.path is None:
            _print(report, each.format, fail_on)
    if any(each.format is LintFormat.GITHUB for each in wanted):
        _append_summary(report)
    _print_failures(report, next((each.format for each in wanted if each.path is None), None))


def _print_failures(report: LintReport, on_terminal: LintFormat | None) -> None:
    """Tell on standard error what could not be done, unless the report on standard output tells it."""
    if on_terminal in {None, LintFormat.TEXT}:
        for unread in report.unread:
            print_failure(unread.message, unread.hint)
    if on_terminal is not LintFormat.TEXT:
        for file in report.fixed:
            if file.problem is not None and file.hint is not None:
                print_failure(f"{file.path} was not repaired: {file.problem}", file.hint)


def _print(report: LintReport, format: LintFormat, fail_on: Severity) -> None:  # noqa: A002
    if format is LintFormat.TEXT:
        from loaderconv.report.lint import lint_report  # noqa: PLC0415 - each format loads its own

        print_report(lint_report(report))
    else:
        print_utf8(_text(report, format, fail_on))


def _text(report: LintReport, format: LintFormat, fail_on: Severity) -> str:  # noqa: A002
    """Return a report as the text of a file."""
    here = Path.cwd()
    match format:
        case LintFormat.TEXT:
            from loaderconv.report.lint import lint_report  # noqa: PLC0415 - each format loads its own

            return plain_text(lint_report(report))
        case LintFormat.JSON:
            return report.model_dump_json(indent=2, ensure_ascii=True) + "\n"
        case LintFormat.SARIF:
            from loaderconv.lint.page import page_of  # noqa: PLC0415
            from loaderconv.lint.registry import all_rules  # noqa: PLC0415
            from loaderconv.report.sarif.limits import upload_limits  # noqa: PLC0415
            from loaderconv.report.sarif.log import sarif_log  # noqa: PLC0415

            pages = [page_of(rule) for rule in all_rules()]
            log = sarif_log(report, pages, tool_version=__version__, folder=here) + "\n"
            for told in upload_limits(report, log):
                print_warning(told, "The log is complete; to upload it, lint fewer files at once or ignore some rules.")
            return log
        case LintFormat.GITHUB:
            from loaderconv.report.github import github_commands  # noqa: PLC0415

            return github_commands(report, here)
        case LintFormat.JUNIT:
            from loaderconv.report.junit import junit_report  # noqa: PLC0415

            return junit_report(report, fail_on=fail_on, folder=here)


def _append_summary(report: LintReport) -> None:
    """Append to the summary of the running step; earlier steps wrote to it, too."""
    from loaderconv.report.step_summary import step_summary  # noqa: PLC0415

    name = os.environ.get(_SUMMARY_VARIABLE)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(step_summary(report))
    except OSError as problem:
        raise OutputNotWritten(
            f"The summary {shown(name)} could not be written: {problem.strerror}.",
            hint=f"Check the variable {_SUMMARY_VARIABLE}; the other reports are complete.",
        ) from problem
