"""A flash that does at once what it is told: sparse, so that its size costs nothing, and readable only while open."""

from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.sparse_bytes import SparseBytes
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device

_JUNK_MASK = 0xA5
"""What the memory holds before the first erase differs from the erased value by this."""


class IdealFlash:
    """The memory behind an ideal driver, mapped at the addresses of the host; a Peripheral.

    Attributes:
        device: size, place and erased value.
        closed_by: why nobody may read it at its addresses now; None while it is open.
        violations: accesses that were refused, in order.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.closed_by: str | None = "no driver was initialised yet"
        self.violations: list[str] = []
        self._erased = bytes([device.erased_byte])
        self._content = SparseBytes(device.size_bytes, device.erased_byte ^ _JUNK_MASK)

    def windows(self) -> tuple[Window, ...]:
        """Return its addresses, widened to the grid of the emulator; what lies outside of it answers nothing."""
        start = self.device.base_address & -GRAIN_BYTES
        end = -(-self.device.range.end // GRAIN_BYTES) * GRAIN_BYTES
        lead = self.device.base_address - start

        def read(offset: int, size_bytes: int) -> int:
            return self._read_mapped(offset - lead, size_bytes)

        def write(offset: int, size_bytes: int, value: int) -> None:
            address = start + offset
            raise self._refused(f"0x{address:08x} was written directly with 0x{value:0{2 * size_bytes}x}")

        return (Window("the device", AddressRange(start=start, size_bytes=end - start), read, write),)

    def read(self, offset_bytes: int, size_bytes: int) -> bytes:
        """Return what it holds, closed or not."""
        return self._content.read(offset_bytes, size_bytes)

    def store(self, offset_bytes: int, data: bytes) -> None:
        """Put bytes there, whatever was before."""
        self._content.write(offset_bytes, data)

    def erase(self, offset_bytes: int, size_bytes: int) -> None:
        """Give a range the erased value."""
        self._content.fill(offset_bytes, size_bytes, self.device.erased_byte)

    def program(self, offset_bytes: int, data: bytes) -> None:
        """Program bytes; the erased value leaves what is there."""
        before = self.read(offset_bytes, len(data))
        blank = self._erased[0]
        self.store(offset_bytes, bytes(old if new == blank else new for old, new in zip(before, data, strict=True)))

    def is_blank(self, offset_bytes: int, size_bytes: int) -> bool:
        """Tell whether a range holds nothing but the erased value."""
        return self.read(offset_bytes, size_bytes) == self._erased * size_bytes

    def conflict(self, offset_bytes: int, data: bytes) -> int | None:
        """Return the offset of the first byte that had to be erased before these data are programmed; None for none."""
        blank = self._erased[0]
        before = self.read(offset_bytes, len(data))
        for position, (old, new) in enumerate(zip(before, data, strict=True), offset_bytes):
            if blank not in (old, new) and old != new:
                return position
        return None

    def _read_mapped(self, offset: int, size_bytes: int) -> int:
        address = self.device.base_address + offset
        if not 0 <= offset <= self.device.size_bytes - size_bytes:
            raise self._refused(f"0x{address:08x} was read, which lies outside of the device")
        if self.closed_by is not None:
            raise self._refused(f"0x{address:08x} was read, and {self.closed_by}")
        return int.from_bytes(self.read(offset, size_bytes), "little")

    def _refused(self, message: str) -> BusFault:
        self.violations.append(message)
        return BusFault(message)
