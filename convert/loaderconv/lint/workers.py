"""Processes that check files side by side."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

MANY_FILES = 150
"""From here on several processes are faster; each takes about half a second to start."""

_MAX_WORKERS = 8
_FILES_AT_ONCE = 8
"""Sent to a worker together; few, so that an interrupted run ends at once."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class WorkerPool:
    """Processes that wait for work."""

    executor: "ProcessPoolExecutor"

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield what the function makes of the items, in their order."""
        return self.executor.map(function, items, chunksize=_FILES_AT_ONCE)


@contextmanager
def worker_pool() -> Iterator[WorkerPool]:
    """Start a process for each processor, and end them all, at once where the caller leaves early.

    They are started anew on every system (spawn), as Windows knows no other way and a copy of a process that draws a
    progress bar in a thread may hang. An interrupt is left to the parent.
    """
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - one file is checked without
    from multiprocessing import get_context  # noqa: PLC0415

    count = min(os.cpu_count() or 1, _MAX_WORKERS)
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_ignore_interrupts)
    try:
        yield WorkerPool(executor)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
