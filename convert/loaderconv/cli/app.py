"""The commands, and what they share: version, exit codes, debugging."""

from typing import Annotated

import typer

from loaderconv import __version__
from loaderconv.cli.conversion_commands import add_conversions
from loaderconv.cli.diff import diff
from loaderconv.cli.failures import debug_wanted
from loaderconv.cli.inspect import inspect
from loaderconv.cli.lint import lint
from loaderconv.cli.prove import prove
from loaderconv.cli.rewrite import rewrite
from loaderconv.cli.rule import rule
from loaderconv.cli.run.app import run_app
from loaderconv.cli.schema import schema
from loaderconv.cli.simulate import simulate

EXIT_CODES = (
    "Exit codes: 0 fine; 1 findings; 2 usage or configuration; 3 input unreadable or not a loader; "
    "4 conversion refused; 5 emulator or hardware run failed; 6 output could not be written; "
    "70 internal error; 130 interrupted."
)

app = typer.Typer(
    name="loaderconv",
    help=(
        "Read, check, compare and convert flash loaders of Keil (.FLM), STM32CubeProgrammer (.stldr) and IAR (.out, "
        ".flash, .board). Start with: loaderconv inspect FILE."
    ),
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"loaderconv {__version__}")
        raise typer.Exit


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", help="Show the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Set what all commands share."""
    debug_wanted.set(debug)


app.command("inspect")(inspect)
app.command("lint")(lint)
app.command("diff")(diff)
add_conversions(app)
app.command("rewrite")(rewrite)
app.command("simulate")(simulate)
app.command("prove")(prove)
app.add_typer(run_app, name="run")
app.command("rule")(rule)
app.command("schema")(schema)
