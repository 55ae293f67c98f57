"""What QUADSPI and OCTOSPI have in common behind their registers: FIFO, flags, and one transfer at a time.

Sources: RM0433 (STM32H7), chapter QUADSPI, functional modes and status register; RM0432 (STM32L4+), chapter OCTOSPI,
which says the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntFlag, auto

from loaderconv.emulator.devices.serial_nor_frame import Frame, SerialMemory

FIFO_BYTES = 32


class Flag(IntFlag):
    """Status register."""

    TEF = 1 << 0
    TCF = 1 << 1
    FTF = 1 << 2
    SMF = 1 << 3
    TOF = 1 << 4
    BUSY = 1 << 5


CLEARABLE = Flag.TEF | Flag.TCF | Flag.SMF | Flag.TOF
LEVEL_SHIFT = 8
MAXIMUM_LEVEL = 0x3F


@dataclass(frozen=True)
class Match:
    """For what automatic polling waits.

    Attributes:
        mask: the bits that count.
        value: what they should be.
        is_any: whether one equal bit is enough.
        stops: whether polling ends with the match.
    """

    mask: int
    value: int
    is_any: bool
    stops: bool

    def is_met_by(self, status: int) -> bool:
        """Compare what the memory said."""
        equal = ~(status ^ self.value) & self.mask
        return equal != 0 if self.is_any else equal == self.mask


class _Direction(Enum):
    NONE = auto()
    READ = auto()
    WRITE = auto()
    POLL = auto()


class SerialTransfer:
    """The data path of a controller.

    Attributes:
        memory: what stands at its lines.
        flags: those that stay until they are cleared.
    """

    def __init__(self, memory: SerialMemory, remark: Callable[[str], None]) -> None:
        """Be idle. `remark` is told in words what silicon would ignore."""
        self.memory = memory
        self.flags = Flag(0)
        self._remark = remark
        self._direction = _Direction.NONE
        self._fifo = bytearray()
        self._remaining = 0
        self._frame = Frame(opcode=None)
        self._match = Match(0, 0, is_any=False, stops=True)

    @property
    def is_busy(self) -> bool:
        """Whether a transfer is under way, or data of one wait in the FIFO."""
        return self._direction is not _Direction.NONE

    def status(self, threshold: int) -> int:
        """Return the status register, without what depends on the mode. A look at it gives automatic polling a turn."""
        if self._direction is _Direction.POLL:
            self._poll_once()
        value = int(self.flags)
        if self.is_busy:
            value |= Flag.BUSY
        if self._direction is _Direction.READ and (len(self._fifo) >= threshold or not self._remaining):
            value |= Flag.FTF
        return value | min(len(self._fifo), MAXIMUM_LEVEL) << LEVEL_SHIFT

    def command(self, frame: Frame) -> None:
        """Send a frame without data."""
        self._fifo.clear()
        self.memory.start(frame)
        self.memory.finish()
        self.flags |= Flag.TCF

    def begin_read(self, frame: Frame, size_bytes: int) -> None:
        """Start an indirect read."""
        self._fifo.clear()
        self.memory.start(frame)
        self._direction = _Direction.READ
        self._remaining = size_bytes
        self._refill()

    def begin_write(self, frame: Frame, size_bytes: int) -> None:
        """Start an indirect write, whose data come through `write_data`."""
        self._fifo.clear()
        self.memory.start(frame)
        self._direction = _Direction.WRITE
        self._remaining = size_bytes

    def begin_polling(self, frame: Frame, size_bytes: int, match: Match) -> None:
        """Start automatic polling."""
        self._direction = _Direction.POLL
        self._frame, self._match, self._remaining = frame, match, size_bytes
        self._poll_once()

    def read_data(self, size_bytes: int) -> int:
        """Return what a read of the data register takes out of the FIFO."""
        data = bytes(self._fifo[:size_bytes])
        del self._fifo[:size_bytes]
        if self._direction is _Direction.READ:
            self._refill()
        elif not data:
            self._remark("DR was read without data in the FIFO")
        return int.from_bytes(data, "little")

    def write_data(self, size_bytes: int, value: int) -> None:
        """Take what a write of the data register puts into the FIFO."""
        if self._direction is not _Direction.WRITE:
            self._remark("DR was written without a write transfer")
            return
        data = value.to_bytes(size_bytes, "little")[: self._remaining]
        self.memory.write(data)
        self._remaining -= len(data)
        if not self._remaining:
            self._end()

    def abort(self) -> None:
        """End what is under way, and empty the FIFO."""
        if self._direction in (_Direction.READ, _Direction.WRITE) and self._remaining:
            self.memory.finish()
        self._direction = _Direction.NONE
        self._remaining = 0
        self._fifo.clear()

    def _refill(self) -> None:
        wanted = min(FIFO_BYTES - len(self._fifo), self._remaining)
        if wanted:
            self._fifo += self.memory.read(wanted)
            self._remaining -= wanted
            if not self._remaining:
                self.memory.finish()
                self.flags |= Flag.TCF
        if not self._fifo:
            self._direction = _Direction.NONE

    def _poll_once(self) -> None:
        self.memory.start(self._frame)
        data = self.memory.read(self._remaining)
        self.memory.finish()
        self._fifo[:] = data
        if self._match.is_met_by(int.from_bytes(data, "little")):
            self.flags |= Flag.SMF
            if self._match.stops:
                self._direction = _Direction.NONE

    def _end(self) -> None:
        self.memory.finish()
        self.flags |= Flag.TCF
        self._direction = _Direction.NONE
