"""State of one register set of an STM32's flash controller: lock, flags, busy."""

from dataclasses import dataclass

from loaderconv.emulator.devices.onchip_memory import OnChipMemory
from loaderconv.emulator.devices.peripheral import BusFault

PROGRAM_CYCLES = 2_000
ERASE_CYCLES = 2_000_000
"""For how long an operation lasts when nobody reads SR: some 20 us and 20 ms at 100 MHz."""


@dataclass
class KeyLock:
    """A lock that two keys open, once; a wrong one blocks it until the next reset."""

    keys: tuple[int, int]
    is_open: bool = False
    is_blocked: bool = False
    _taken: int = 0

    def take(self, name: str, value: int) -> None:
        """Take a key. Raises BusFault for a wrong one; one that comes while it is open means nothing."""
        if self.is_open:
            return
        if self.is_blocked or value != self.keys[self._taken]:
            self.is_blocked, self._taken = True, 0
            raise BusFault(f"0x{value:08x} is not the key that {name} awaits; it stays locked until the next reset")
        self._taken = (self._taken + 1) % len(self.keys)
        self.is_open = not self._taken

    def close(self) -> None:
        """Lock again."""
        self.is_open = False


@dataclass
class Row:
    """A row of the array that is being written.

    Attributes:
        start: offset in the array.
        data: 0xFF where nothing was written.
        filled: how many bytes were written.
        next_offset: where the next piece has to go.
    """

    start: int
    data: bytearray
    filled: int = 0
    next_offset: int = 0

    def put(self, offset: int, piece: bytes) -> None:
        """Take the next piece."""
        inside = offset - self.start
        self.data[inside : inside + len(piece)] = piece
        self.filled += len(piece)
        self.next_offset = offset + len(piece)

    @property
    def is_full(self) -> bool:
        """Whether all of it was written."""
        return self.filled >= len(self.data)

    def is_erased(self, memory: OnChipMemory) -> bool:
        """Tell whether the array holds nothing there."""
        return memory.peek(self.start, len(self.data)) == b"\xff" * len(self.data)

    def is_refused(self, memory: OnChipMemory, *, has_flag: bool) -> bool:
        """Tell whether a controller that has a flag for it programs nothing, because something is there."""
        return has_flag and any(self.data) and not self.is_erased(memory)


@dataclass
class ControlUnit:
    """One register set.

    Attributes:
        number: 0 or 1.
        lock: of CR.
        control: CR without LOCK and STRT.
        flags: error and end flags of SR.
        address: AR.
        row: what was written of a row, None between rows.
        is_hung: what is under way never ends.
    """

    number: int
    lock: KeyLock
    control: int = 0
    flags: int = 0
    address: int = 0
    row: Row | None = None
    is_hung: bool = False
    _polls_left: int = 0
    _cycles_left: int = 0
    _flags_at_end: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether an operation is under way."""
        return self.is_hung or self._polls_left > 0

    def begin(self, polls: int, cycles: int, flags_at_end: int) -> None:
        """Become busy."""
        self._polls_left, self._cycles_left, self._flags_at_end = polls, cycles, flags_at_end
        if not polls:
            self.finish()

    def poll(self) -> bool:
        """Tell whether it is busy, for one read of SR."""
        if self.is_hung or not self._polls_left:
            return self.is_hung
        self._polls_left -= 1
        if not self._polls_left:
            self.finish()
            return False
        return True

    def pass_time(self, cycles: int) -> None:
        """Let time pass."""
        self._cycles_left -= cycles
        if self._cycles_left <= 0:
            self.finish()

    def finish(self) -> None:
        """Come to the end of what is under way: the bus waits for it."""
        if not self.is_hung:
            self.flags |= self._flags_at_end
            self._polls_left = self._flags_at_end = 0
