"""Prints reports as a terminal or a file would get them."""

import io

from rich.console import Console, RenderableType


class _Encoded(Console):
    """A console whose output will be written in some encoding."""

    def __init__(self, stream: io.StringIO, encoding: str, width: int, *, colour: bool) -> None:
        super().__init__(file=stream, width=width, force_terminal=colour, color_system="standard" if colour else None)
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding


def rendered(report: RenderableType, *, width: int = 80, colour: bool = False, encoding: str = "utf-8") -> str:
    """Return a report as text, without blanks at the ends of lines."""
    stream = io.StringIO()
    _Encoded(stream, encoding, width, colour=colour).print(report, markup=False, highlight=False, crop=False)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def without_blanks(text: str) -> str:
    """Return what is left when lines that a narrow terminal broke are joined."""
    return "".join(text.split())
