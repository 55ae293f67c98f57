"""The part of the private peripheral bus that loaders touch: system control block, SysTick, cycle counter.

Everything is plain storage but for what is named here. Time follows the instructions, some cycles for each, and jumps
where a loader reads a clock: the farther the longer it does nothing but read that clock. So a delay of seconds ends
after a few reads, while a time-out around a register of a device leaves that device time to answer. All devices see
time pass, and it runs the faster the more ticks find the code doing nothing but wait. SysTick's interrupt is the only
one there is, and a debugger masks it (DHCSR.C_MASKINTS) until the loader says otherwise: community loaders write
0xA05F0000 to DHCSR for that.

Registers and bits: Armv7-M Architecture Reference Manual, B3.2 (system control), B3.3 (SysTick), C1.8 (DWT).
"""

from collections.abc import Sequence

from loaderconv.emulator.devices.peripheral import Timed, Window
from loaderconv_schemas.address_range import AddressRange

PRIVATE_PERIPHERAL_BUS = AddressRange(start=0xE000_0000, size_bytes=0x10_0000)

# Offsets from the start of the bus.
DWT_CYCCNT = 0x1004
SYSTICK_CTRL = 0xE010
SYSTICK_LOAD = 0xE014
SYSTICK_VAL = 0xE018
CPUID = 0xED00
VTOR = 0xED08
AIRCR = 0xED0C
SHCSR = 0xED24
CPACR = 0xED88
DHCSR = 0xEDF0

SYSTICK_ENABLE = 1 << 0
SYSTICK_TICKINT = 1 << 1
SYSTICK_VECTOR = 15 * 4
SYSTICK_COUNTFLAG = 1 << 16
AIRCR_WRITE_KEY = 0x05FA
AIRCR_READ_KEY = 0xFA05
AIRCR_SYSRESETREQ = 1 << 2
DHCSR_WRITE_KEY = 0xA05F
DHCSR_C_MASKINTS = 1 << 3
CPACR_CP10_PRIVILEGED = 1 << 20

CLOCKS = (DWT_CYCCNT, SYSTICK_CTRL, SYSTICK_VAL)
CYCLES_PER_INSTRUCTION = 8
"""More than a Cortex-M takes on average, since flash and peripherals of a real chip let it wait; a delay that counts
ticks ends the sooner."""

IDLE_TICKS_PER_DOUBLING = 8
NEVER_INSTRUCTIONS = 1 << 40
FIRST_STEP_CYCLES = 64
LONGEST_STEP_CYCLES = 1 << 20
READS_PER_DOUBLING = 4096
MAX_DOUBLINGS = 14
WORD_MASK = 0xFFFF_FFFF
COUNTER_MASK = 0x00FF_FFFF


class SystemResetRequested(Exception):
    """Raised by the write that sets AIRCR.SYSRESETREQ: on silicon the loader would be gone."""


