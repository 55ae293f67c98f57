"""The last resort: registers that nothing models.

They read as they were written. A loop that polls one of them would never end; so once a register has been read many
times with no other access to this block in between, it gives other answers: all bits inverted, all ones, all zeros,
then one bit flipped after the other. Both `while (!(REG & bit))` and `while (REG & bit)` end so. A loop may look at
control registers in between, so a register that was never written gives way as well when it was read many times since
the last write. Each such answer is a guess and counted: a machine that needed none knows more than one that did.
"""

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

POLLS_BEFORE_GUESS = 8
SCATTERED_POLLS_BEFORE_GUESS = 32
POLLS_PER_GUESS = 2
WORD_MASK = 0xFFFF_FFFF


class AutoReady:
    """Plain registers over any ranges.

    Attributes:
        guesses: by address, how often a guessed value was given.
        violations: always empty.
    """

    def __init__(self, ranges: tuple[AddressRange, ...]) -> None:
        self.guesses: dict[int, int] = {}
        self.violations: list[str] = []
        self._ranges = ranges
        self._words: dict[int, int] = {}
        self._polled: int | None = None
        self._polls = 0
        self._scattered_polls: dict[int, int] = {}

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges."""
        return tuple(self._window(each) for each in self._ranges)

    def reset(self) -> None:
        """Forget what was written."""
        self._words.clear()
        self._scattered_polls.clear()
        self._polled = None

    def _window(self, covered: AddressRange) -> Window:
        def read(offset: int, size_bytes: int) -> int:
            return self._read(covered.start + offset, size_bytes)

        def write(offset: int, size_bytes: int, value: int) -> None:
            self._write(covered.start + offset, size_bytes, value)

        return Window("registers that nothing models", covered, read, write)

    def _read(self, address: int, size_bytes: int) -> int:
        register = address & ~3
        value = self._words.get(register, 0)
        excess = self._excess_polls(register)
        if excess > 0:
            value = _guess(value, (excess - 1) // POLLS_PER_GUESS)
            self.guesses[register] = self.guesses.get(register, 0) + 1
        return value >> 8 * (address & 3) & (1 << 8 * size_bytes) - 1

    def _excess_polls(self, register: int) -> int:
        """Count a read; return how many there were beyond those that a loop may need."""
        if register == self._polled:
            self._polls += 1
        else:
            self._polled, self._polls = register, 1
        if register in self._words:
            return self._polls - POLLS_BEFORE_GUESS
        self._scattered_polls[register] = scattered = self._scattered_polls.get(register, 0) + 1
        return max(self._polls - POLLS_BEFORE_GUESS, scattered - SCATTERED_POLLS_BEFORE_GUESS)

    def _write(self, address: int, size_bytes: int, value: int) -> None:
        self._polled = None
        self._scattered_polls.clear()
        register = address & ~3
        shift = 8 * (address & 3)
        lane = (1 << 8 * size_bytes) - 1 << shift
        self._words[register] = self._words.get(register, 0) & ~lane | value << shift & lane


def _guess(value: int, number: int) -> int:
    guesses = (value ^ WORD_MASK, WORD_MASK, 0, *(value ^ 1 << bit for bit in range(32)))
    return guesses[number % len(guesses)]
