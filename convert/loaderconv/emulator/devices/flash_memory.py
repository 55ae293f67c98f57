"""A memory as a scenario sees it: from behind, not through the loader."""

from enum import StrEnum
from typing import Protocol


class FlashOperation(StrEnum):
    """What a scenario may let fail."""

    ERASE = "erase"
    PROGRAM = "program"


class FlashMemory(Protocol):
    """What a loader erases and programs. Offsets count from the base address of the loader's device."""

    @property
    def name(self) -> str:
        """What it is, with its size ("serial NOR of 16 MiB")."""

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""

    @property
    def reports_failures(self) -> bool:
        """Whether a loader can learn from its status that an operation failed."""

    @property
    def commands(self) -> list[str]:
        """What it was told, in order and in words that a person reads ("sector erase 0x001000"); status polls once."""

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds. Nothing changes by it."""

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes, whatever was there."""

    def fail_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind fail as silicon reports it; where silicon cannot tell, leave it undone."""

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind never end: the memory stays busy, however long a loader waits."""
