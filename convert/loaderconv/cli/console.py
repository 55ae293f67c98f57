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
    """A console for files and pipes; it draws with the characters that their encoding has, and without colours."""

    def __init__(self, encoding: str, width: int | None) -> None:
        super().__init__(
            file=io.StringIO(),
            width=width,
            color_system=None,
            force_terminal=False,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._encoding = encoding.lower()

    @property
    def encoding(self) -> str:
        return self._encoding


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
            console.print(report, crop=False)
        else:
            width = None if "COLUMNS" in os.environ else _PLAIN_WIDTH
            sys.stdout.write(plain_text(report, encoding=sys.stdout.encoding or "utf-8", width=width))


def plain_text(report: RenderableType, *, encoding: str = "utf-8", width: int | None = _PLAIN_WIDTH) -> str:
    """Return text for files and pipes: without colours, and without blanks at the ends of lines.

    Args:
        report: what to print.
        encoding: in which the text will be written.
        width: of lines; None for what COLUMNS says.
    """
    console = _PlainConsole(encoding, width)
    with console.capture() as captured:
        console.print(report, crop=False)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def print_json(text: str) -> None:
    """Print a JSON document, ASCII only, and nothing else. Raises as `print_report`."""
    with _complete_output():
        sys.stdout.write(text + "\n")


def print_utf8(text: str) -> None:
    """Print text for a program that reads UTF-8, whatever the terminal's encoding. Raises as `print_report`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    with _complete_output():
        sys.stdout.write(text)


def print_failure(message: str, hint: str) -> None:
    """Print an error as one sentence, and the next step below it; neither is cut at the terminal's width."""
    _print_message("error: ", "bold red", message, hint)


def print_warning(message: str, hint: str) -> None:
    """Print likewise what does not keep the command from ending well."""
    _print_message("warning: ", "bold yellow", message, hint)


def print_note(message: str) -> None:
    """Print what a command did besides its report."""
    _error_console().print(Text.assemble(("note: ", "bold"), printable(message)), soft_wrap=True)


def _print_message(kind: str, style: str, message: str, hint: str) -> None:
    console = _error_console()
    console.print(Text.assemble((kind, style), printable(message)), soft_wrap=True)
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
