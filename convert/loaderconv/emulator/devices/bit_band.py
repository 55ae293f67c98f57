"""The bit-band alias of the peripherals on Cortex-M3 and M4: each bit is a word of its own (Armv7-M ARM, B3.1).

ST's libraries for STM32F1 and F4 switch PLLs through it. Unicorn has none. The alias of the SRAM is not modelled: RAM
is no device here, and no loader is known to use it.
"""

from collections.abc import Sequence

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

PERIPHERALS = AddressRange(start=0x4000_0000, size_bytes=0x10_0000)
ALIAS = AddressRange(start=0x4200_0000, size_bytes=0x200_0000)
WORD_BYTES = 4


class BitBand:
    """The alias over a machine's windows.

    Attributes:
        violations: always empty; those behind the alias count their own.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        self.violations: list[str] = []
        self._windows = [window for window in windows if window.range.overlaps(PERIPHERALS)]

    def windows(self) -> tuple[Window, ...]:
        """Return the alias."""
        return (Window("bit-band alias", ALIAS, self._read, self._write),)

    def _read(self, offset: int, _size_bytes: int) -> int:
        register, bit = _target(offset)
        return self._word(register) >> bit & 1

    def _write(self, offset: int, _size_bytes: int, value: int) -> None:
        register, bit = _target(offset)
        word = self._word(register) & ~(1 << bit) | (value & 1) << bit
        window = self._window(register)
        if window is not None:
            window.write(register - window.range.start, WORD_BYTES, word)

    def _word(self, register: int) -> int:
        window = self._window(register)
        return 0 if window is None else window.read(register - window.range.start, WORD_BYTES)

    def _window(self, register: int) -> Window | None:
        return next((window for window in self._windows if register in window.range), None)


def _target(offset: int) -> tuple[int, int]:
    """Return address of the word, and the bit in it, for which a word of the alias stands."""
    byte, bit = divmod(offset // WORD_BYTES, 8)
    return PERIPHERALS.start + (byte & ~3), 8 * (byte & 3) + bit
