"""The options of `loaderconv lint`; those of its settings file take the place of the keys of their names."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from loaderconv_schemas.host import Host
from loaderconv_schemas.severity import Severity


class LintFormat(StrEnum):
    """How findings are reported."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        readable=False,
        show_default=False,
        help="Loaders, .flash, .board, .pdsc and .pack files, folders, or patterns (*.FLM). Without one: this folder.",
    ),
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Apply only rules whose id begins so: FLM, STL02; several with commas."),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Do not apply rules whose id begins so; several with commas."),
]
FailOnOption = Annotated[
    Severity | None,
    typer.Option(help="End with 1 from this severity on. Default: error."),
]
ShowOption = Annotated[
    Severity | None,
    typer.Option(help="Report findings from this severity on. Default: note."),
]
ForOption = Annotated[
    list[str] | None,
    typer.Option("--for", metavar="HOST", help=f"Say what these hosts make of the files: {', '.join(Host)}."),
]
RamOption = Annotated[
    str | None,
    typer.Option(metavar="BASE:SIZE", help="RAM of the chip, such as 0x20000000:64K."),
]
SimulateOption = Annotated[
    bool, typer.Option("--simulate", help="Run each loader in the emulator, and apply the rules on what it does.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Settings file to use."),
]
NoConfigOption = Annotated[bool, typer.Option("--no-config", help="Use no settings file.")]
BaselineOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Findings that are known and do not count."),
]
WriteBaselineOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Write all findings there, as known."),
]
FormatOption = Annotated[LintFormat, typer.Option(help="How to report on standard output.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", readable=False, help="Report to this file instead."),
]
ReportOption = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FORMAT:FILE", help="Report to a file, too; repeat."),
]
SkipOthersOption = Annotated[
    bool, typer.Option("--skip-others", help="Pass over named files that are no loaders, as in folders.")
]
FixOption = Annotated[bool, typer.Option("--fix", help="Put right what needs no compiler, and check again.")]
InPlaceOption = Annotated[bool, typer.Option("--in-place", help="Replace the files themselves.")]
OutputDirOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", readable=False, help="Write repaired files there."),
]
