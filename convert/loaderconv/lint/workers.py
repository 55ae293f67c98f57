"""Processes that check files side by side."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from loaderconv_schemas.errors import LoaderConvError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

MANY_FILES = 150
"""From here on several processes are faster; each takes about half a second to start."""

MANY_SIMULATIONS = 4
"""From here on, where each loader is run in the emulator."""

_MAX_WORKERS = 8
FILES_AT_ONCE = 8
"""Sent to a worker together, where one takes milliseconds."""

_WAITING = 16 * _MAX_WORKERS
"""So many such lots wait for a worker: enough to keep them all busy while one of them has a large file."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class WorkerPool:
    """Processes that wait for work."""

    executor: "ProcessPoolExecutor"

    def map(self, function: Callable[[T], R], items: Iterable[T], *, at_once: int = FILES_AT_ONCE) -> Iterator[R]:
        """Yield what the function makes of the items, in their order.

        Args:
            function: what a process does with an item.
            items: can be sent, as the results can.
            at_once: how many are sent together.

        Raises:
            LoaderConvError: a process ended in the middle of its work.
        """
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - loaded already by the executor

        remaining = iter(items)
        chunks = iter(lambda: list(islice(remaining, at_once)), [])
        try:
            with _interrupts_blocked():
                waiting = deque(self.executor.submit(_results, function, each) for each in islice(chunks, _WAITING))
            while waiting:
                yield from waiting.popleft().result()
                waiting.extend(self.executor.submit(_results, function, each) for each in islice(chunks, 1))
        except BrokenProcessPool as problem:
            raise LoaderConvError(
                "A process that checked files ended in the middle of its work.",
                hint="The system may have run out of memory: check fewer files at a time.",
            ) from problem


@contextmanager
def worker_pool() -> Iterator[WorkerPool]:
    """Start a process for each processor, and end them all, at once where the caller leaves early.

    They are started anew on every system (spawn), as Windows knows no other way and a copy of a process that draws a
    progress bar in a thread may hang. An interrupt is left to the parent.
    """
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - one file is checked without
    from multiprocessing import active_children, get_context  # noqa: PLC0415

    others = set(active_children())
    count = min(os.cpu_count() or 1, _MAX_WORKERS)
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_ignore_interrupts)
    try:
        yield WorkerPool(executor)
    except BaseException:
        for worker in set(active_children()) - others:  # they may have minutes to go, and this process would wait
            worker.terminate()
        executor.shutdown(wait=True)  # the interpreter's end must not meet the executor's in the middle
        raise
    executor.shutdown(wait=False)


def _results(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    return list(map(function, items))


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keep Ctrl-C from processes that are started meanwhile: it would reach them in the middle of their imports.

    A terminal sends it to all processes, and those that are new would each print a traceback. What is blocked stays so
    in them; here it comes afterwards. Their first job starts them all.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
