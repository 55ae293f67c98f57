"""`loaderconv run` and its commands."""

import typer

from loaderconv.cli.run.arguments import IMAGE, LOADER_FILES, TARGET, RunArguments, command

run_app = typer.Typer(
    help="Drive a loader on a board, through any probe that pyOCD knows; or on an emulated board: "
    "--probe emulated:cortex-m4.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _list(arguments: RunArguments) -> None:
    """List the probes that are connected."""
    from loaderconv.cli.run.list_probes import list_connected  # noqa: PLC0415 - `loaderconv --help` need not wait

    list_connected(arguments)


def _info(arguments: RunArguments) -> None:
    """Connect, download the loader, initialise it, and show where everything lies. Nothing is erased."""
    from loaderconv.cli.run.info import info  # noqa: PLC0415

    info(arguments)


def _erase(arguments: RunArguments) -> None:
    """Erase the sectors that overlap --range, or with --all the whole memory."""
    from loaderconv.cli.run.erase import erase  # noqa: PLC0415

    erase(arguments)


def _program(arguments: RunArguments) -> None:
    """Program a firmware file, and verify it.

    Only the sectors that the file touches are erased. With --keep, what else they hold is read first and programmed
    again. Ends with 0 where the memory holds the file, with 5 where it does not.
    """
    from loaderconv.cli.run.program import program  # noqa: PLC0415

    program(arguments)


def _verify(arguments: RunArguments) -> None:
    """Compare the memory with a firmware file. Nothing is changed."""
    from loaderconv.cli.run.verify import verify  # noqa: PLC0415

    verify(arguments)


def _read(arguments: RunArguments) -> None:
    """Read the memory, or --range of it, into a binary file."""
    from loaderconv.cli.run.read import read  # noqa: PLC0415

    read(arguments)


def _selftest(arguments: RunArguments) -> None:
    """Test the loader on the board, in the last two sectors of the memory or of --range; they lose what they hold.

    Erase, blank check, program at an odd place, read back, look at the neighbours, verify right and wrong bytes, erase
    again; twice. With --all the whole memory is erased, too.
    """
    from loaderconv.cli.run.selftest import selftest  # noqa: PLC0415

    selftest(arguments)


def _script(arguments: RunArguments) -> None:
    """Write a user script for pyOCD, with which pyocd load, erase and gdbserver use the loader."""
    from loaderconv.cli.run.script import script  # noqa: PLC0415

    script(arguments)


_AT_WORK = (*LOADER_FILES, *TARGET, "format")

run_app.command("list")(command(_list, ("format",), required=()))
run_app.command("info")(command(_info, _AT_WORK))
run_app.command("erase")(command(_erase, (*_AT_WORK, "everything", "yes")))
run_app.command("program")(
    command(_program, (*_AT_WORK, *IMAGE, "keep", "verify", "yes"), required=("loader", "image"))
)
run_app.command("verify")(command(_verify, (*_AT_WORK, *IMAGE, "verify"), required=("loader", "image")))
run_app.command("read")(command(_read, (*_AT_WORK, "output", "force"), required=("loader", "output")))
run_app.command("selftest")(command(_selftest, (*_AT_WORK, "everything", "yes")))
run_app.command("script")(
    command(_script, (*LOADER_FILES, "output", "force", "ram", "chip", "pack"), required=("loader", "output"))
)
