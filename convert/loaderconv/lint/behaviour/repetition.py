"""Proves that a loader polls a device for ever, long before a budget of instructions ends it.

Where registers, RAM and the values that devices answer come back as they were, again and again, no clock is read and
none interrupts, nothing will ever change. A loop with a time-out differs: it counts, in a register or in RAM, or reads
a clock. One that reads a clock for minutes of the emulated time does not give up either.
"""

from dataclasses import dataclass
from functools import partial

from loaderconv.emulator.access import Access
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.snapshots import Snapshot
from loaderconv.hosts.core import Register
from loaderconv.simulation.rig import Rig
from loaderconv_schemas.errors import RunFailed

FIRST_LOOK_ACCESSES = 1024
"""So many accesses are nothing unusual; only then a state is remembered, and again at each power of two."""

ENOUGH_REPETITIONS = 500
"""A device that answers the same so often in the same state counts as one that always will."""

ENDLESS_CYCLES = 1 << 33
"""Nine minutes at the 16 MHz of many a clock after reset, 18 s at 480 MHz: longer than any time-out of a loader."""

_REGISTERS = (*(Register(f"r{number}") for number in range(13)), Register.SP, Register.LR)


class PollsForEver(RunFailed):
    """Raised in the middle of a run whose end would never come.

    Attributes:
        routine: symbol of the routine that runs; None where none was begun.
        access: the one that repeats.
    """

    def __init__(self, routine: str | None, access: Access) -> None:
        super().__init__(
            f"{routine or 'The loader'} polls 0x{access.address:08x} for ever at 0x{access.pc or 0:08x}.",
            hint="Nothing that it looks at changes any more.",
        )
        self.routine = routine
        self.access = access


class Counts(RunFailed):
    """Raised in the middle of a run that polls a device and counts how often, so that it ends some time."""

    def __init__(self, access: Access) -> None:
        super().__init__(f"Polls of 0x{access.address:08x} are counted.", hint="Give it more time.")


@dataclass
class _Remembered:
    """A state of core and memory.

    Attributes:
        access: during which it was.
        registers: their values.
        ram: all of it.
        clock_reads: how often a clock had been read.
        repetitions: how often it came back.
    """

    access: Access
    registers: list[int]
    ram: Snapshot
    clock_reads: int
    repetitions: int = 0


class RepetitionWatch:
    """Looks at each access of a loader to a device (Brent's search for cycles)."""

    def __init__(self, patience_accesses: int | None = None) -> None:
        """Look at nothing yet.

        Args:
            patience_accesses: after so many in one call, a power of two, a run of which no state came back and that
                read no clock is ended; None: it goes on.
        """
        self._patience_accesses = patience_accesses
        self._core: UnicornCore | None = None
        self._routine: str | None = None
        self._accesses = 0
        self._next_look = FIRST_LOOK_ACCESSES
        self._clock_reads = 0
        self._remembered: _Remembered | None = None

    def watch(self, rig: Rig) -> None:
        """Begin."""
        self._core = rig.core
        for entry in rig.subject.loader.entry_points:
            rig.core.observe(entry.address + rig.host.moved_by, partial(self._begin, entry.symbol))

    def _begin(self, routine: str) -> None:
        """Begin anew: another call of a routine is no repetition."""
        self._routine = routine
        self._accesses = 0
        self._next_look = FIRST_LOOK_ACCESSES
        self._remembered = None

    def __call__(self, access: Access) -> None:
        """Take the next access.

        Raises:
            PollsForEver: what happens now will happen for ever.
            Counts: it will not, but may go on for long.
        """
        self._accesses += 1
        core, remembered = self._core, self._remembered
        if core is None:
            return
        if core.system_control.elapsed_cycles > ENDLESS_CYCLES:
            raise PollsForEver(self._routine, access.settled())
        if remembered is not None and access == remembered.access:
            self._compare(core, remembered)
        if self._accesses == self._next_look:
            self._look(core, access)

    def _look(self, core: UnicornCore, access: Access) -> None:
        """Remember the state of now."""
        clock = core.system_control
        has_clock = clock.takes_ticks or clock.clock_reads != self._clock_reads
        has_repeated = self._remembered is not None and self._remembered.repetitions
        if self._accesses == self._patience_accesses and not has_clock and not has_repeated:
            raise Counts(access)
        self._next_look *= 2
        self._clock_reads = clock.clock_reads
        self._remembered = _Remembered(access.settled(), _registers(core), core.snapshot(), clock.clock_reads)

    def _compare(self, core: UnicornCore, remembered: _Remembered) -> None:
        if (
            core.system_control.takes_ticks
            or core.system_control.clock_reads != remembered.clock_reads
            or _registers(core) != remembered.registers
        ):
            self._remembered = None
            return
        remembered.repetitions += 1
        if remembered.repetitions == ENOUGH_REPETITIONS:
            if not core.changed_ranges(remembered.ram):
                raise PollsForEver(self._routine, remembered.access)
            self._remembered = None


def _registers(core: UnicornCore) -> list[int]:
    return [core.read_register(each) for each in _REGISTERS]
