"""`--chip` and `--pack`, the same for every command that needs the RAM of a chip."""

from pathlib import Path
from typing import Annotated

import typer

LIST_CHIPS = "list"
"""Value of `--chip` that asks for the names."""

ChipOption = Annotated[
    str | None,
    typer.Option("--chip", metavar="NAME", help="Chip, by name: fills in its RAM (list: print the known ones)."),
]
PackOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--pack",
        metavar="FILE",
        readable=False,
        help="CMSIS-Pack (.pack or .pdsc) that describes the chip; may be repeated.",
    ),
]
