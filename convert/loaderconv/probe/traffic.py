"""Counts what goes over a probe, and lets a test step in front of each call."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Transfers:
    """What was moved.

    Attributes:
        reads: calls that read.
        writes: calls that write.
        bytes_read: by them.
        bytes_written: by them.
    """

    reads: int = 0
    writes: int = 0
    bytes_read: int = 0
    bytes_written: int = 0

    @property
    def transfers(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes

    @property
    def bytes(self) -> int:
        """In both directions."""
        return self.bytes_read + self.bytes_written

    def __add__(self, more: "Transfers") -> "Transfers":
        """Return both together."""
        return Transfers(
            self.reads + more.reads,
            self.writes + more.writes,
            self.bytes_read + more.bytes_read,
            self.bytes_written + more.bytes_written,
        )

    def __sub__(self, earlier: "Transfers") -> "Transfers":
        """Return what was moved since an earlier count."""
        return Transfers(
            self.reads - earlier.reads,
            self.writes - earlier.writes,
            self.bytes_read - earlier.bytes_read,
            self.bytes_written - earlier.bytes_written,
        )


@dataclass
class Traffic:
    """What a probe was asked for since it was made.

    Attributes:
        before_call: called in front of each call with its number, from 1; what it raises is the call's failure.
        calls: all calls that reach the probe.
        moved: by those that move data.
    """

    before_call: Callable[[int], None] | None = None
    calls: int = field(default=0, init=False)
    moved: Transfers = field(default=Transfers(), init=False)

    def call(self) -> None:
        """Count a call that moves no data."""
        self.calls += 1
        if self.before_call is not None:
            self.before_call(self.calls)

    def read(self, size_bytes: int) -> None:
        """Count a read."""
        self.call()
        self.moved += Transfers(reads=1, bytes_read=size_bytes)

    def write(self, size_bytes: int) -> None:
        """Count a write."""
        self.call()
        self.moved += Transfers(writes=1, bytes_written=size_bytes)
