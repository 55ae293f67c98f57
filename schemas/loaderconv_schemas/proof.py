"""What came of running a loader and its conversion side by side."""

from enum import StrEnum

from pydantic import computed_field

from loaderconv_schemas.base import FORMAT_VERSION, FormatVersion, Model
from loaderconv_schemas.timeline import Timeline


class Compared(StrEnum):
    """In what respect both were compared."""

    VERDICT = "verdict"
    DATA = "data"
    CONTENTS = "contents"
    ACCESSES = "accesses"
    COMMANDS = "commands"
    FOOTPRINT = "footprint"


class ProofDifference(Model):
    """Something in which a converted loader does not behave as its source.

    Attributes:
        operation: what both hosts had asked for.
        respect: in what both differ.
        message: one sentence.
        source: what the source did there, with the place in its code; None where it did nothing.
        converted: likewise the converted loader.
    """

    operation: str
    respect: Compared
    message: str
    source: str | None = None
    converted: str | None = None


class Proof(Model):
    """A comparison of two runs.

    Attributes:
        machine: the core and the devices around it, the same for both.
        source: the run of the source under its host.
        converted: the run of the converted loader under its own.
        compared: what was compared, one sentence each.
        not_compared: what was not, and why.
        differences: in what both differ; empty where the converted loader behaves as its source in the model.
    """

    version: FormatVersion = FORMAT_VERSION
    machine: str
    source: Timeline
    converted: Timeline
    compared: tuple[str, ...]
    not_compared: tuple[str, ...]
    differences: tuple[ProofDifference, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def equal(self) -> bool:
        """Whether nothing differs in what was compared."""
        return not self.differences
