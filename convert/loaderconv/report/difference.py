"""A comparison as text."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loaderconv.report.blocks import bullets, heading, plain
from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.difference import ComparedFile, Difference, DiffReport, Unit


def diff_report(report: DiffReport) -> RenderableType:
    """Return the facts in which two files differ, side by side, or that there are none."""
    titles = [_title("first", report.left), _title("second", report.right)]
    unread = bullets("Not compared", report.not_compared, "yellow")
    if not report.differences:
        return Group(*titles, heading(_sameness(report), "" if unread else "green"), *unread)
    count = len(report.differences)
    blocks = [heading(f"{count} difference{'' if count == 1 else 's'}"), _table(report.differences)]
    if report.identical:
        blocks.append(Text("\nThe files are equal byte for byte: what differs is in the files that they refer to."))
    return Group(*titles, *blocks, *unread)


def _title(side: str, file: ComparedFile) -> Text:
    return Text(f"{side:<6}  {file.path}: {file.kind}", "bold", overflow="fold")


def _sameness(report: DiffReport) -> str:
    if report.not_compared:
        return "What could be compared is the same."
    if report.identical:
        return "The files are equal byte for byte."
    return "The loaders mean the same; the files differ in layout, debug information or comments."


def _table(differences: tuple[Difference, ...]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    table.add_row("", Text("first", "dim"), Text("second", "dim"))
    for difference in differences:
        left, right = (_value(value, difference.unit) for value in (difference.left, difference.right))
        table.add_row(Text(difference.aspect), plain(left, "red"), plain(right, "green"))
    return Padding(table, (0, 0, 0, 2), expand=False)


def _value(value: int | str | None, unit: Unit | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    match unit:
        case Unit.BYTES:
            return size_text(value)
        case Unit.ADDRESS:
            return address_text(value)
        case Unit.MILLISECONDS:
            return f"{value:,} ms"
        case None:
            return f"{value:,}"
