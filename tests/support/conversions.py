"""The six conversions with an input of our own each, and what must be on disk afterwards."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaderconv_schemas.loader import Flavour
from support.command import Outcome, invoke
from support.paths import FIXTURES

TOOLKIT = FIXTURES / "iar"
STRICT_IAR = TOOLKIT / "config/flashloader/Strict"
FLM = FIXTURES / "strict_flm.FLM"
STLDR = FIXTURES / "strict_stldr.stldr"
BOARD = STRICT_IAR / "strict_iar.board"
"""Two passes."""
ONE_PASS = STRICT_IAR / "strict_iar_far.board"

RAM = ("--ram", "0x20000000:64K")


@dataclass(frozen=True)
class Conversion:
    """One of the six.

    Attributes:
        source: input of its flavour.
        target: flavour of the output.
        suffix: of the output.
        beside: suffixes of the files that are written with it.
    """

    source: Path
    target: Flavour
    suffix: str
    beside: tuple[str, ...]

    def names(self, stem: str) -> set[str]:
        """Return the names of all files that it writes."""
        return {f"{stem}{suffix}" for suffix in (self.suffix, *self.beside)}


CONVERSIONS = {
    "flm-to-stldr": Conversion(FLM, Flavour.STLDR, ".stldr", ()),
    "flm-to-iar": Conversion(FLM, Flavour.IAR, ".board", (".flash", ".out")),
    "stldr-to-flm": Conversion(STLDR, Flavour.FLM, ".FLM", (".pdsc.xml",)),
    "stldr-to-iar": Conversion(STLDR, Flavour.IAR, ".board", (".flash", ".out")),
    "iar-to-flm": Conversion(ONE_PASS, Flavour.FLM, ".FLM", (".pdsc.xml",)),
    "iar-to-stldr": Conversion(ONE_PASS, Flavour.STLDR, ".stldr", ()),
}


def converted(command: str, folder: Path, *options: str | Path) -> tuple[Path, Outcome]:
    """Convert the input of a command into `out` in a folder; return the file that was named, and how it went."""
    conversion = CONVERSIONS[command]
    output = folder / f"out{conversion.suffix}"
    return output, invoke(command, conversion.source, output, *RAM, *options)


def report_of(outcome: Outcome) -> Any:
    """Return the document that a conversion printed with `--format json`."""
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    return json.loads(outcome.stdout)


def plan_of(command: str, source: Path, output: Path, *options: str | Path) -> Any:
    """Return the plan of a dry run."""
    return report_of(invoke(command, source, output, *options, "--dry-run", "--format", "json"))["plan"]
