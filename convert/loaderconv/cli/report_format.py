"""`--format`, the same for every command that reports."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """How a command reports."""

    TEXT = "text"
    JSON = "json"
