"""The part of the private peripheral bus that loaders touch: system control block, SysTick, cycle counter.

Everything is plain storage but for what is named here. Time does not follow the instructions: each read of a clock lets
it pass, and the more of it the longer the loader does nothing but read that clock. So a delay of seconds ends after a
few reads, while a time-out around a register of a device leaves that device time to answer. No exception is ever taken.

Registers and bits: Armv7-M Architecture Reference Manual, B3.2 (system control), B3.3 (SysTick), C1.8 (DWT).
"""

from loaderconv.emulator.devices.peripheral import Window
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

SYSTICK_ENABLE = 1 << 0
SYSTICK_COUNTFLAG = 1 << 16
AIRCR_WRITE_KEY = 0x05FA
AIRCR_READ_KEY = 0xFA05
AIRCR_SYSRESETREQ = 1 << 2
CPACR_CP10_PRIVILEGED = 1 << 20

CLOCKS = (DWT_CYCCNT, SYSTICK_CTRL, SYSTICK_VAL)
FIRST_STEP_CYCLES = 64
LONGEST_STEP_CYCLES = 1 << 20
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
    """

    def __init__(self, cpuid: int) -> None:
        self.cycles = 0
        self._words = {CPUID: cpuid, AIRCR: AIRCR_READ_KEY << 16}
        self._last_clock: int | None = None
        self._step_cycles = FIRST_STEP_CYCLES

    @property
    def violations(self) -> list[str]:
        """Always empty: there is nothing here that a loader could breach."""
        return []

    @property
    def is_fpu_enabled(self) -> bool:
        """Whether CPACR lets privileged code use floating point; off after reset."""
        return bool(self._words.get(CPACR, 0) & CPACR_CP10_PRIVILEGED)

    def windows(self) -> tuple[Window, ...]:
        """Return the one range, the whole private peripheral bus."""
        return (Window("private peripheral bus", PRIVATE_PERIPHERAL_BUS, self._read, self._write),)

    def noticing(self, window: Window) -> Window:
        """Return the window of a device such that an access to it ends a row of reads of a clock."""

        def read(offset: int, size_bytes: int) -> int:
            self._last_clock = None
            return window.read(offset, size_bytes)

        def write(offset: int, size_bytes: int, value: int) -> None:
            self._last_clock = None
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
        else:
            self._words[register] = word

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
        again = register == self._last_clock
        self._step_cycles = min(2 * self._step_cycles, LONGEST_STEP_CYCLES) if again else FIRST_STEP_CYCLES
        self._last_clock = register
        # COUNTFLAG says that the counter went through zero since it was read last, so let it.
        step_cycles = self._systick_period_cycles if register == SYSTICK_CTRL else self._step_cycles
        self.cycles = self.cycles + step_cycles & WORD_MASK


def _shift(offset: int) -> int:
    return 8 * (offset & 3)


def _mask(size_bytes: int) -> int:
    return (1 << 8 * size_bytes) - 1
