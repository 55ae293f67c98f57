"""What happened in a run, as text."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loaderconv_schemas.timeline import Footprint, Timeline, TimelineEntry

MAX_COMMANDS = 6
"""Of more, the first ones are shown, and how many there are."""


def timeline_report(timeline: Timeline) -> RenderableType:
    """Return one row for each operation with what the memory was told, then RAM, guesses and violations."""
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "left", "right"):
        table.add_column(justify=justify, overflow="fold")
    table.add_row("", Text("host asks for", "dim"), Text("loader answers", "dim"), Text("instructions", "dim"))
    for entry in timeline.entries:
        table.add_row(*_row(entry))
        if not entry.passed:
            table.add_row("", Text(f"  expected: {entry.expected}", "red"), "", "")
        for command in _commands(entry):
            table.add_row("", Text(f"  {command}", "dim"), "", "")
    heading = Text(f"{timeline.loader} under {timeline.host} on {timeline.machine}", "bold")
    how = Text(f"scenario {timeline.scenario}, start {timeline.start}", "dim")
    return Group(heading, how, table, Padding(_summary(timeline), (0, 0)))


def _row(entry: TimelineEntry) -> tuple[Text, Text, Text, Text]:
    verdict = Text("ok", "green") if entry.passed else Text("FAILED", "bold red")
    instructions = "" if entry.instructions is None else f"{entry.instructions:,}"
    return verdict, Text(entry.operation), Text(entry.observed), Text(instructions)


def _commands(entry: TimelineEntry) -> list[str]:
    shown = list(entry.commands[:MAX_COMMANDS])
    more = len(entry.commands) - len(shown)
    return [*shown, f"and {more} more"] if more else shown


def _summary(timeline: Timeline) -> Text:
    lines = []
    if timeline.footprint is not None:
        lines += _footprint(timeline.footprint)
    lines += [f"guessed: 0x{each.address:08x}, {_times(each.reads)}" for each in timeline.guesses]
    if timeline.violations:
        lines.append(f"against the rules of the devices: {len(timeline.violations)}")
    lines += [f"  {violation}" for violation in timeline.violations]
    if timeline.remarks:
        lines.append("ignored, without harm in the model:")
    lines += [f"  {remark}" for remark in timeline.remarks]
    if timeline.ended_early is not None:
        lines.append(f"ended early: {timeline.ended_early}")
    lines.append("passed" if timeline.passed else "FAILED")
    return Text("\n".join(lines), "" if timeline.passed else "red")


def _footprint(footprint: Footprint) -> list[str]:
    image = ", ".join(str(each) for each in footprint.image)
    stack = f"stack: {footprint.stack_bytes} of {footprint.stack.size_bytes} bytes"
    if footprint.stack_bytes >= footprint.stack.size_bytes > 0:
        stack += ", all that the host gives"
    stray = [f"writes outside of image, stack and buffer: {each}" for each in footprint.stray_writes]
    return [f"image: {image}", stack, *stray]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
