"""What every parallel NOR memory is: an array of cells, and the record of what was done to it."""

from abc import ABC, abstractmethod

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.parallel_nor_part import ParallelPart
from loaderconv.emulator.devices.parallel_nor_program import ProgramLog
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES
from loaderconv.emulator.devices.serial_nor_identity import size_in_words
from loaderconv.emulator.devices.serial_nor_page import programmed, wants_to_raise_bits
from loaderconv.emulator.devices.sparse_bytes import SparseBytes

ERASED_BYTE = 0xFF
LEFTOVER_POLLS = 12
LEFTOVER_CYCLES = 10 * BUSY_CYCLES
"""Of the erase under way that a loader may meet."""


class ParallelArray(ABC):
    """A FlashMemory, and a Peripheral without windows; how commands come in is left to those that derive from it.

    Attributes:
        part: what it is.
        reports_failures: its status does.
    """

    reports_failures = True

    def __init__(self, part: ParallelPart) -> None:
        """Build an erased memory."""
        self.part = part
        self._cells = SparseBytes(part.size_bytes, ERASED_BYTE)
        self._violation_log, self._remark_log = EventLog(), EventLog()
        self._command_log = ProgramLog()
        self._failing: set[FlashOperation] = set()
        self._hanging: set[FlashOperation] = set()

    @property
    def name(self) -> str:
        """What it is, with its size."""
        return f"parallel NOR of {size_in_words(self.part.size_bytes)}"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return self.part.size_bytes

    @property
    def commands(self) -> list[str]:
        """What it was told, in words."""
        return self._command_log.entries

    @property
    def violations(self) -> list[str]:
        """What it ignored, and what it could only do in part."""
        return self._violation_log.entries

    @property
    def remarks(self) -> list[str]:
        """What it ignored, and what does no harm."""
        return self._remark_log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return nothing: only its controller is at an address."""
        return ()

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return self._cells.read(offset, size_bytes)

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        self._cells.write(offset, data)

    def fail_next(self, operation: FlashOperation) -> None:
        """Leave the array alone at the next operation of a kind, and let the status tell."""
        self._failing.add(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Leave the array alone at the next operation of a kind, and stay busy for ever."""
        self._hanging.add(operation)

    # For those that derive from it

    @abstractmethod
    def _fail(self, operation: FlashOperation) -> None:
        """Let the operation that was begun fail."""

    @abstractmethod
    def _hang(self) -> None:
        """Let the operation that was begun never end."""

    def _takes_effect(self, operation: FlashOperation) -> bool:
        """Tell whether the operation that was begun changes the array."""
        if operation in self._hanging:
            self._hanging.discard(operation)
            self._hang()
            return False
        if operation in self._failing:
            self._failing.discard(operation)
            self._fail(operation)
            return False
        return True

    def _clear_bits(self, offset: int, data: bytes) -> None:
        old = self._cells.read(offset, len(data))
        if wants_to_raise_bits(old, data):
            self._violation_log.add(f"program 0x{offset:06x}, {len(data)} bytes: bits that are 0 stay 0")
        self._cells.write(offset, programmed(old, data))
