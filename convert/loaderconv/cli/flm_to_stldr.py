"""`loaderconv flm-to-stldr`."""

from pathlib import Path
from typing import Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat


@with_exit_code
def flm_to_stldr(
    source: Annotated[
        Path, typer.Argument(metavar="IN", readable=False, help="Keil flash algorithm (.FLM). It is never changed.")
    ],
    output: Annotated[
        Path,
        typer.Argument(metavar="OUT", readable=False, help="STM32CubeProgrammer external loader (.stldr) to write."),
    ],
    ram: Annotated[
        str | None,
        typer.Option(
            metavar="BASE:SIZE",
            help="RAM for the loader: base in hexadecimal, size with K or M. Without it 0x20000000:32K.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="DeviceName. Without it the name of OUT, with which hosts compare it."),
    ] = None,
    no_read: Annotated[
        bool, typer.Option("--no-read", help="The device cannot be read at its address: leave Read and CheckSum out.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it exists.")] = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Convert a Keil .FLM into a .stldr for STM32CubeProgrammer.

    Prints the plan: where everything lies in RAM, what is lost, what the target must provide. The result is read back
    with two ELF readers before it is moved into place. A conversion that could not behave as its source is refused.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.cli.memory_argument import parse_ram  # noqa: PLC0415
    from loaderconv.conversion.job import convert_flm_to_stldr, preview_flm_to_stldr  # noqa: PLC0415
    from loaderconv.conversion.request import DEFAULT_RAM, StldrRequest  # noqa: PLC0415
    from loaderconv.report.conversion import conversion_report  # noqa: PLC0415
    from loaderconv_formats.file_names import shown  # noqa: PLC0415

    request = StldrRequest(
        file_name=shown(output.name),
        name=output.stem if name is None else name,
        ram=DEFAULT_RAM if ram is None else parse_ram(ram),
        ram_is_default=ram is None,
        with_read=not no_read,
    )
    if dry_run:
        report = preview_flm_to_stldr(source, output, request)
    else:
        report = convert_flm_to_stldr(source, output, request, replace=force)
    if format is ReportFormat.JSON:
        print_json(report.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(conversion_report(report))
