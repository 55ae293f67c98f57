"""Turns what pyOCD and its USB libraries raise into errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyocd.core import exceptions

from loaderconv_schemas.errors import LoaderConvError, RunFailed

_HINTS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ProbeDisconnected, "Plug the probe in again, look at its cable, and start over."),
    (
        exceptions.TransferTimeoutError,
        "The probe got no answer: look at power and wiring of the target, and lower --frequency.",
    ),
    (
        exceptions.TransferFaultError,
        "The bus refused that address: look at --target, --ram, and whether the memory there is clocked.",
    ),
    (
        exceptions.TransferError,
        "Look at power and wiring of the target, lower --frequency, or try --connect under-reset.",
    ),
    (exceptions.ProbeError, "Close other programs that use the probe, plug it in again, and update its firmware."),
)

_DEFECTS = (AttributeError, NameError, TypeError, AssertionError)
"""Of a program, not of a probe."""

_OTHER_HINT = "Look at power and wiring of the target; loaderconv --debug run ... shows where it came from."


@contextmanager
def probe_failures(doing: str) -> Iterator[None]:
    """Raise RunFailed for whatever a probe does wrong.

    Args:
        doing: what was being done, as in "while ... ".

    Raises:
        RunFailed: pyOCD, libusb or an operating system's driver failed.
    """
    try:
        yield
    except (LoaderConvError, *_DEFECTS):
        raise
    except Exception as problem:
        raise RunFailed(f"The probe failed while {doing}: {told(problem)}.", hint=_hint(problem)) from problem


def told(problem: Exception) -> str:
    """Return the words of a failure in one line, without the full stop."""
    words = " ".join(str(problem).split()).rstrip(".")
    kind = type(problem).__name__
    if isinstance(problem, exceptions.Error | OSError):
        return words or kind
    return f"{kind} {words}".rstrip()  # a mistake inside of pyOCD; a KeyError says nothing but the key


def _hint(problem: Exception) -> str:
    return next((hint for kind, hint in _HINTS if isinstance(problem, kind)), _OTHER_HINT)
