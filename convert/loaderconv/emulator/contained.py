"""Runs a function in a child process with limits, because the engine is a C library fed by bytes of any origin.

A watchdog inside the process would not do: the library may loop where Python has no say, and ends the whole process
where it cannot allocate its buffer. Where the system has resource limits (not on Windows), the child has them for
processor time, address space and files; everywhere a limit on wall clock time ends it.
"""

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import TypeVar, TypeVarTuple, cast

from loaderconv.emulator.unicorn_binding import require_unicorn
from loaderconv_schemas.errors import LoaderConvError, RunFailed, UsageProblem

ADDRESS_SPACE_BYTES = 4 << 30
"""Beyond what a simulation needs by far: the largest memory that a model holds takes 512 MiB."""

_HINT = "The file may be damaged, or hostile: do not use this loader before you know."

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


def run_contained(function: Callable[[*Arguments], Result], *args: *Arguments, wall_clock_s: float) -> Result:
    """Return what a function returns in a child process; function, arguments and result must be picklable.

    Args:
        function: what to run.
        *args: its arguments.
        wall_clock_s: after which the child is ended.

    Raises:
        LoaderConvError: what the function raised, or a RunFailed that tells how the child was ended.
        RuntimeError: the function raised something else.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(  # type: ignore[attr-defined]
        target=_carry_out, args=(theirs, wall_clock_s, function, args), daemon=True
    )
    with _interrupts_blocked():
        child.start()
    theirs.close()
    try:
        if not ours.poll(wall_clock_s):
            raise RunFailed(f"The simulation took more than {wall_clock_s:.0f} s and was ended.", hint=_HINT)
        is_result, value = ours.recv()
    except EOFError:
        child.join()
        raise RunFailed(f"The simulation's process was ended by {_cause(child.exitcode)}.", hint=_HINT) from None
    finally:
        ours.close()
        child.kill()
        child.join()
    if not is_result:
        raise cast("BaseException", value)
    return cast("Result", value)


def _context() -> BaseContext:
    """Return how to start a child: as a copy where that is cheap and safe, anew elsewhere."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    with contextlib.suppress(UsageProblem):
        require_unicorn()  # imported here once, it is there in each copy
    return multiprocessing.get_context("fork")


def _carry_out(
    pipe: Connection, wall_clock_s: float, function: Callable[..., object], args: tuple[object, ...]
) -> None:
    """Be the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(wall_clock_s)
    gc.freeze()  # what the parent left is not searched for garbage again and again, which would also copy its pages
    with _nothing_printed():
        try:
            answer: tuple[bool, object] = (True, function(*args))
        except MemoryError:
            answer = (False, RunFailed("The simulation needs more memory than it may have.", hint=_HINT))
        except LoaderConvError as problem:
            answer = (False, problem)
        except Exception as problem:  # noqa: BLE001 - the parent raises it
            answer = (False, RuntimeError(f"{type(problem).__name__}: {problem}"))
    pipe.send(answer)
    pipe.close()


def _limit(wall_clock_s: float) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    seconds = int(wall_clock_s) + 1
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(what, (within, hard))


@contextlib.contextmanager
def _nothing_printed() -> Iterator[None]:
    """Keep what the library prints from the user's terminal, and from JSON that goes to standard output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    with os.fdopen(nowhere, "w") as file:
        sys.stdout = sys.stderr = file
        yield


def _cause(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"the engine (exit code {exit_code})"
    try:
        return f"signal {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"signal {-exit_code}"


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keep Ctrl-C from the child while it starts; it is ended by its parent."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
