"""What happened in a run, as text."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loaderconv_schemas.timeline import Timeline


def timeline_report(timeline: Timeline) -> RenderableType:
    """Return one row for each operation, and what the device model saw."""
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "left", "right"):
        table.add_column(justify=justify, overflow="fold")
    table.add_row("", Text("host asks for", "dim"), Text("loader answers", "dim"), Text("instructions", "dim"))
    for entry in timeline.entries:
        verdict = Text("ok", "green") if entry.passed else Text("FAILED", "bold red")
        instructions = "" if entry.instructions is None else f"{entry.instructions:,}"
        table.add_row(verdict, Text(entry.operation), Text(entry.observed), Text(instructions))
    heading = Text(f"{timeline.loader} under {timeline.host} on {timeline.machine}", "bold")
    return Group(heading, table, _summary(timeline))


def _summary(timeline: Timeline) -> Text:
    lines = []
    if timeline.stack_bytes is not None:
        lines.append(f"deepest stack: {timeline.stack_bytes} bytes")
    lines.append(f"violations counted by the device model: {len(timeline.violations)}")
    lines += [f"  {violation}" for violation in timeline.violations]
    lines.append("passed" if timeline.passed else "FAILED")
    return Text("\n".join(lines), "" if timeline.passed else "red")
