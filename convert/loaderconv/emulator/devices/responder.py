"""Answers for registers of which nothing is known, alike for everybody who asks alike.

Two loaders that do the same to a chip ask the same questions in the same order, so they get the same answers, if the
answers depend on nothing else. Here they depend on the accesses since a routine of the loader began: a register reads
as it was written since then, else 0. A poll of one register, with no other access in between, gets one bit flipped
after the other, later other patterns, until the loop has what it waits for; each such answer is counted as a guess.

The device's own memory is readable and holds what was written to it, else the erased value. That stays.
"""

from dataclasses import dataclass

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.sparse_bytes import SparseBytes
from loaderconv_schemas.address_range import AddressRange

POLLS_BEFORE_GUESS = 8
POLLS_PER_GUESS = 2
"""Twice, because what ended a loop is often read once more, to see whether there was an error."""

WORD_BYTES = 4
WORD_BITS = 32
WORD_MASK = 0xFFFF_FFFF


@dataclass(frozen=True)
class MemoryPart:
    """Where a part of the device's memory answers; several places may show the same.

    Attributes:
        place: the addresses.
        offset: of the first of them in the memory.
    """

    place: AddressRange
    offset: int


class Responder:
    """Registers over any ranges, and a device's memory.

    Attributes:
        guesses: by address, how often a guessed value was given.
        violations: always empty.
    """

    def __init__(
        self, registers: tuple[AddressRange, ...], memory: tuple[MemoryPart, ...], *, erased_byte: int
    ) -> None:
        """Build it.

        Args:
            registers: ranges that read as they were written.
            memory: where the device's memory answers.
            erased_byte: what its memory holds at first.
        """
        self.guesses: dict[int, int] = {}
        self.violations: list[str] = []
        self._registers = registers
        self._memory = memory
        size_bytes = max((part.offset + part.place.size_bytes for part in memory), default=0)
        self._held = SparseBytes(size_bytes, erased_byte)
        self._words: dict[int, int] = {}
        self._polled: int | None = None
        self._polls = 0

    def begin_call(self) -> None:
        """Forget what was written to registers: a routine of the loader begins."""
        self._words.clear()
        self._polled = None

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges."""
        registers = (self._register_window(each) for each in self._registers)
        return (*registers, *(self._memory_window(each) for each in self._memory))

    def _register_window(self, covered: AddressRange) -> Window:
        def read(offset: int, size_bytes: int) -> int:
            return self._read(covered.start + offset, size_bytes)

        def write(offset: int, size_bytes: int, value: int) -> None:
            self._write(covered.start + offset, size_bytes, value)

        return Window("registers that nothing models", covered, read, write)

    def _memory_window(self, part: MemoryPart) -> Window:
        def read(offset: int, size_bytes: int) -> int:
            self._polled = None
            return int.from_bytes(self._held.read(part.offset + offset, size_bytes), "little")

        def write(offset: int, size_bytes: int, value: int) -> None:
            self._polled = None
            self._held.write(part.offset + offset, value.to_bytes(size_bytes, "little"))

        return Window("memory that nothing models", part.place, read, write)

    def _read(self, address: int, size_bytes: int) -> int:
        register = address & -WORD_BYTES
        self._polls = self._polls + 1 if address == self._polled else 1
        self._polled = address
        value = self._words.get(register, 0)
        if self._polls > POLLS_BEFORE_GUESS:
            value = _guess(value, (self._polls - POLLS_BEFORE_GUESS - 1) // POLLS_PER_GUESS)
            self.guesses[register] = self.guesses.get(register, 0) + 1
        return value >> 8 * (address - register) & (1 << 8 * size_bytes) - 1

    def _write(self, address: int, size_bytes: int, value: int) -> None:
        self._polled = None
        register = address & -WORD_BYTES
        shift = 8 * (address - register)
        lane = (1 << 8 * size_bytes) - 1 << shift
        self._words[register] = self._words.get(register, 0) & ~lane | value << shift & lane


def _guess(value: int, number: int) -> int:
    guesses = (*(value ^ 1 << bit for bit in range(WORD_BITS)), value ^ WORD_MASK, WORD_MASK, 0)
    return guesses[number % len(guesses)]
