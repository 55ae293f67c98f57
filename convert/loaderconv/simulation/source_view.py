"""The target as the code of a source sees it: the device by its own addresses, and RAM for what it is handed."""

from dataclasses import dataclass

from loaderconv.hosts.core import Core
from loaderconv.simulation.ideal_flash import IdealFlash
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import RunFailed

_WORD_BYTES = 4


@dataclass(frozen=True)
class SourceView:
    """What an ideal driver works on. Whatever checks something returns a clause that tells what is wrong, or None.

    Attributes:
        core: whose RAM holds the data.
        flash: the memory.
        device: geometry, by the host's addresses.
        address_delta: added modulo 2**32 to the host's addresses it gives those of the source.
        own: memory of the source, where no host may have its data.
    """

    core: Core
    flash: IdealFlash
    device: Device
    address_delta: int
    own: tuple[AddressRange, ...]

    def offset(self, address: int) -> int:
        """Return the offset of an address of the source from the start of the device; large where it lies outside."""
        return (address - self.address_delta - self.device.base_address) % ADDRESS_SPACE_BYTES

    def outside(self, address: int, size_bytes: int) -> str | None:
        """Check that a range holds at least one byte and lies inside of the device."""
        if not size_bytes:
            return "0 bytes"
        offset = self.offset(address)
        inside = offset < self.device.size_bytes and size_bytes <= self.device.size_bytes - offset
        return None if inside else f"0x{address:08x} and {size_bytes} bytes are not inside of the device"

    def no_sector(self, address: int, size_bytes: int | None = None) -> str | None:
        """Check that a sector starts at an address, and its size where the source is told one."""
        found = self.sector_bytes(address)
        if found is None:
            return f"no sector starts at 0x{address:08x}"
        return None if size_bytes in (None, found) else f"the sector at 0x{address:08x} has {found} bytes"

    def sector_bytes(self, address: int) -> int | None:
        """Return the size of the sector that starts at an address; None where none does."""
        offset = self.offset(address)
        for run in self.device.sectors:
            if run.offset_bytes <= offset < run.end_offset_bytes:
                return None if (offset - run.offset_bytes) % run.sector_size_bytes else run.sector_size_bytes
        return None

    def unfit_buffer(self, start: int, size_bytes: int) -> str | None:
        """Check that a buffer is aligned to words, in RAM, and no part of the source's own memory."""
        if start % _WORD_BYTES:
            return f"the buffer at 0x{start:08x} is not aligned to words"
        if start + size_bytes > ADDRESS_SPACE_BYTES:
            return f"the buffer at 0x{start:08x} goes beyond the address space"
        buffer = AddressRange(start=start, size_bytes=size_bytes)
        if any(buffer.overlaps(each) for each in (*self.own, self.device.range)):
            return f"the buffer {buffer} lies in the memory of the source, or in the device"
        try:
            self.core.read_memory(start, size_bytes)
        except RunFailed:
            return f"the buffer {buffer} is not in RAM"
        return None

    def unerased(self, address: int, buffer: int, size_bytes: int) -> str | None:
        """Check that the device can take the bytes of a buffer without being erased."""
        conflict = self.flash.conflict(self.offset(address), self.core.read_memory(buffer, size_bytes))
        if conflict is None:
            return None
        return f"what 0x{self.device.base_address + conflict:08x} holds was not erased"

    def erase_sector(self, address: int) -> None:
        """Erase the sector that starts at an address."""
        self.flash.erase(self.offset(address), self.sector_bytes(address) or 0)

    def erase_all(self) -> None:
        """Erase the whole device."""
        self.flash.erase(0, self.device.size_bytes)

    def program(self, address: int, buffer: int, size_bytes: int) -> None:
        """Program the bytes of a buffer."""
        self.flash.program(self.offset(address), self.core.read_memory(buffer, size_bytes))

    def held(self, address: int, size_bytes: int) -> bytes:
        """Return what the device holds at addresses of the source."""
        return self.flash.read(self.offset(address), size_bytes)
