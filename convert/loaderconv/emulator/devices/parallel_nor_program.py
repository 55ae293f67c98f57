"""Parts of programming a parallel NOR memory: the write buffer, and the record of what was programmed."""

from collections.abc import Callable

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.parallel_nor_part import ParallelPart


class WriteBuffer:
    """What is loaded before it is programmed at once (S29GL-P, "Write buffer programming").

    All addresses lie in the sector that the command named, all data in one page of the buffer's size.

    Attributes:
        last_byte: low byte of what was loaded last.
    """

    def __init__(self, part: ParallelPart) -> None:
        self.last_byte = 0
        self._part = part
        self._sector = 0
        self._left = 0
        self._bytes: dict[int, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether as much was loaded as was announced."""
        return self._left == 0

    def is_in_sector(self, offset: int) -> bool:
        """Tell whether an offset lies in the sector that the command named."""
        return self._part.sector(offset)[0] == self._sector

    def begin(self, offset: int) -> None:
        """Be empty, for a sector."""
        self._sector = self._part.sector(offset)[0]
        self._bytes.clear()

    def take_count(self, offset: int, count: int, width_bytes: int) -> str | None:
        """Expect loads; return what is wrong."""
        self._left = count
        if not self.is_in_sector(offset):
            return "the count goes to another sector"
        if count * width_bytes > self._part.vendor.buffer_size_bytes:
            return f"it holds {self._part.vendor.buffer_size_bytes} bytes, not {count * width_bytes}"
        return None

    def take(self, offset: int, data: bytes) -> str | None:
        """Load what is one unit of the bus; return what is wrong."""
        page = -self._part.vendor.buffer_size_bytes
        self.last_byte = data[0]
        self._left -= 1
        if not self.is_in_sector(offset):
            return "the address lies in another sector"
        if self._bytes and next(iter(self._bytes)) & page != offset & page:
            return "the address lies in another page"
        self._bytes.update(enumerate(data, offset))
        return None

    def contents(self, read: Callable[[int, int], bytes]) -> tuple[int, bytes]:
        """Return offset and bytes to program; where nothing was loaded, those that `read` finds there."""
        start, end = min(self._bytes), max(self._bytes) + 1
        return start, bytes(self._bytes.get(start + index, old) for index, old in enumerate(read(start, end - start)))


class ProgramLog:
    """Commands in words; what is programmed one behind the other is one command."""

    def __init__(self) -> None:
        self._log = EventLog()
        self._start = self._end = -1

    @property
    def entries(self) -> list[str]:
        """Commands in order; what has been looked at stays as it is."""
        self._end = -1
        return self._log.entries

    def add(self, command: str) -> None:
        """Put down a command."""
        self._end = -1
        self._log.add(command)

    def add_program(self, offset: int, size_bytes: int) -> None:
        """Put down that bytes are programmed."""
        if offset == self._end:
            self._log.entries.pop()
        else:
            self._start = offset
        self._end = offset + size_bytes
        self._log.add(f"program 0x{self._start:06x}, {self._end - self._start} bytes")
