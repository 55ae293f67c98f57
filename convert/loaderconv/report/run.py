"""What a loader did on a target, as text."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loaderconv_schemas.run_report import RunOperation, RunPlace, RunReport


def run_report(report: RunReport) -> RenderableType:
    """Return one row for each operation, then what the memory holds."""
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "left", "right", "right"):
        table.add_column(justify=justify, overflow="fold")
    for each in report.operations:
        verdict = Text("ok", "green") if each.passed else Text("FAILED", "bold red")
        table.add_row(verdict, Text(each.operation), Text(each.observed), _duration(each), _speed(each))
    heading = Text(f"{report.loader} under {report.host} on {report.target}", "bold")
    device = Text(f"{report.device}, {report.device_range}", "dim")
    parts: list[RenderableType] = [heading, device, table]
    if report.place is not None:
        parts.append(_place(report.place))
    parts.append(_summary(report))
    return Group(*parts)


def _duration(operation: RunOperation) -> Text:
    return Text(f"{operation.duration_ms / 1000:.2f} s", "dim")


def _speed(operation: RunOperation) -> Text:
    if not operation.size_bytes or operation.duration_ms <= 0:
        return Text("")
    return Text(f"{operation.size_bytes / 1.024 / operation.duration_ms:,.0f} KiB/s", "dim")


def _place(place: RunPlace) -> Text:
    moved = f", moved by 0x{place.moved_by % (1 << 32):08x}" if place.moved_by else ""
    return Text(f"RAM {place.ram}: stack {place.stack}, buffer {place.buffer}{moved}")


def _summary(report: RunReport) -> Text:
    lines = []
    if report.mismatch is not None:
        lines.append(f"first difference at 0x{report.mismatch.address:08x}, {report.mismatch.count_bytes} bytes differ")
        lines.append(f"  expected {report.mismatch.expected}")
        lines.append(f"  found    {report.mismatch.found}")
    if report.verified_by is not None and report.passed:
        lines.append(f"verified: {report.verified_by}")
    lines.append("done" if report.passed else "FAILED")
    return Text("\n".join(lines), "" if report.passed else "red")
