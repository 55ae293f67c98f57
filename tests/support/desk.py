"""A folder with an input and a place for the output, and what must hold when a conversion there fails."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import COMMAND, Outcome, assert_failure, invoke, run, snapshot
from support.paths import FIXTURES

USAGE, UNREADABLE, REFUSED, NOT_WRITTEN = ExitCode.USAGE, ExitCode.UNREADABLE, ExitCode.REFUSED, ExitCode.NOT_WRITTEN

FIXTURE = (FIXTURES / "strict_flm.FLM").read_bytes()

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such thing")


@dataclass
class Desk:
    """A folder with an input and a place for the output."""

    folder: Path
    name: str = "in.FLM"
    output_name: str = "out.stldr"
    contents: bytes = FIXTURE
    source: Path = field(init=False)
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.folder / self.name
        self.output = self.folder / self.output_name
        self.source.write_bytes(self.contents)

    def convert(self, *options: str | Path) -> Outcome:
        """Convert in this process."""
        return invoke(COMMAND, self.source, self.output, *options)

    def fails(self, exit_code: int, *options: str | Path) -> str:
        """Check that the conversion fails as it must and changes nothing; return what it said."""
        return self._judged(lambda: self.convert(*options), exit_code)

    def fails_as_process(self, exit_code: int, *options: str | Path) -> str:
        """Check the same with a process of its own."""
        return self._judged(lambda: run(COMMAND, self.source, self.output, *options), exit_code)

    def _judged(self, act: Callable[[], Outcome], exit_code: int) -> str:
        before = snapshot(self.folder)
        outcome = act()
        assert_failure(outcome, exit_code)
        assert snapshot(self.folder) == before
        return outcome.stderr


def desk_with(folder: Path, contents: bytes) -> Desk:
    return Desk(folder, contents=contents)
