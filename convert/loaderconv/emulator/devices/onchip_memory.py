"""Flash inside a microcontroller as a scenario sees it; the model of its controller fills and clears it."""

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

ERASED_BYTE = b"\xff"


class OnChipMemory:
    """An array of flash and the record of what its controller did to it; a FlashMemory.

    Pieces that are programmed one behind the other are one command: "program 0x08000000, 1024 bytes". A command that
    has been looked at stays as it is, so that what comes later shows as one of its own.

    Attributes:
        name: what it is, with its size.
        base_address: of its first byte, for commands.
        array: the contents.
        reports_failures: whether the controller's status tells of a failure.
    """

    def __init__(self, name: str, base_address: int, size_bytes: int, *, reports_failures: bool) -> None:
        self.name = name
        self.base_address = base_address
        self.array = bytearray(ERASED_BYTE * size_bytes)
        self.reports_failures = reports_failures
        self._commands: list[str] = []
        self._programmed: AddressRange | None = None
        self._to_fail: list[FlashOperation] = []
        self._to_hang: list[FlashOperation] = []

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return len(self.array)

    @property
    def commands(self) -> list[str]:
        """What the controller was told."""
        self._programmed = None
        return list(self._commands)

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return bytes(self.array[offset : offset + size_bytes])

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes, whatever was there. Raises ValueError for an offset behind its end."""
        if not 0 <= offset <= offset + len(data) <= len(self.array):
            raise ValueError(f"{len(data)} bytes at 0x{offset:x} do not fit into {len(self.array)}")
        self.array[offset : offset + len(data)] = data

    def fail_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind fail; calls add up."""
        self._to_fail.append(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind never end; calls add up."""
        self._to_hang.append(operation)

    # For the controller

    def fails_now(self, operation: FlashOperation) -> bool:
        """Tell whether an operation that starts now shall fail, once for each `fail_next`."""
        if operation not in self._to_fail:
            return False
        self._to_fail.remove(operation)
        return True

    def hangs_now(self, operation: FlashOperation) -> bool:
        """Tell whether an operation that starts now shall never end, once for each `hang_next`."""
        if operation not in self._to_hang:
            return False
        self._to_hang.remove(operation)
        return True

    def note(self, command: str) -> None:
        """Record what the controller was told."""
        self._programmed = None
        self._commands.append(command)

    def note_program(self, offset: int, size_bytes: int) -> None:
        """Record that bytes were programmed."""
        start = self.base_address + offset
        before = self._programmed
        if before is not None and before.end == start:
            self._programmed = AddressRange(start=before.start, size_bytes=before.size_bytes + size_bytes)
            self._commands.pop()
        else:
            self._programmed = AddressRange(start=start, size_bytes=size_bytes)
        self._commands.append(f"program 0x{self._programmed.start:08x}, {self._programmed.size_bytes} bytes")

    def erase(self, offset: int, size_bytes: int) -> None:
        """Make bytes erased."""
        self.array[offset : offset + size_bytes] = ERASED_BYTE * size_bytes

    def load(self, offset: int, size_bytes: int) -> int:
        """Return a little-endian value, as the bus reads it."""
        return int.from_bytes(self.array[offset : offset + size_bytes], "little")

    def program(self, offset: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`."""
        held = self.array[offset : offset + len(data)]
        self.array[offset : offset + len(data)] = bytes(old & new for old, new in zip(held, data, strict=True))


def read_only_window(name: str, base_address: int, contents: bytes, violations: list[str]) -> Window:
    """Return a window of words that the factory wrote; to write to it is put down in `violations`, and does nothing.

    Args:
        name: what it is.
        base_address: a multiple of 1 KiB.
        contents: a multiple of 1 KiB.
        violations: of the device to which it belongs.
    """

    def read(offset: int, size_bytes: int) -> int:
        return int.from_bytes(contents[offset : offset + size_bytes], "little")

    def write(offset: int, _size_bytes: int, _value: int) -> None:
        violations.append(f"{name} written at offset 0x{offset:x}, which can only be read")

    return Window(name, AddressRange(start=base_address, size_bytes=len(contents)), read, write)
