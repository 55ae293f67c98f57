"""Memory that a loader may look at, and that holds nothing: the flash and the system memory of a new chip."""

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange


class BlankMemory:
    """Read-only memory that holds 0xFF.

    Attributes:
        violations: writes to it.
    """

    def __init__(self, name: str, covered: AddressRange) -> None:
        self.violations: list[str] = []
        self._name = name
        self._covered = covered

    def windows(self) -> tuple[Window, ...]:
        """Return the range."""
        return (Window(self._name, self._covered, self._read, self._write),)

    def _read(self, _offset: int, size_bytes: int) -> int:
        return (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        address = self._covered.start + offset
        self.violations.append(f"{self._name} at 0x{address:08x} written with 0x{value:0{2 * size_bytes}x}")
