"""I2C made of two GPIO pins by software: finds out which pin is what, and lets the chip answer.

Of all pairs of pins that move, the bus is the one on which a start condition and eight bits are an address of the chip.
"""

from collections.abc import Mapping
from itertools import permutations

from loaderconv.emulator.devices.gpio import GpioPort
from loaderconv.emulator.devices.i2c_chip import I2cChip
from loaderconv.emulator.devices.i2c_eeprom import CHIP_CODE

BITS_PER_BYTE = 8
Pin = tuple[str, int]


class _Listener:
    """Bits on one pair of pins since the last start condition; None before one."""

    def __init__(self) -> None:
        self.bits: list[int] | None = None


class I2cBitBang:
    """A chip at GPIO pins. Levels are what the loader puts on the pins; what the chip pulls down comes on top."""

    def __init__(self, chip: I2cChip, ports: Mapping[str, GpioPort]) -> None:
        self._chip = chip
        self._ports = ports
        self._levels: dict[Pin, int] = {}
        self._listeners: dict[tuple[Pin, Pin], _Listener] = {}
        self._wiring: tuple[Pin, Pin] | None = None
        self._clocks = 0
        self._incoming = 0
        self._outgoing: int | None = None
        self._is_addressed = self._is_first = False

    def set_level(self, port: str, number: int, level: int) -> None:
        """See what the loader puts on a pin change."""
        pin = (port, number)
        if pin not in self._levels:
            self._meet(pin)
        self._levels[pin] = level
        if self._wiring is None:
            self._listen(pin, level)
        elif pin == self._wiring[1]:
            self._data_moved(level)
        elif pin == self._wiring[0]:
            self._clock_moved(level)

    # Before the pins are known

    def _meet(self, clock: Pin) -> None:
        """See a pin move for the first time: it was high so far, so a fall of another one was a start condition."""
        for data, level in self._levels.items():
            listener = self._listeners.setdefault((clock, data), _Listener())
            listener.bits = None if level else []

    def _listen(self, pin: Pin, level: int) -> None:
        for clock, data in permutations(self._levels, 2):
            listener = self._listeners.setdefault((clock, data), _Listener())
            if pin == data and self._levels[clock]:
                listener.bits = None if level else []
            elif pin == clock and level and listener.bits is not None:
                listener.bits.append(self._levels[data])
                if len(listener.bits) == BITS_PER_BYTE and _is_chip_address(listener.bits):
                    self._found(clock, data, listener.bits)
                    return

    def _found(self, clock: Pin, data: Pin, bits: list[int]) -> None:
        self._wiring = (clock, data)
        self._begin()
        for bit in bits:
            self._take(bit)

    # Afterwards

    def _begin(self) -> None:
        self._clocks = self._incoming = 0
        self._outgoing = None
        self._is_addressed = self._is_first = True
        self._pull(1)

    def _data_moved(self, level: int) -> None:
        clock, _data = self._wiring or (None, None)
        if clock is None or not self._levels.get(clock, 1):
            return
        if not level:
            self._begin()
        elif self._is_addressed:
            self._is_addressed = False
            self._pull(1)
            self._chip.stop()

    def _clock_moved(self, level: int) -> None:
        if not self._is_addressed or self._wiring is None:
            return
        if level:
            self._take(self._levels.get(self._wiring[1], 1))
        else:
            self._answer()

    def _take(self, bit: int) -> None:
        """See a rising edge of the clock: eight bits, and the acknowledge."""
        self._clocks += 1
        if self._clocks <= BITS_PER_BYTE:
            self._incoming = self._incoming << 1 & 0xFF | bit
        elif self._outgoing is not None and bit:
            self._is_addressed = False

    def _answer(self) -> None:
        """See a falling edge: what the chip puts on the line until the next one."""
        if self._clocks == BITS_PER_BYTE and self._outgoing is None:
            self._pull(0 if self._accept() else 1)
        elif self._clocks == BITS_PER_BYTE:
            self._pull(1)
        elif self._clocks > BITS_PER_BYTE:
            self._next_byte()
        elif self._outgoing is not None:
            self._pull(self._outgoing >> BITS_PER_BYTE - 1 - self._clocks & 1)

    def _accept(self) -> bool:
        accepted = self._chip.start(self._incoming) if self._is_first else self._chip.write(self._incoming)
        self._is_addressed = accepted
        return accepted

    def _next_byte(self) -> None:
        reads = self._outgoing is not None or (self._is_first and self._incoming & 1)
        self._is_first = False
        self._clocks = 0
        self._outgoing = self._chip.read() if reads else None
        self._pull(1 if self._outgoing is None else self._outgoing >> BITS_PER_BYTE - 1 & 1)

    def _pull(self, level: int) -> None:
        if self._wiring is not None:
            port, number = self._wiring[1]
            self._ports[port].pull(number, level)


def _is_chip_address(bits: list[int]) -> bool:
    return int("".join(map(str, bits)), 2) >> 4 == CHIP_CODE
