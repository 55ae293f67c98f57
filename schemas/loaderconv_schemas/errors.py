"""The one tree of errors: every failure that a user may see, with its exit code and a hint."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    REFUSED = 4
    RUN_FAILED = 5
    NOT_WRITTEN = 6
    INTERNAL = 70
    INTERRUPTED = 130


class LoaderConvError(Exception):
    """A failure that is the user's to know: one sentence with the fact, and a hint with the next step.

    Nothing else may leave this library for any input file.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Let it travel between processes."""
        return _rebuilt, (type(self), self.message, self.hint)


def _rebuilt(kind: type[LoaderConvError], message: str, hint: str) -> LoaderConvError:
    return kind(message, hint=hint)


class UsageProblem(LoaderConvError):
    """The command cannot be carried out as it was given (exit code 2)."""

    exit_code = ExitCode.USAGE


class UnreadableInput(LoaderConvError):
    """The input is not a loader that can be read: truncated, another kind of file, no descriptor (exit code 3)."""

    exit_code = ExitCode.UNREADABLE


class ConversionRefused(LoaderConvError):
    """The input is a loader, but the result could not behave as it does (exit code 4)."""

    exit_code = ExitCode.REFUSED


class RunFailed(LoaderConvError):
    """A loader did not do on the emulator or on hardware what its host asked for (exit code 5)."""

    exit_code = ExitCode.RUN_FAILED


class OutputNotWritten(LoaderConvError):
    """The output could not be written; nothing was left behind (exit code 6)."""

    exit_code = ExitCode.NOT_WRITTEN


@contextmanager
def naming(subject: object) -> Iterator[None]:
    """Put what a failure is about, such as a file name, in front of its message."""
    try:
        yield
    except LoaderConvError as problem:
        problem.message = f"{subject}: {problem.message}"
        raise
