"""Accesses to device models through their windows, as the bus would make them."""

from collections.abc import Iterable

from loaderconv.emulator.devices.peripheral import Peripheral, Window

WORD_BYTES = 4


class Bus:
    """The windows of some models."""

    def __init__(self, *peripherals: Peripheral) -> None:
        self._windows = [window for each in peripherals for window in each.windows()]

    def read(self, address: int, size_bytes: int = WORD_BYTES) -> int:
        """Read from whatever answers."""
        window = self._window(address)
        return window.read(address - window.range.start, size_bytes)

    def write(self, address: int, value: int, size_bytes: int = WORD_BYTES) -> None:
        """Write to whatever answers."""
        window = self._window(address)
        window.write(address - window.range.start, size_bytes, value)

    def set_bits(self, address: int, bits: int) -> None:
        """Read, set bits, write."""
        self.write(address, self.read(address) | bits)

    def write_all(self, writes: Iterable[tuple[int, int]]) -> None:
        """Write words in order."""
        for address, value in writes:
            self.write(address, value)

    def _window(self, address: int) -> Window:
        return next(window for window in self._windows if address in window.range)
