"""Prints what came of a command, and ends it with the code that says so."""

import typer

from loaderconv.cli.console import print_json, print_note, print_report
from loaderconv.cli.report_format import ReportFormat
from loaderconv.cli.run.arguments import RunArguments
from loaderconv.report.run import run_report
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.run_report import RunReport


def tell(report: RunReport, arguments: RunArguments) -> None:
    """Print a report.

    Raises:
        typer.Exit: something did not come to what it must (exit code 5).
    """
    for warning in report.warnings:
        print_note(warning)
    if arguments.format is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(run_report(report))
    if not report.passed:
        raise typer.Exit(ExitCode.RUN_FAILED)
