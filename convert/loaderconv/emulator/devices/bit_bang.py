"""SPI made of GPIO pins by software: finds out which pin is what, and lets the memory answer.

Chip select, clock and data are wired on a board that nobody describes here. They show in how they move: the chip select
falls and stays low, then one pin rises eight times, which is the clock, and the other pin that moves carries the data.
What the memory answers is put on every input: the loader looks at the right one.

Data are taken at the rising edge of the clock and change at the falling one (SPI modes 0 and 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from loaderconv.emulator.devices.gpio import GpioPort
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE, SpiMemory

BITS_PER_BYTE = 8
REMEMBERED_MOVES = 256


class LookAheadMemory(SpiMemory, Protocol):
    """A memory that can tell what it sends before it knows what it receives with the same clocks."""

    def next_byte(self) -> int:
        """Return what goes out with the next byte."""


@dataclass(frozen=True)
class Pin:
    """A pin by its port's letter and its number."""

    port: str
    number: int


@dataclass(frozen=True)
class Move:
    """A change of a level."""

    pin: Pin
    level: int


@dataclass(frozen=True)
class Wiring:
    """Which pin is what."""

    select: Pin
    clock: Pin
    data: Pin


class BitBang:
    """A memory at GPIO pins."""

    def __init__(self, memory: LookAheadMemory, ports: Mapping[str, GpioPort]) -> None:
        self._memory = memory
        self._ports = ports
        self._moves: list[Move] = []
        self._levels: dict[Pin, int] = {}
        self._wiring: Wiring | None = None
        self._clocks = 0
        self._incoming = 0
        self._answers: dict[int, int] = {}

    def set_level(self, port: str, number: int, level: int) -> None:
        """See an output change."""
        move = Move(Pin(port, number), level)
        self._levels[move.pin] = level
        if self._wiring is None:
            self._moves = [*self._moves[-REMEMBERED_MOVES:], move]
            self._identify(move)
        else:
            self._follow(self._wiring, move)

    def put_answer(self) -> None:
        """Put the bit that the memory sends now on all inputs; to be called when a loader looks at a port."""
        if self._wiring is None:
            return
        bits = self._clocks - self._levels.get(self._wiring.clock, 0)
        level = 1
        if bits >= 0 and not self._levels.get(self._wiring.select, 1):
            number, bit = divmod(bits, BITS_PER_BYTE)
            if number not in self._answers:
                self._answers[number] = self._memory.next_byte()
            level = self._answers[number] >> BITS_PER_BYTE - 1 - bit & 1
        for port in self._ports.values():
            port.pull_all(level)

    def _follow(self, wiring: Wiring, move: Move) -> None:
        if move.pin == wiring.select:
            self._clocks = 0
            self._answers.clear()
            if move.level:
                self._memory.deselect()
            else:
                self._memory.select()
        elif move.pin == wiring.clock and move.level and not self._levels.get(wiring.select, 1):
            self._take(self._levels.get(wiring.data, 1))

    def _take(self, bit: int) -> None:
        self._clocks += 1
        self._incoming = self._incoming << 1 & IDLE_BYTE | bit
        if not self._clocks % BITS_PER_BYTE:
            answer = self._memory.exchange(self._incoming)
            self._answers = {self._clocks // BITS_PER_BYTE - 1: answer}

    def _identify(self, move: Move) -> None:
        """Look for the wiring at a rising edge that may be the last one of the first byte."""
        if not move.level:
            return
        for start in reversed(range(len(self._moves))):
            select = self._moves[start].pin
            later = self._moves[start + 1 :]
            if self._moves[start].level or select == move.pin or any(each.pin == select for each in later):
                continue
            rises = sum(each == move for each in later)
            others = {each.pin for each in later if each.pin != move.pin}
            if rises == BITS_PER_BYTE and len(others) == 1:
                self._wiring = Wiring(select, move.pin, others.pop())
                self._replay(self._wiring, later)
                return

    def _replay(self, wiring: Wiring, moves: list[Move]) -> None:
        """Take the first byte, whose bits went by before anybody knew."""
        first = next(each for each in moves if each.pin == wiring.data)
        level = 1 - first.level
        self._memory.select()
        for move in moves:
            if move.pin == wiring.data:
                level = move.level
            elif move.pin == wiring.clock and move.level:
                self._take(level)
        self._moves.clear()
