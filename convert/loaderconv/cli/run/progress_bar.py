"""A progress bar with speed, on standard error and only where a person sees it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from loaderconv.programming.progress import SILENT, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class BarProgress:
    """Draws what it is told; implements `loaderconv.programming.progress.Progress`."""

    def __init__(self, bar: "Bar") -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def begin(self, phase: str, total_bytes: int) -> None:
        """Begin another bar."""
        self.end()
        self._task = self._bar.add_task(phase, total=total_bytes)

    def advance(self, done_bytes: int) -> None:
        """Move it on."""
        if self._task is not None:
            self._bar.advance(self._task, done_bytes)

    def end(self) -> None:
        """Take the bar away."""
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show bars while the caller works."""
    if not sys.stderr.isatty():
        yield SILENT
        return
    from rich.console import Console  # noqa: PLC0415 - not needed where no bar is
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    phase, amount = TextColumn("{task.description:8}"), DownloadColumn(binary_units=True)
    with Bar(phase, BarColumn(), amount, TransferSpeedColumn(), console=Console(stderr=True), transient=True) as bar:
        yield BarProgress(bar)
