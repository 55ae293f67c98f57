"""The machines that can be emulated, as `simulate --machine list` prints them."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text


def machine_list(machines: Iterable[tuple[str, str, tuple[str, ...]]]) -> RenderableType:
    """Return a row for each machine.

    Args:
        machines: name, one line of description, and the start conditions that not all machines have.
    """
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    table.add_row(Text("--machine", "dim"), Text("what it is", "dim"), Text("--start, besides reset", "dim"))
    for name, summary, starts in machines:
        table.add_row(Text(name, "bold"), Text(summary), Text(", ".join(("second-session", *starts))))
    return table
