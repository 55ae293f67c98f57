"""What a chip on an I2C bus does, byte by byte; controllers and pins that software moves drive it alike."""

from typing import Protocol


class I2cChip(Protocol):
    """A chip on the bus."""

    def start(self, chip_address: int) -> bool:
        """Take the byte behind a start condition, whose bit 0 asks to read; return whether it is acknowledged."""

    def write(self, byte: int) -> bool:
        """Take a byte; return whether it is acknowledged."""

    def read(self) -> int:
        """Return the next byte."""

    def stop(self) -> None:
        """See a stop condition."""
