"""`loaderconv rewrite`."""

from pathlib import Path
from typing import Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat


@with_exit_code
def rewrite(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", readable=False, help="Loader of any flavour, or the .elf that an IDE linked. Never changed."
        ),
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT", readable=False, help="File to write, of the same flavour.")],
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name in the descriptor. Without it a .stldr gets the name of OUT."),
    ] = None,
    strip_debug: Annotated[
        bool, typer.Option("--strip-debug", help="Leave debug information and names of source files out.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the changes and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it exists.")] = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Write a loader anew in its own flavour, and put right what hosts are known to refuse.

    Use it as the last build step of a .stldr instead of cp: rewrite LOADER.elf NAME.stldr sets DeviceName, and checks
    StorageInfo and routines. Nothing is lost that you did not ask to lose; the result is read back with two ELF readers
    before it is moved into place.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.report.rewriting import rewrite_report  # noqa: PLC0415
    from loaderconv.rewriting.job import preview_rewrite, rewrite_file  # noqa: PLC0415
    from loaderconv.rewriting.request import RewriteRequest  # noqa: PLC0415

    request = RewriteRequest(output.stem, output.suffix, name=name, without_debug_info=strip_debug)
    if dry_run:
        report = preview_rewrite(source, output, request)
    else:
        report = rewrite_file(source, output, request, replace=force)
    if format is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(rewrite_report(report))
