"""What came of a comparison of two loaders, as text."""

from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loaderconv_schemas.proof import Proof, ProofDifference


def proof_report(proof: Proof) -> RenderableType:
    """Return the operations side by side, what was compared and what was not, the differences, and a verdict."""
    heading = Text(f"{proof.source.loader} against {proof.converted.loader} on {proof.machine}", "bold")
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    table.add_row(Text("both hosts ask for", "dim"), Text(proof.source.host, "dim"), Text(proof.converted.host, "dim"))
    for entry, other in zip_longest(proof.source.entries, proof.converted.entries):
        if entry is None:
            break
        table.add_row(Text(entry.operation), Text(entry.observed), Text("" if other is None else other.observed))
    return Group(heading, table, *(_difference(each) for each in proof.differences), _verdict(proof))


def _difference(difference: ProofDifference) -> Text:
    lines = [f"DIFFERENT {difference.respect}, {difference.operation}: {difference.message}"]
    if difference.source is not None:
        lines.append(f"  source:    {difference.source}")
    if difference.converted is not None:
        lines.append(f"  converted: {difference.converted}")
    return Text("\n".join(lines), "red")


def _verdict(proof: Proof) -> Text:
    lines = [f"compared: {each}" for each in proof.compared]
    lines += [f"not compared: {each}" for each in proof.not_compared]
    lines.append(
        f"{proof.converted.loader} behaves as its source in the model."
        if proof.equal
        else f"{proof.converted.loader} does NOT behave as its source."
    )
    return Text("\n".join(lines), "" if proof.equal else "red")
