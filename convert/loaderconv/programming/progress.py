"""How a long operation tells how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Is told of phases, and of bytes within them."""

    def begin(self, phase: str, total_bytes: int) -> None:
        """Enter a phase ("erase", "program", "verify", "read") that will handle so many bytes."""

    def advance(self, done_bytes: int) -> None:
        """Hear that so many more bytes are done."""


class NoProgress:
    """Listens to nothing."""

    def begin(self, phase: str, total_bytes: int) -> None:
        """Forget it."""

    def advance(self, done_bytes: int) -> None:
        """Forget it."""


SILENT: Progress = NoProgress()
