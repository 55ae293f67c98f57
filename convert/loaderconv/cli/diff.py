"""`loaderconv diff`."""

from pathlib import Path
from typing import Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir, search_paths
from loaderconv_schemas.errors import ExitCode


@with_exit_code
def diff(
    left: Annotated[Path, typer.Argument(metavar="A", readable=False, help="A loader, or a .flash or .board file.")],
    right: Annotated[Path, typer.Argument(metavar="B", readable=False, help="Another, of whatever flavour.")],
    toolkit_dir: ToolkitDir = None,
    define: Defines = None,
    follow: Follow = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Compare two loaders on what they mean.

    Compared are device, sectors, timeouts, entry points, code, sizes and placement; loaders of different flavours on
    what both have a place for. Ends with 0 where they mean the same, with 1 where they differ, and with 3 where
    nothing differs but a file that belongs to them could not be read.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.inspection.difference import compare_files  # noqa: PLC0415
    from loaderconv.report.difference import diff_report  # noqa: PLC0415

    report = compare_files(left, right, search_paths((), toolkit_dir, define or [], follow=follow))
    if format is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(diff_report(report))
    if report.differences:
        raise typer.Exit(ExitCode.FINDINGS)
    if report.not_compared:
        raise typer.Exit(ExitCode.UNREADABLE)
