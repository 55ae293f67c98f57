"""GPIO ports of STM32: outputs that drive lines, and lines that read back.

Two layouts: STM32F1 (RM0008 chapter 9) and all others (for instance RM0090 chapter 8, RM0433 chapter 11).
"""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

PORT_SIZE_BYTES = 0x400
PIN_COUNT = 16
PINS_MASK = 0xFFFF
HALF_WORD_BITS = 16


@dataclass(frozen=True)
class PortLayout:
    """Offsets of the registers that matter.

    Attributes:
        input_data: IDR.
        output_data: ODR.
        set_reset: BSRR.
        reset: BRR, where there is one; nothing else is there on families without.
    """

    input_data: int
    output_data: int
    set_reset: int
    reset: int


F1_PORT = PortLayout(input_data=0x08, output_data=0x0C, set_reset=0x10, reset=0x14)
PORT = PortLayout(input_data=0x10, output_data=0x14, set_reset=0x18, reset=0x28)


class GpioPort:
    """One port. A pin that nothing drives has the level 1, as with a pull-up.

    Attributes:
        letter: which one.
        violations: always empty.
        on_level: called with pin and level for each pin whose level the loader changes.
        before_input: called when a loader is about to read the levels.
    """

    def __init__(self, letter: str, base: int, layout: PortLayout) -> None:
        self.letter = letter
        self.violations: list[str] = []
        self.on_level: Callable[[int, int], None] = lambda _pin, _level: None
        self.before_input: Callable[[], None] = lambda: None
        self._base = base
        self._layout = layout
        self._words: dict[int, int] = {}
        self._outputs = 0
        self._inputs = PINS_MASK
        self._levels = self._shown = PINS_MASK

    def pull(self, pin: int, level: int) -> None:
        """Put a level on a pin from outside; it shows while the pin is no output, or an open one that is high."""
        self._inputs = self._inputs & ~(1 << pin) | level << pin
        self._show_inputs()

    def pull_all(self, level: int) -> None:
        """Put a level on all pins from outside; it shows on those that are no outputs."""
        self._inputs = PINS_MASK if level else 0
        self._show_inputs()

    def windows(self) -> tuple[Window, ...]:
        """Return the port's registers."""
        covered = AddressRange(start=self._base, size_bytes=PORT_SIZE_BYTES)
        return (Window(f"GPIO{self.letter}", covered, self._read, self._write),)

    def reset(self) -> None:
        """Forget all settings: every pin is an input."""
        self._words.clear()
        self._outputs = 0
        self._update()

    def _read(self, offset: int, size_bytes: int) -> int:
        return self._word(offset & ~3) >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _word(self, register: int) -> int:
        if register == self._layout.input_data:
            self.before_input()
            return self._shown
        if register == self._layout.output_data:
            return self._outputs
        return self._words.get(register, 0)

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register, shift = offset & ~3, 8 * (offset & 3)
        value <<= shift
        if register == self._layout.set_reset:
            self._outputs = self._outputs & ~(value >> HALF_WORD_BITS) | value & PINS_MASK
        elif register == self._layout.reset:
            self._outputs &= ~value
        else:
            lane = (1 << 8 * size_bytes) - 1 << shift
            if register == self._layout.output_data:
                self._outputs = self._outputs & ~lane | value & PINS_MASK
            elif register != self._layout.input_data:
                self._words[register] = self._words.get(register, 0) & ~lane | value & lane
        self._update()

    def _update(self) -> None:
        driven = self._driven_pins()
        before, self._levels = self._levels, self._outputs & driven | ~driven & PINS_MASK
        self._shown = self._outputs & driven | self._inputs & ~driven
        changed = before ^ self._levels
        while changed:
            pin = (changed & -changed).bit_length() - 1
            self.on_level(pin, self._levels >> pin & 1)
            changed &= changed - 1

    def _show_inputs(self) -> None:
        driven = self._driven_pins()
        self._shown = self._outputs & driven | self._inputs & ~driven

    def _driven_pins(self) -> int:
        """Return the pins on which the port puts a level of its own: outputs, save open ones that are high."""
        if self._layout is F1_PORT:
            modes = self._words.get(0x04, 0) << 32 | self._words.get(0x00, 0)
            open_drain = _pins(modes, 4, 0b1100, (0b0100,))
            return _pins(modes, 4, 0b1011, (1, 2, 3)) & ~(open_drain & self._outputs)
        return _pins(self._words.get(0x00, 0), 2, 0b11, (1,)) & ~(self._words.get(0x04, 0) & self._outputs)


def _pins(modes: int, bits_per_pin: int, mask: int, wanted: tuple[int, ...]) -> int:
    """Return the pins whose field in the mode register has one of the wanted values."""
    return sum(1 << pin for pin in range(PIN_COUNT) if modes >> bits_per_pin * pin & mask in wanted)
