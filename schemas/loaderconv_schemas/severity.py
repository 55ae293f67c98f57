"""How much a finding of `lint` matters."""

from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters, from bad to harmless. The values are what `--fail-on` takes."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)
