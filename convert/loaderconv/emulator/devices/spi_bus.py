"""An SPI bus: one memory, and a chip select that any GPIO pin may be.

Which pin selects the memory is wired on a board that nobody describes here. So the pin that fell last before the first
byte is taken for the chip select, and its rise ends the transfer. Where no pin is low, the controller's own NSS is.
"""

from typing import Protocol

IDLE_BYTE = 0xFF


class SpiMemory(Protocol):
    """A memory on the bus."""

    def select(self) -> None:
        """See the chip select fall."""

    def exchange(self, byte: int) -> int:
        """Take eight bits and return those that went the other way."""

    def deselect(self) -> None:
        """See the chip select rise, which is when a command takes effect."""


class SpiBus:
    """The lines between controllers and one memory.

    Attributes:
        is_in_use: whether a controller has sent anything yet.
    """

    def __init__(self, memory: SpiMemory) -> None:
        self.is_in_use = False
        self._memory = memory
        self._low_pins: list[tuple[str, int]] = []
        self._select_pin: tuple[str, int] | None = None
        self._is_selected = False

    def set_level(self, port: str, pin: int, level: int) -> None:
        """See a GPIO pin change."""
        which = (port, pin)
        if level:
            if which in self._low_pins:
                self._low_pins.remove(which)
            if which == self._select_pin:
                self.release()
        elif which not in self._low_pins:
            self._low_pins.append(which)

    def exchange(self, byte: int) -> int:
        """Clock eight bits."""
        if not self._is_selected:
            self._is_selected = self.is_in_use = True
            self._select_pin = self._low_pins[-1] if self._low_pins else None
            self._memory.select()
        return self._memory.exchange(byte)

    def release_own(self) -> None:
        """See the controller's own NSS rise; it selects only where no pin does."""
        if self._select_pin is None:
            self.release()

    def release(self) -> None:
        """End the transfer."""
        if self._is_selected:
            self._is_selected = False
            self._select_pin = None
            self._memory.deselect()
