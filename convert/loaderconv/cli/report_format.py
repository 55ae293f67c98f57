"""`--format`, the same for every command that reports."""

from enum import StrEnum
from typing import Annotated

import typer


class ReportFormat(StrEnum):
    """How a command reports."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[ReportFormat, typer.Option(help="How to report on standard output.")]
