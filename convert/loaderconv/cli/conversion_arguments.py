"""The arguments of the six conversions, each declared once, with the conversions that take it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from typing import Annotated, get_type_hints

import typer

from loaderconv.cli.chip_option import ChipOption, PackOption
from loaderconv.cli.report_format import FormatOption, ReportFormat
from loaderconv.cli.search_options import Defines, Follow, ToolkitDir


class Verification(StrEnum):
    """How far an output is verified."""

    STRUCTURE = "structure"
    SIMULATION = "simulation"
    PROVE = "prove"


@dataclass(frozen=True)
class Only:
    """Marks an argument that not all conversions take.

    Attributes:
        sources: names of the flavours of input that have it.
        targets: likewise of output. One of both is enough.
    """

    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def fits(self, source: str, target: str) -> bool:
        """Tell whether a conversion takes the argument."""
        return source in self.sources or target in self.targets


@dataclass(frozen=True)
class ConversionArguments:
    """What the user wrote behind the name of a conversion; what a conversion does not take stays as it is here."""

    source: Annotated[
        Path | None,
        typer.Argument(metavar="IN", readable=False, show_default=False, help="Loader to read. It is never changed."),
    ] = None
    output: Annotated[str | None, typer.Argument(metavar="OUT", show_default=False, help="File to write.")] = None
    ram: Annotated[
        str | None,
        typer.Option(
            metavar="BASE:SIZE",
            help="RAM for the loader: base in hexadecimal, size with K or M. Without it and --chip 0x20000000:32K.",
        ),
    ] = None
    chip: ChipOption = None
    pack: PackOption = None
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Device name. Without it that of OUT in a .stldr, that of IN in an .FLM."),
        Only(targets=("stldr", "FLM")),
    ] = None
    no_read: Annotated[
        bool, typer.Option("--no-read", help="The device cannot be read at its address: leave out what would read it.")
    ] = False
    relocate: Annotated[
        str | None,
        typer.Option(metavar="BASE", help="Move the code to another address first, where the linker kept relocations."),
        Only(sources=("stldr", "IAR")),
    ] = None
    geometry: Annotated[
        str | None,
        typer.Option(metavar="COUNTxSIZE,...", help='Sectors that count instead of those in IN, such as "4x4K,3x16K".'),
    ] = None
    page: Annotated[str | None, typer.Option(metavar="BYTES", help="Page that counts instead of the one in IN.")] = None
    program_timeout: Annotated[
        int | None,
        typer.Option(metavar="MS", min=1, max=0xFFFF_FFFF, help="Longest time to program a page."),
        Only(targets=("FLM",)),
    ] = None
    erase_timeout: Annotated[
        int | None,
        typer.Option(metavar="MS", min=1, max=0xFFFF_FFFF, help="Longest time to erase a sector."),
        Only(targets=("FLM",)),
    ] = None
    init_once: Annotated[
        bool,
        typer.Option("--init-once", help="FlashInit cannot be called a second time: do without."),
        Only(sources=("IAR",)),
    ] = False
    pass_number: Annotated[
        int | None,
        typer.Option("--pass", metavar="N", min=1, help="The pass of a .board that is meant, from 1."),
        Only(sources=("IAR",)),
    ] = None
    toolkit_dir: Annotated[ToolkitDir, Only(sources=("IAR",), targets=("IAR",))] = None
    define: Annotated[Defines, Only(sources=("IAR",))] = None
    follow: Annotated[Follow, Only(sources=("IAR",))] = False
    verify: Annotated[
        Verification,
        typer.Option(
            help=(
                "Read the result back (structure), run it in the emulator as well with a stand-in for the source "
                "(simulation), or run both there and compare (prove)."
            )
        ),
    ] = Verification.STRUCTURE
    machine: Annotated[
        str | None,
        typer.Option(
            "--machine", metavar="NAME", help="The devices for --verify prove; without it they follow from the loader."
        ),
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing.")] = False
    force: Annotated[bool, typer.Option("--force", help="Replace outputs that exist.")] = False
    format: FormatOption = ReportFormat.TEXT


def parameters_of(source: str, target: str) -> Iterator[Parameter]:
    """Yield the arguments that a conversion takes, as parameters of the function that typer will call."""
    hints = get_type_hints(ConversionArguments, include_extras=True)
    for field in fields(ConversionArguments):
        hint = hints[field.name]
        limits = [each for each in hint.__metadata__ if isinstance(each, Only)]
        if all(each.fits(source, target) for each in limits):
            yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hint)
