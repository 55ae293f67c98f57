"""The two streams of a terminal. Data never passes through markup: paths and section names hold brackets."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.text import Text

from loaderconv_schemas.errors import OutputNotWritten
from loaderconv_schemas.text import printable

_PLAIN_WIDTH = 120

_REPORT_ONLY = "Only the report is incomplete; a file that the command was to write is complete."


class _ResultConsole(Console):
    """A console that leaves it to its caller what a reader who went away means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _PlainConsole(Console):
    """A console for files and pipes; it draws with the characters that standard output has."""

    @property
    def encoding(self) -> str:
        return (sys.stdout.encoding or "utf-8").lower()


def print_report(report: RenderableType) -> None:
    """Print a result; what the terminal's encoding lacks comes out as an escape, not as an error.

    Raises:
        BrokenPipeError: nobody reads it.
        OutputNotWritten: standard output does not take it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    console = _ResultConsole(markup=False, highlight=False, emoji=False)
    with _complete_output():
        if console.is_terminal:
            console.print(report)
        else:
            sys.stdout.write(_plain(report))


def _plain(report: RenderableType) -> str:
    """Return text for files and pipes: wide unless COLUMNS says otherwise, without blanks at the ends of lines."""
    stream = io.StringIO()
    width = None if "COLUMNS" in os.environ else _PLAIN_WIDTH
    _PlainConsole(file=stream, width=width, color_system=None, markup=False, highlight=False, emoji=False).print(report)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def print_json(text: str) -> None:
    """Print a JSON document, ASCII only, and nothing else. Raises as `print_report`."""
    with _complete_output():
        sys.stdout.write(text + "\n")


def print_failure(message: str, hint: str) -> None:
    """Print an error as one sentence, and the next step below it; neither is cut at the terminal's width."""
    console = _error_console()
    console.print(Text.assemble(("error: ", "bold red"), printable(message)), soft_wrap=True)
    console.print(Text.assemble(("hint: ", "bold"), printable(hint)), soft_wrap=True)


def _error_console() -> Console:
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


@contextmanager
def _complete_output() -> Iterator[None]:
    """Flush what was printed, so that a full disk or a closed pipe shows here and not when the interpreter ends."""
    if sys.stdout is None:  # closed by the caller: the interpreter starts without it
        raise OutputNotWritten("The report could not be written: standard output is closed.", hint=_REPORT_ONLY)
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        raise
    except OSError as problem:
        _discard_output()
        raise OutputNotWritten(
            f"The report could not be written: {problem.strerror or problem}.",
            hint=_REPORT_ONLY,
        ) from problem


def _discard_output() -> None:
    """Let the rest go nowhere; the interpreter would try again at its end and complain."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
