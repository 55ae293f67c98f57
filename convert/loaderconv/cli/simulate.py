"""`loaderconv simulate`."""

from enum import StrEnum
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
from loaderconv_schemas.errors import ExitCode, UsageProblem

LIST_MACHINES = "list"
"""Value of `--machine` that asks for the names."""


class ScenarioChoice(StrEnum):
    """How much is tried."""

    QUICK = "quick"
    FULL = "full"


@with_exit_code
def simulate(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", readable=False, help="A loader, or a .flash or .board file.")
    ] = None,
    scenario: Annotated[
        ScenarioChoice,
        typer.Option(help="quick: initialise, erase a sector, program a page, verify. full: that and what goes wrong."),
    ] = ScenarioChoice.QUICK,
    machine: MachineOption = None,
    cpu: CpuOption = None,
    ram: RamOption = None,
    start: StartOption = Start.RESET,
    strict_mmio: Annotated[
        bool, typer.Option("--strict-mmio", help="Fail where the value of a register had to be guessed.")
    ] = False,
    trace: Annotated[
        Path | None,
        typer.Option("--trace", metavar="OUT", help="Write every call, access and command there, as JSON lines."),
    ] = None,
    pass_number: PassOption = None,
    toolkit_dir: ToolkitDir = None,
    define: Defines = None,
    follow: Follow = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Run a loader without a board.

    The emulated machine has a model of the memory and its controller; the loader is driven as its own host would drive
    it. Ends with 0 where every operation came to what it must, with 5 where one did not. A loader that passes here may
    still fail on silicon: models know no clocks, voltages or pins beyond what the loader reads back.
    """
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.report.timeline import timeline_report  # noqa: PLC0415
    from loaderconv.simulation.job import SimulationJob, simulate_file  # noqa: PLC0415
    from loaderconv.simulation.scenarios import ScenarioName  # noqa: PLC0415
    from loaderconv_formats.output_file import check_destination, write_complete  # noqa: PLC0415

    if machine == LIST_MACHINES:
        _print_machines()
        return
    if file is None:
        raise UsageProblem("No loader is named.", hint="Name a file; loaderconv simulate --help shows how.")
    if trace is not None:
        check_destination(file, trace, replace=True)
    job = SimulationJob(
        file,
        ScenarioName(scenario),
        wish_of(machine, cpu, ram, start),
        search_paths((), toolkit_dir, define or [], follow=follow),
        pass_number,
        strict_mmio,
        trace is not None,
    )
    timeline, lines = simulate_file(job)
    if trace is not None:
        write_complete(trace, "".join(f"{line}\n" for line in lines).encode())
    if format is ReportFormat.JSON:
        print_json(timeline.model_dump_json(indent=2, ensure_ascii=True))
    else:
        print_report(timeline_report(timeline))
    if not timeline.passed:
        raise typer.Exit(ExitCode.RUN_FAILED)


def _print_machines() -> None:
    from loaderconv.emulator.machines.registry import MACHINES  # noqa: PLC0415
    from loaderconv.report.machines import machine_list  # noqa: PLC0415

    print_report(machine_list((kind.name, kind.summary, tuple(sorted(kind.starts))) for kind in MACHINES))
