"""The registers of a serial NOR memory that keep what is written to them, and the range that they protect."""

from loaderconv.emulator.devices.nor_commands import NorRegister
from loaderconv.emulator.devices.serial_nor_part import NorPart
from loaderconv.emulator.devices.serial_nor_vendors import FailureBits
from loaderconv_schemas.address_range import AddressRange

CHANGES_BY_ITSELF = 0b11
"""Bits of status register 1 that no write reaches: busy, write enable."""
COMPLEMENT_PROTECT = 6
"""Bit of status register 2 on Winbond's smaller parts: the bits select what is not protected."""
SMALL_UNIT_BYTES = 0x1000
UNIT_BYTES = 0x1_0000
FRACTIONS = 64

_SHIPPED = {
    NorRegister.FLAG_STATUS: 0x80,
    NorRegister.VOLATILE_CONFIGURATION: 0xFB,
    NorRegister.ENHANCED_VOLATILE_CONFIGURATION: 0xFF,
    NorRegister.NONVOLATILE_CONFIGURATION: 0xFF,
}
_VOLATILE = (
    NorRegister.VOLATILE_CONFIGURATION,
    NorRegister.ENHANCED_VOLATILE_CONFIGURATION,
    NorRegister.READ_PARAMETERS,
    NorRegister.EXTENDED_READ_PARAMETERS,
    NorRegister.EXTENDED_ADDRESS,
    NorRegister.BANK,
)


class NorRegisters:
    """Values by register. What changes by itself (busy, write enable, address mode) is not in them."""

    def __init__(self, part: NorPart) -> None:
        self._part = part
        self._values = dict.fromkeys(NorRegister, 0) | _SHIPPED
        self._by_address: dict[int, int] = {}
        if part.vendor.quad_enable:
            register, bit = part.vendor.quad_enable
            self._values[register] |= 1 << bit

    def __getitem__(self, register: NorRegister) -> int:
        return self._values[register]

    def at_address(self, address: int) -> int:
        """Return a register that has an address; 0 where nothing was written."""
        return self._by_address.get(address, 0)

    def write(self, register: NorRegister, data: bytes) -> None:
        """Store bytes; of status register 1 the following ones go to the registers that the vendor puts behind it."""
        targets = self._part.vendor.status_bytes if register is NorRegister.STATUS_1 else (register,)
        for target, value in zip(targets, data, strict=False):
            self._values[target] = value & ~CHANGES_BY_ITSELF if target is NorRegister.STATUS_1 else value

    def write_at_address(self, address: int, value: int) -> None:
        """Store a byte in a register that has an address."""
        self._by_address[address] = value

    def reset(self) -> None:
        """Give the volatile registers what they hold after a reset."""
        self._by_address.clear()
        for register in _VOLATILE:
            self._values[register] = _SHIPPED.get(register, 0)
        self.clear_failures()

    def clear_failures(self) -> None:
        """Take back what `report` set."""
        bits = self._part.vendor.failures
        if bits:
            self._values[bits.register] &= ~(1 << bits.program | 1 << bits.erase)

    def report(self, bits: FailureBits, bit: int) -> None:
        """Set the bit of a failure."""
        self._values[bits.register] |= 1 << bit

    @property
    def protected(self) -> AddressRange:
        """The offsets that neither programming nor erasing changes."""
        scheme, size_bytes = self._part.protection, self._part.size_bytes
        status = self._values[NorRegister.STATUS_1]
        code = sum((status >> bit & 1) << position for position, bit in enumerate(scheme.bits))
        is_bottom = self._values[scheme.bottom[0]] >> scheme.bottom[1] & 1
        if scheme.small is not None and self._values[NorRegister.STATUS_2] >> COMPLEMENT_PROTECT & 1:
            is_bottom, length = not is_bottom, size_bytes - self._protected_bytes(code, status)
        else:
            length = self._protected_bytes(code, status)
        return AddressRange(start=0 if is_bottom else size_bytes - length, size_bytes=length)

    def _protected_bytes(self, code: int, status: int) -> int:
        scheme, size_bytes = self._part.protection, self._part.size_bytes
        if not code:
            return 0
        if code == (1 << len(scheme.bits)) - 1:
            return size_bytes
        unit = max(UNIT_BYTES, size_bytes // FRACTIONS) if scheme.is_fraction else UNIT_BYTES
        if scheme.small is not None and status >> scheme.small & 1:
            unit = SMALL_UNIT_BYTES
        return min(size_bytes, unit << code - 1)
