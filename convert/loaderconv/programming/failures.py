"""Failures that leave a memory half written, and say which part."""

from collections.abc import Iterator
from contextlib import contextmanager

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed


class LeftIncomplete(RunFailed):
    """Erasing or programming did not come to its end.

    Attributes:
        incomplete: what may be erased or half programmed.
    """

    def __init__(self, message: str, *, hint: str, incomplete: AddressRange | None = None) -> None:
        super().__init__(message, hint=hint)
        self.incomplete = incomplete


def incomplete_words(incomplete: AddressRange) -> str:
    """Return what is said of a range in which something was interrupted."""
    return f"{incomplete} may be erased or half programmed"


@contextmanager
def naming_incomplete(incomplete: AddressRange) -> Iterator[None]:
    """Say of a failure, or of an interrupt, what may be incomplete.

    Raises:
        LeftIncomplete: in place of RunFailed.
        KeyboardInterrupt: with a note that says the same.
    """
    words = incomplete_words(incomplete)
    try:
        yield
    except RunFailed as problem:
        message = f"{problem.message.rstrip('.')}; {words}."
        failure = LeftIncomplete(message, hint=problem.hint, incomplete=incomplete)
        for note in getattr(problem, "__notes__", ()):
            failure.add_note(note)
        raise failure from problem
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"{words}: program it again.")
        raise
