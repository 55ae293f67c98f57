"""What a parallel NOR memory answers while an operation is under way.

Source: datasheets S29GL-P and M29W128G, chapters "Write operation status" and "Status register": DQ7 data polling, DQ6
and DQ2 toggle bits, DQ5 time-out, DQ3 end of the window for more sectors, DQ1 aborted write buffer.
"""

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES, BusyPeriod

PROGRAM_POLLS = 3
ERASE_POLLS = 7
WINDOW_POLLS = 2
WINDOW_CYCLES = 5_000
"""Core cycles for which more sectors are taken, a stand-in for 50 us."""

DQ7 = 1 << 7
DQ5_FAILED = 1 << 5
DQ3_WINDOW_OVER = 1 << 3
DQ1_ABORTED = 1 << 1
DQ6, DQ2 = 6, 2


class OperationStatus:
    """The operation under way, if there is one.

    Attributes:
        operation: which one.
        has_failed: it exceeded its time, and nothing but a reset command ends it.
        is_aborted: the write buffer was filled against the rules; its own reset sequence alone ends that.
    """

    def __init__(self) -> None:
        self.operation = FlashOperation.ERASE
        self.has_failed = False
        self.is_aborted = False
        self._busy = BusyPeriod()
        self._will_fail = False
        self._inverted_dq7 = 0
        self._toggles = {DQ6: 0, DQ2: 0}
        self._window_polls = self._window_cycles = 0

    def __bool__(self) -> bool:
        """Whether reads give status, and commands are not taken."""
        return bool(self._busy) or self.has_failed or self.is_aborted

    @property
    def is_window_open(self) -> bool:
        """Whether further sectors join the erase that was begun."""
        return bool(self._busy) and self._window_polls > 0

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way that ends."""
        return bool(self._busy) and not self._busy.is_hanging

    def begin_program(self, last_byte: int) -> None:
        """Start to program; `last_byte` has DQ7 of what was loaded last."""
        self.operation = FlashOperation.PROGRAM
        self._inverted_dq7 = ~last_byte & DQ7
        self._window_polls = 0
        self._busy.begin(PROGRAM_POLLS)

    def begin_erase(self, *, has_window: bool, polls: int = ERASE_POLLS, cycles: int = BUSY_CYCLES) -> None:
        """Start to erase, at once or after a window in which more sectors may be named."""
        self.operation = FlashOperation.ERASE
        self._window_polls, self._window_cycles = (WINDOW_POLLS, WINDOW_CYCLES) if has_window else (0, 0)
        self._busy.begin(polls + self._window_polls, cycles + self._window_cycles)

    def fail(self) -> None:
        """Let the operation that was begun exceed its time."""
        self._will_fail = True

    def hang(self) -> None:
        """Let the operation that was begun never end."""
        self._busy.is_hanging = True

    def abort(self, last_byte: int) -> None:
        """Have an aborted write buffer."""
        self.operation = FlashOperation.PROGRAM
        self._inverted_dq7 = ~last_byte & DQ7
        self.is_aborted = True

    def end(self) -> None:
        """Be ready, as after the reset command that a failure waits for."""
        self.has_failed = self.is_aborted = self._will_fail = False
        self._busy.end()

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._window_cycles -= cycles
        if self._window_cycles <= 0:
            self._window_polls = 0
        self._busy.pass_time(cycles)
        self._see_end()

    def poll(self) -> None:
        """See status or ready pin being read."""
        self._window_polls = max(0, self._window_polls - 1)
        self._busy.poll()
        self._see_end()

    def read(self, *, is_erased_sector: bool) -> int:
        """Return the status byte; DQ2 toggles where a sector is read that is being erased."""
        value = self._toggled(DQ6)
        if self.operation is FlashOperation.PROGRAM:
            value |= self._inverted_dq7
        else:
            value |= 0 if self.is_window_open else DQ3_WINDOW_OVER
            value |= self._toggled(DQ2) if is_erased_sector else 0
        value |= DQ5_FAILED if self.has_failed else 0
        value |= DQ1_ABORTED if self.is_aborted else 0
        self.poll()
        return value

    def _toggled(self, bit: int) -> int:
        self._toggles[bit] ^= 1 << bit
        return self._toggles[bit]

    def _see_end(self) -> None:
        if self._will_fail and not self._busy:
            self._will_fail, self.has_failed = False, True
