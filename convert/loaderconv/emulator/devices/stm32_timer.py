"""General purpose and basic timers of STM32 (RM0433 chapters 41 to 43), as far as loaders wait with them.

Time passes for a timer when the loader looks at it: a little at the first look, and twice as much at each further one
in a row, so that long waits end soon. Nothing but counting up is modelled.
"""

from collections.abc import Callable

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

CR1, SR, EGR, CNT, PSC, ARR = 0x00, 0x10, 0x14, 0x24, 0x28, 0x2C
CR1_CEN, CR1_OPM = 1 << 0, 1 << 3
UPDATE = 1
WORD_MASK = 0xFFFF_FFFF
LONGEST_STEP = 1 << 16
BASES = {
    "TIM2": 0x4000_0000,
    "TIM3": 0x4000_0400,
    "TIM4": 0x4000_0800,
    "TIM5": 0x4000_0C00,
    "TIM6": 0x4000_1000,
    "TIM7": 0x4000_1400,
}
"""The same on every family that has them."""


class Stm32Timer:
    """One timer.

    Attributes:
        violations: always empty.
        on_wait: called with the core cycles by which time was moved on, for others that wait.
    """

    def __init__(self, name: str, base: int) -> None:
        self.violations: list[str] = []
        self.on_wait: Callable[[int], None] = lambda _cycles: None
        self._name = name
        self._base = base
        self.reset()

    def windows(self) -> tuple[Window, ...]:
        """Return the registers."""
        covered = AddressRange(start=self._base, size_bytes=0x400)
        return (Window(self._name, covered, self._read, self._write),)

    def reset(self) -> None:
        """Be as after reset."""
        self._words = {ARR: WORD_MASK}
        self._step = 1

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        if register in (CNT, SR):
            self._count()
        return self._words.get(register, 0) >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register, shift = offset & ~3, 8 * (offset & 3)
        lane = (1 << 8 * size_bytes) - 1 << shift
        old = self._words.get(register, 0)
        word = old & ~lane | value << shift & lane
        self._step = 1
        if register == SR:
            self._words[SR] = old & word
        elif register == EGR:
            if word & UPDATE:
                self._words[CNT] = 0
                self._words[SR] = self._words.get(SR, 0) | UPDATE
        else:
            self._words[register] = word

    def _count(self) -> None:
        if not self._words.get(CR1, 0) & CR1_CEN:
            return
        count = self._words.get(CNT, 0) + self._step
        self.on_wait(self._step * (self._words.get(PSC, 0) + 1))
        self._step = min(2 * self._step, LONGEST_STEP)
        period = self._words[ARR] + 1
        self._words[CNT] = count % period
        if count >= period:
            self._words[SR] = self._words.get(SR, 0) | UPDATE
            if self._words[CR1] & CR1_OPM:
                self._words[CR1] &= ~CR1_CEN