class SystemControl:
    """The private peripheral bus of one core.

    The cycle counter always runs, since on silicon a debugger may have enabled it (DEMCR.TRCENA); SysTick runs only
    when the loader has enabled it.

    Attributes:
        cycles: how much time has passed, modulo 2**32.
        elapsed_cycles: how much time has passed in the current run, without an end.
        has_tick_pending: SysTick counted through zero, and its interrupt was not taken yet.
        masks_interrupts: C_MASKINTS of DHCSR, which hosts set (docs/formats/stldr.md, How hosts drive it).
        clock_reads: how often a clock was read.
    """

    def __init__(self, cpuid: int, timed: Sequence[Timed] = ()) -> None:
        """Begin at time 0.

        Args:
            cpuid: what CPUID reads.
            timed: devices that see time pass.
        """
        self.cycles = 0
        self.elapsed_cycles = 0
        self.has_tick_pending = False
        self.masks_interrupts = True
        self.clock_reads = 0
        self._clock_reads_before = 0
        self._timed = tuple(timed)
        self._cycles_to_tick = 0
        self._words = {CPUID: cpuid, AIRCR: AIRCR_READ_KEY << 16}
        self._last_clock: int | None = None
        self._last_read: tuple[int, int] | None = None
        self._idle_ticks = 0
        self._step_cycles = FIRST_STEP_CYCLES

    @property
    def violations(self) -> list[str]:
        """Always empty: there is nothing here that a loader could breach."""
        return []

    @property
    def is_fpu_enabled(self) -> bool:
        """Whether CPACR lets privileged code use floating point; off after reset."""
        return bool(self._words.get(CPACR, 0) & CPACR_CP10_PRIVILEGED)

    # Time

    @property
    def is_waiting(self) -> bool:
        """Whether a device is busy for a time."""
        return any(device.is_waiting for device in self._timed)

    @property
    def takes_ticks(self) -> bool:
        """Whether SysTick counts and interrupts."""
        wanted = SYSTICK_ENABLE | SYSTICK_TICKINT
        return not self.masks_interrupts and self._words.get(SYSTICK_CTRL, 0) & wanted == wanted

    @property
    def instructions_to_tick(self) -> int:
        """How many instructions are executed until SysTick interrupts; a huge number where it does not."""
        return self._cycles_to_tick // self._cycles_per_instruction + 1 if self.takes_ticks else NEVER_INSTRUCTIONS

    @property
    def systick_vector(self) -> int:
        """Address of the word that holds the address of SysTick's handler."""
        return (self._words.get(VTOR, 0) & ~0x7F) + SYSTICK_VECTOR

    def let_instructions_pass(self, instructions: int) -> None:
        """Let the time pass that instructions take."""
        self._advance(instructions * self._cycles_per_instruction)

    def begin_run(self) -> None:
        """Begin to count what passes in one run of the core."""
        self.elapsed_cycles = 0
        self._clock_reads_before = self.clock_reads
        self._idle_ticks = 0

    @property
    def _cycles_per_instruction(self) -> int:
        """How fast time runs: the faster, the more ticks came while the code did nothing to devices.

        A delay of seconds that counts ticks, or a time-out around one register that never changes, would last for ever
        here. Whoever transfers data in the meantime has all the time there is.
        """
        return CYCLES_PER_INSTRUCTION << min(self._idle_ticks // IDLE_TICKS_PER_DOUBLING, MAX_DOUBLINGS)

    @property
    def _first_step_cycles(self) -> int:
        """How far time jumps at the first of a row of reads: the farther, the longer a run has looked at clocks.

        A time-out around a device that never answers reads clock and device in turn, and would last for ever here.
        """
        doublings = (self.clock_reads - self._clock_reads_before) // READS_PER_DOUBLING
        return min(FIRST_STEP_CYCLES << min(doublings, MAX_DOUBLINGS), LONGEST_STEP_CYCLES)

    def take_tick(self) -> None:
        """Take the interrupt of SysTick."""
        self.has_tick_pending = False
        self._idle_ticks += 1

    def _advance(self, cycles: int) -> None:
        self.cycles = self.cycles + cycles & WORD_MASK
        self.elapsed_cycles += cycles
        for device in self._timed:
            device.pass_time(cycles)
        if self.takes_ticks:
            self._cycles_to_tick -= cycles
            if self._cycles_to_tick <= 0:
                self.has_tick_pending = True
                self._cycles_to_tick = self._systick_period_cycles

    # Windows

    def windows(self) -> tuple[Window, ...]:
        """Return the one range, the whole private peripheral bus."""
        return (Window("private peripheral bus", PRIVATE_PERIPHERAL_BUS, self._read, self._write),)

    def noticing(self, window: Window) -> Window:
        """Return the window of a device such that accesses to it tell whether code only looks at clocks, or waits."""
        start = window.range.start

        def read(offset: int, size_bytes: int) -> int:
            self._last_clock = None
            value = window.read(offset, size_bytes)
            seen = start + offset, value
            if seen != self._last_read:
                self._last_read = seen
                self._idle_ticks = 0
            return value

        def write(offset: int, size_bytes: int, value: int) -> None:
            self._last_clock = None
            self._last_read = None
            self._idle_ticks = 0
            window.write(offset, size_bytes, value)

        return Window(window.name, window.range, read, write)

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        self._let_time_pass(register)
        return self._value(register) >> _shift(offset) & _mask(size_bytes)

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register = offset & ~3
        self._last_clock = None
        lane = _mask(size_bytes) << _shift(offset)
        word = self._words.get(register, 0) & ~lane | value << _shift(offset) & lane
        if register == CPUID:
            return
        if register == AIRCR:
            self._write_aircr(word)
        elif register == DWT_CYCCNT:
            self.cycles = word
        elif register == DHCSR:
            if word >> 16 == DHCSR_WRITE_KEY:
                self.masks_interrupts = bool(word & DHCSR_C_MASKINTS)
        else:
            self._words[register] = word
            if register in (SYSTICK_CTRL, SYSTICK_LOAD, SYSTICK_VAL):
                self._cycles_to_tick = self._systick_period_cycles
                self.has_tick_pending = self.has_tick_pending and self.takes_ticks

    def _write_aircr(self, word: int) -> None:
        if word >> 16 != AIRCR_WRITE_KEY:
            return
        if word & AIRCR_SYSRESETREQ:
            raise SystemResetRequested
        self._words[AIRCR] = AIRCR_READ_KEY << 16 | word & 0xFFFF

    def _value(self, register: int) -> int:
        if register == DWT_CYCCNT:
            return self.cycles
        if register == SYSTICK_VAL and self._is_systick_enabled:
            return self._systick_period_cycles - 1 - self.cycles % self._systick_period_cycles
        if register == SYSTICK_CTRL and self._is_systick_enabled:
            return self._words[SYSTICK_CTRL] | SYSTICK_COUNTFLAG
        return self._words.get(register, 0)

    @property
    def _is_systick_enabled(self) -> bool:
        return bool(self._words.get(SYSTICK_CTRL, 0) & SYSTICK_ENABLE)

    @property
    def _systick_period_cycles(self) -> int:
        return (self._words.get(SYSTICK_LOAD, 0) & COUNTER_MASK) + 1

    def _let_time_pass(self, register: int) -> None:
        """Advance at the read of a clock: a little, or twice as much as for the read before if that was of the same."""
        if register not in CLOCKS:
            self._last_clock = None
            return
        self.clock_reads += 1
        again = register == self._last_clock
        self._step_cycles = min(2 * self._step_cycles, LONGEST_STEP_CYCLES) if again else self._first_step_cycles
        self._last_clock = register
        # COUNTFLAG says that the counter went through zero since it was read last, so let it.
        least_cycles = self._systick_period_cycles if register == SYSTICK_CTRL else 0
        step_cycles = max(self._step_cycles, least_cycles)
        self._advance(step_cycles)


def _shift(offset: int) -> int:
    return 8 * (offset & 3)


def _mask(size_bytes: int) -> int:
    return (1 << 8 * size_bytes) - 1
