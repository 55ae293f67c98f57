"""`loaderconv prove`."""

from pathlib import Path
from typing import Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir, search_paths
from loaderconv.cli.simulation_options import (
    CpuOption,
    MachineOption,
    PassOption,
    RamOption,
    Start,
    StartOption,
    wish_of,
)
from loaderconv_schemas.errors import ExitCode


@with_exit_code
def prove(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", readable=False, help="The loader that was converted.")],
    converted: Annotated[Path, typer.Argument(metavar="CONVERTED", readable=False, help="What was made of it.")],
    machine: MachineOption = None,
    cpu: CpuOption = None,
    ram: RamOption = None,
    start: StartOption = Start.RESET,
    pass_number: PassOption = None,
    toolkit_dir: ToolkitDir = None,
    define: Defines = None,
    follow: Follow = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Show that a converted loader behaves as its source.

    Both run the same operations, each under its own host, on the same emulated machine. Compared are verdicts, what the
    memory holds in the end, and each access of the source's code to a device. Where nothing models the memory, a
    responder answers both alike. Ends with 0 where nothing differs, with 5 at a difference.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.report.proof import proof_report  # noqa: PLC0415
    from loaderconv.simulation.job import ProofJob, prove_files  # noqa: PLC0415

    search = search_paths((), toolkit_dir, define or [], follow=follow)
    proof = prove_files(ProofJob(source, converted, wish_of(machine, cpu, ram, start), search, pass_number))
    if format is ReportFormat.JSON:
        print_json(proof.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(proof_report(proof))
    if not proof.equal:
        raise typer.Exit(ExitCode.RUN_FAILED)
