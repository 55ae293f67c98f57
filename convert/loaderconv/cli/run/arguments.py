"""The arguments of all `run` commands, each declared once, and the functions that typer calls with some of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, get_type_hints

import typer

from loaderconv.cli.chip_option import ChipOption, PackOption
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir
from loaderconv.cli.simulation_options import MachineOption, PassOption
from loaderconv.probe.request import Connect


class VerifyChoice(StrEnum):
    """Who compares the memory with the file."""

    AUTO = "auto"
    READ = "read"
    LOADER = "loader"
    NONE = "none"


@dataclass(frozen=True)
class RunArguments:
    """What the user wrote behind the name of a command; what a command does not take stays as it is here."""

    loader: Annotated[
        Path, typer.Argument(metavar="LOADER", readable=False, help="A .stldr, .FLM, or IAR .out, .flash or .board.")
    ] = Path()
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", readable=False, help="Firmware: a .bin, .hex or .elf file.")
    ] = Path()
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where the first byte of a .bin belongs, in hexadecimal.")
    ] = None
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep what touched sectors hold outside of IMAGE: read it first.")
    ] = False
    verify: Annotated[
        VerifyChoice,
        typer.Option(help="auto: read back, or else by the loader's Verify; read, loader: only so; none: not at all."),
    ] = VerifyChoice.AUTO
    everything: Annotated[
        bool, typer.Option("--all", help="The whole memory, by the loader's chip erase where it has one.")
    ] = False
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", readable=False, help="File to write.")
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False
    range: Annotated[
        str | None,
        typer.Option(metavar="BASE:SIZE", help="Touch nothing of the memory outside of this range."),
    ] = None
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before memory is erased.")] = False
    probe: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The probe, by its unique id or a part of it (run list shows them); emulated:cortex-m7 for a board in "
            "the emulator, emulated:cortex-m7:FILE for one whose memory is kept in FILE.",
        ),
    ] = None
    target: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The chip as pyOCD calls it; without it what the probe says of its board, else any Cortex-M, which "
            "needs --ram or --chip.",
        ),
    ] = None
    ram: Annotated[
        str | None,
        typer.Option(metavar="BASE:SIZE", help="RAM for the loader and its host, such as 0x20000000:32K."),
    ] = None
    chip: ChipOption = None
    pack: PackOption = None
    frequency: Annotated[
        str | None, typer.Option(metavar="HZ", help="Clock of the wire, such as 4M or 500k; 1 MHz without it.")
    ] = None
    connect: Annotated[
        Connect,
        typer.Option(help="halt: stop the core, then reset it. under-reset: with the reset pin held meanwhile."),
    ] = Connect.HALT
    no_simulate: Annotated[bool, typer.Option("--no-simulate", help="Do not try the loader in the emulator first.")] = (
        False
    )
    despite_simulation: Annotated[
        bool, typer.Option("--despite-simulation", help="Go on where the loader tramples memory in the emulator.")
    ] = False
    machine: MachineOption = None
    pass_number: PassOption = None
    toolkit_dir: ToolkitDir = None
    define: Defines = None
    follow: Follow = False
    format: FormatOption = ReportFormat.TEXT


LOADER_FILES = ("loader", "pass_number", "toolkit_dir", "define", "follow")
TARGET = (
    "range",
    "probe",
    "target",
    "ram",
    "chip",
    "pack",
    "frequency",
    "connect",
    "no_simulate",
    "despite_simulation",
    "machine",
)
IMAGE = ("image", "address")


def command(
    run: Callable[[RunArguments], None], names: Iterable[str], *, required: Iterable[str] = ("loader",)
) -> Callable[..., None]:
    """Return what typer calls: a function with the arguments that a command takes.

    Args:
        run: the command.
        names: of its arguments.
        required: those without which it cannot be called.
    """
    parameters = list(_parameters(set(names), set(required)))

    def function(**given: object) -> None:
        arguments = RunArguments(**given)  # type: ignore[arg-type]
        if arguments.chip is not None:
            from loaderconv.cli.chip_list import printed_chips  # noqa: PLC0415 - `loaderconv --help` need not wait

            if printed_chips(arguments.chip, arguments.pack or []):
                return
        run(arguments)

    function.__doc__ = run.__doc__
    function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_exit_code(function)


def _parameters(names: set[str], required: set[str]) -> Iterable[Parameter]:
    hints = get_type_hints(RunArguments, include_extras=True)
    for field in fields(RunArguments):
        if field.name in names:
            default = Parameter.empty if field.name in required else field.default
            yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name])
