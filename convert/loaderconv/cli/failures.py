"""Turns whatever ends a command early into a message and an exit code."""

import traceback
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec

import typer

from loaderconv.cli.console import print_failure, print_note
from loaderconv_schemas.errors import ExitCode, LoaderConvError

debug_wanted: ContextVar[bool] = ContextVar("debug_wanted", default=False)
"""`--debug`: show the traceback of every failure."""

Parameters = ParamSpec("Parameters")


def with_exit_code(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Wrap a command so that no failure leaves as a traceback, unless `--debug` asks for one."""

    @wraps(command)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except LoaderConvError as problem:
            raise _end(problem.exit_code, problem.message, problem.hint, _notes(problem)) from None
        except KeyboardInterrupt as interrupt:
            notes = _notes(interrupt)
            hint = "Nothing was left half written." if not notes else "The board was reset; see the notes below."
            raise _end(ExitCode.INTERRUPTED, "Interrupted.", hint, notes) from None
        except BrokenPipeError:
            raise typer.Exit(ExitCode.OK) from None
        except Exception as problem:  # noqa: BLE001 - the last stop before the user
            raise _end(
                ExitCode.INTERNAL,
                f"Internal error: {type(problem).__name__}: {problem}.",
                "This is a defect of loaderconv. Run again with --debug before the command and report what it prints.",
            ) from None

    return guarded


def _notes(problem: BaseException) -> Sequence[str]:
    """Return what was added to a failure on its way: registers of a board, what may be incomplete."""
    return getattr(problem, "__notes__", ())


def _end(code: ExitCode, message: str, hint: str, notes: Sequence[str] = ()) -> typer.Exit:
    if debug_wanted.get():
        traceback.print_exc()
    print_failure(message, hint)
    for note in notes:
        print_note(note)
    return typer.Exit(code)
