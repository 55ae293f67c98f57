"""A serial EEPROM on I2C: 24C01 to 24M02 (datasheets AT24C16C, M24512, M24M02).

Parts of up to 2 KiB take one byte of address, larger ones two; what does not fit goes into the low bits of the chip's
own address. What is left of those are the pins A0 to A2, which a board wires as it likes: the first address on the bus
is taken for that of the chip. A write takes at most a page, at whose end it wraps, and starts with the stop condition.
While it lasts, the chip does not acknowledge its address. Nothing tells of a write that failed.

Not modelled: identification pages, write protection, and the 24LC1025, which takes the upper bit of its address in A2.
"""

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.serial_nor_busy import BusyPeriod
from loaderconv_schemas.device import Device

CHIP_CODE = 0b1010
LARGEST_WITH_ONE_ADDRESS_BYTE = 2048
PAGE_SIZES_BYTES = (
    (256, (8, 16)),
    (2048, (16, 16)),
    (8192, (32, 32)),
    (0x8000, (64, 64)),
    (0x1_0000, (64, 128)),
    (1 << 32, (128, 256)),
)
"""Up to a size of the chip, the smallest page and the largest one that vendors give it."""

WRITE_POLLS = 3


class I2cEeprom:
    """One chip: a FlashMemory, a Peripheral without windows, and Timed.

    Attributes:
        violations: writes that wrap around the end of a page, or end without a stop condition.
    """

    reports_failures = False

    def __init__(self, size_bytes: int, page_size_bytes: int, erased_byte: int = 0xFF) -> None:
        self.violations: list[str] = []
        self._cells = bytearray([erased_byte]) * size_bytes
        self._page_size_bytes = page_size_bytes
        self._address_bytes = 1 if size_bytes <= LARGEST_WITH_ONE_ADDRESS_BYTE else 2
        self._busy = BusyPeriod()
        self._log = EventLog()
        self._undone: set[FlashOperation] = set()
        self._hanging: set[FlashOperation] = set()
        self._wired_bits: int | None = None
        self._address = 0
        self._head: bytearray | None = None
        self._incoming = bytearray()

    # What a scenario and the machine see

    @property
    def name(self) -> str:
        """What it is, with its size."""
        size = self.size_bytes
        return f"I2C EEPROM of {size // 1024} KiB" if size >= 1024 else f"I2C EEPROM of {size} bytes"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return len(self._cells)

    @property
    def commands(self) -> list[str]:
        """What it was told, in words."""
        return self._log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return nothing: it is at no address."""
        return ()

    @property
    def is_waiting(self) -> bool:
        """Whether a write is under way."""
        return bool(self._busy)

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._busy.pass_time(cycles)

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return bytes(self._cells[offset : offset + size_bytes])

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        self._cells[offset : offset + len(data)] = data

    def fail_next(self, operation: FlashOperation) -> None:
        """Leave the next write undone; erasing and programming are the same here."""
        self._undone.add(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the next write never end."""
        self._hanging.add(operation)

    # The bus

    def start(self, chip_address: int) -> bool:
        """Take the byte behind a start condition; return whether it is acknowledged."""
        self._forget()
        if chip_address >> 4 != CHIP_CODE or not self._is_meant(chip_address):
            return False
        if self._busy:
            self._busy.poll()
            return False
        if chip_address & 1:
            self._log.add(f"read from 0x{self._address:04x}")
        else:
            self._address = (chip_address >> 1 & 0b111) << 8 * self._address_bytes & self.size_bytes - 1
            self._head = bytearray()
        return True

    def _is_meant(self, chip_address: int) -> bool:
        """Compare the bits that are wired; those below belong to the address in the memory."""
        blocks = max(self.size_bytes >> 8 * self._address_bytes, 1)
        bits = chip_address >> 1 & 0b111 & -blocks
        if self._wired_bits is None:
            self._wired_bits = bits
        return bits == self._wired_bits

    def write(self, byte: int) -> bool:
        """Take a byte; return whether it is acknowledged."""
        if self._head is None:
            return False
        if len(self._head) < self._address_bytes:
            self._head.append(byte)
            if len(self._head) == self._address_bytes:
                self._address = (self._address | int.from_bytes(self._head, "big")) % self.size_bytes
        else:
            self._incoming.append(byte)
        return True

    def read(self) -> int:
        """Return the next byte."""
        byte = self._cells[self._address]
        self._address = (self._address + 1) % self.size_bytes
        return byte

    def stop(self) -> None:
        """See a stop condition, which starts a write."""
        if self._incoming:
            self._store(bytes(self._incoming))
            self._incoming.clear()
        self._head = None

    def _forget(self) -> None:
        """Drop what came so far: only a stop condition begins a write."""
        if self._incoming:
            self.violations.append(f"{self._write_in_words()} is lost: a start condition where it needs a stop")
            self._incoming.clear()
        self._head = None

    def _write_in_words(self) -> str:
        return f"write 0x{self._address:04x}, {len(self._incoming)} bytes"

    def _store(self, data: bytes) -> None:
        words = self._write_in_words()
        self._log.add(words)
        page = self._page_size_bytes
        start = self._address & -page
        if self._address - start + len(data) > page:
            self.violations.append(f"{words} wraps around the end of its page")
        self._busy.begin(WRITE_POLLS)
        if self._hanging:
            self._hanging.clear()
            self._busy.is_hanging = True
        elif self._undone:
            self._undone.clear()
        else:
            for position, byte in enumerate(data, self._address - start):
                self._cells[start + position % page] = byte


def choose_eeprom(device: Device) -> I2cEeprom:
    """Return a chip that fits a loader's descriptor: size and page rounded to powers of two that are sold."""
    size_bytes = 1 << max(device.size_bytes - 1, 127).bit_length()
    least, most = next(pages for limit, pages in PAGE_SIZES_BYTES if size_bytes <= limit)
    page = min(max(device.page_size_bytes, least), most)
    return I2cEeprom(size_bytes, 1 << page.bit_length() - 1, device.erased_byte)
