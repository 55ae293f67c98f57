"""The building blocks of reports. Texts are `Text`, never markup: paths and section names hold brackets.

Strings of XML files may hold control characters that a terminal would obey; they come out as escapes.
"""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loaderconv_schemas.text import printable

_INDENT = (0, 0, 0, 2)


def plain(text: str, style: str = "") -> Text:
    """Return text of one or more lines of which a terminal obeys nothing."""
    return Text("\n".join(map(printable, text.split("\n"))), style, overflow="fold")


def unbroken(text: str, style: str = "") -> Text:
    """Return one line that no width breaks or cuts, so that the paths in it can be copied and searched."""
    return Text(printable(text), style, no_wrap=True, overflow="ignore")


def heading(text: str, style: str = "") -> Text:
    """Return a line that starts a block, with an empty line before it."""
    return plain(f"\n{text}", f"bold {style}".strip())


def section(title: str, rows: Sequence[tuple[str, str]]) -> RenderableType:
    """Return a headed table of names and values; a narrow terminal breaks values, and loses nothing."""
    return Group(heading(title), grid(rows))


def grid(rows: Sequence[tuple[str, ...]]) -> RenderableType:
    """Return a table, indented; only its last column is ever broken."""
    table = Table.grid(padding=(0, 2))
    columns = max(map(len, rows), default=0)
    for number in range(columns):
        table.add_column(no_wrap=number < columns - 1, overflow="fold")
    for row in rows:
        table.add_row(*map(plain, row))
    return Padding(table, _INDENT, expand=False)


def bullets(title: str, sentences: Sequence[str], style: str = "") -> list[RenderableType]:
    """Return a headed list, nothing where there is nothing to list."""
    return [heading(title, style), items(sentences, style)] if sentences else []


def items(sentences: Sequence[str], style: str = "", *, indent: int = 2) -> RenderableType:
    """Return a list."""
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(overflow="fold")
    for sentence in sentences:
        table.add_row(Text("-", style), plain(sentence))
    return Padding(table, (0, 0, 0, indent), expand=False)
