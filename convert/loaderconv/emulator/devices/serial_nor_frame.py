"""What a controller sends to a serial memory between two edges of the chip select, before the data."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol


@dataclass(frozen=True)
class Frame:
    """The head of one transfer.

    Attributes:
        opcode: the instruction; None where none is sent.
        opcode_lines: 1, 2, 4 or 8.
        opcode_bytes: 1, or 2 in octal modes.
        is_opcode_ddr: whether the instruction goes out on both edges of the clock.
        address: None where none is sent.
        address_bytes: 1 to 4.
        alternate: the alternate (mode) bytes, first one first.
        dummy_cycles: clock cycles before the data.
        data_lines: 0 where no data follow.
    """

    opcode: int | None
    opcode_lines: int = 1
    opcode_bytes: int = 1
    is_opcode_ddr: bool = False
    address: int | None = None
    address_bytes: int = 3
    alternate: bytes = b""
    dummy_cycles: int = 0
    data_lines: int = 0


class SerialMemory(Protocol):
    """What stands at the end of a controller's lines. Between `start` and `finish` data go in one direction."""

    @property
    def size_bytes(self) -> int:
        """How much of it there is, all parts together."""

    def start(self, frame: Frame) -> None:
        """Take the head of a transfer: the chip select is low."""

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes of the transfer."""

    def write(self, data: bytes) -> None:
        """Take the next bytes of the transfer."""

    def finish(self) -> None:
        """See the chip select rise, which is when a command takes effect."""

    def read_mapped(self, frame: Frame, address: int, size_bytes: int) -> bytes:
        """Return bytes for a memory-mapped access: `frame` goes out with that address in it."""


class Parts(Enum):
    """Which of two parts a controller drives."""

    FIRST = auto()
    SECOND = auto()
    BOTH = auto()


class DualSerialMemory(SerialMemory, Protocol):
    """A memory at a controller that can drive two parts, alone or together."""

    def select(self, parts: Parts) -> None:
        """See the controller choose, for all transfers that follow."""
