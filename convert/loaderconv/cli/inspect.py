"""`loaderconv inspect`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaderconv.cli.console import print_failure, print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir, search_paths

if TYPE_CHECKING:
    from loaderconv.cli.file_list import FileList
    from loaderconv_formats.references.search import SearchPaths
    from loaderconv_schemas.inspection import InspectReport


@with_exit_code
def inspect(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", readable=False, help="Loaders, .flash and .board files, folders, or patterns (*.FLM)."
        ),
    ],
    toolkit_dir: ToolkitDir = None,
    define: Defines = None,
    follow: Follow = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Show what loaders are, and what is odd about them.

    Prints device, sectors, entry points and a memory map. Files are known by their content, not their suffix. In
    folders, which are searched with all folders below, files that are no loaders are passed over, and files that belong
    to a .flash or .board there are shown with it.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.cli.file_list import file_list  # noqa: PLC0415
    from loaderconv.report.inspection import inspect_report  # noqa: PLC0415

    listed = file_list(files)
    report = _inspect(listed, search_paths(listed.folders, toolkit_dir, define or [], follow=follow))
    if format is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        if report.files:
            print_report(inspect_report(report))
        for each in report.unread:
            print_failure(each.message, each.hint)
    if report.unread:
        raise typer.Exit(max(each.exit_code for each in report.unread))


def _inspect(listed: "FileList", search: "SearchPaths") -> "InspectReport":
    """Return the report.

    Raises:
        UnreadableInput: no loader in all that was named, and nothing that should have been one.
    """
    from loaderconv.cli.progress import progress  # noqa: PLC0415
    from loaderconv.inspection.job import inspect_files  # noqa: PLC0415

    candidates = listed.candidates
    with progress(len(candidates)) as seen:
        report = inspect_files(candidates, search, seen=seen)
    unread = listed.unsearched + report.unread
    if not report.files and not unread:
        raise listed.no_loader
    return report.model_copy(update={"unread": unread})
