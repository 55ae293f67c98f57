"""A serial EEPROM on SPI: 25xx, M95, AT25 (datasheets M95512, 25LC512, AT25M01).

A write takes at most a page, at whose end it wraps, and starts when the chip select rises behind whole bytes. While it
lasts, only the status can be read. A write to a protected block is ignored. Nothing tells of a write that failed.
"""

from enum import IntEnum

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.serial_nor_busy import BusyPeriod
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE
from loaderconv.emulator.devices.spi_eeprom_part import SpiEepromPart

WRITE_POLLS = 3
ADDRESS_BIT_IN_OPCODE = 1 << 3
STATUS_WIP, STATUS_WEL = 1 << 0, 1 << 1
STATUS_BP, BP_SHIFT, STATUS_SRWD = 0b11 << 2, 2, 1 << 7


class Opcode(IntEnum):
    """Commands that all parts know."""

    WRITE_STATUS = 0x01
    WRITE = 0x02
    READ = 0x03
    WRITE_DISABLE = 0x04
    READ_STATUS = 0x05
    WRITE_ENABLE = 0x06


class SpiEeprom:
    """One chip: a LookAheadMemory on SPI, a FlashMemory, a Peripheral without windows, Timed and Remarking."""

    reports_failures = False

    def __init__(self, part: SpiEepromPart) -> None:
        self._violation_log, self._remark_log = EventLog(), EventLog()
        self._part = part
        self._cells = bytearray([part.erased_byte]) * part.size_bytes
        self._busy = BusyPeriod()
        self._log = EventLog()
        self._kept_status = 0
        self._is_enabled = self._is_writing = False
        self._fails: set[FlashOperation] = set()
        self._hangs: set[FlashOperation] = set()
        self._sent = bytearray()
        self._read_count = 0

    # What a scenario and the machine see

    @property
    def name(self) -> str:
        """What it is, with its size."""
        size = self.size_bytes
        return f"SPI EEPROM of {size // 1024} KiB" if size >= 1024 else f"SPI EEPROM of {size} bytes"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return self._part.size_bytes

    @property
    def commands(self) -> list[str]:
        """What it was told, in words."""
        return self._log.entries

    @property
    def violations(self) -> list[str]:
        """Commands while it is busy, writes without write enable, to protected blocks or around the end of a page."""
        return self._violation_log.entries

    @property
    def remarks(self) -> list[str]:
        """Write enables while it is busy, which are ignored."""
        return self._remark_log.entries

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
        self._settle()

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return bytes(self._cells[offset : offset + size_bytes])

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        self._cells[offset : offset + len(data)] = data

    def fail_next(self, operation: FlashOperation) -> None:
        """Leave the next write undone; erasing and programming are the same here."""
        self._fails.add(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the next write never end."""
        self._hangs.add(operation)

    # The bus

    def select(self) -> None:
        """See the chip select fall."""
        self._sent.clear()
        self._read_count = 0

    def next_byte(self) -> int:
        """Return what goes out with the next byte."""
        opcode = self._opcode
        if opcode is None:
            return IDLE_BYTE
        if opcode == Opcode.READ_STATUS:
            return self._status
        if opcode == Opcode.READ and len(self._sent) >= self._head_bytes and not self._busy:
            return self._cells[(self._address + self._read_count) % self.size_bytes]
        return IDLE_BYTE

    def exchange(self, byte: int) -> int:
        """Take eight bits and return those that went the other way."""
        answer = self.next_byte()
        if self._opcode == Opcode.READ_STATUS:
            self._see_status_read()
        elif self._opcode == Opcode.READ and len(self._sent) >= self._head_bytes:
            self._see_read()
        else:
            self._sent.append(byte)
        return answer

    def deselect(self) -> None:
        """See the chip select rise, which is when a command takes effect."""
        opcode = self._opcode
        if opcode is None or opcode in (Opcode.READ, Opcode.READ_STATUS):
            return
        if self._busy:
            self._refuse_while_busy(opcode)
        elif opcode == Opcode.WRITE_ENABLE:
            self._log.add("write enable")
            self._is_enabled = True
        elif opcode == Opcode.WRITE_DISABLE:
            self._log.add("write disable")
            self._is_enabled = False
        elif opcode == Opcode.WRITE:
            self._write()
        elif opcode == Opcode.WRITE_STATUS:
            self._write_status()
        elif opcode in self._part.erases:
            self._erase(self._part.erases[opcode])
        else:
            self._violation_log.add(f"unknown command 0x{opcode:02x}")

    @property
    def _opcode(self) -> int | None:
        if not self._sent:
            return None
        first = self._sent[0]
        plain = first & ~ADDRESS_BIT_IN_OPCODE
        if self._part.has_address_bit_in_opcode and plain in (Opcode.READ, Opcode.WRITE):
            return plain
        return first

    @property
    def _head_bytes(self) -> int:
        return 1 + self._part.address_bytes

    @property
    def _address(self) -> int:
        address = int.from_bytes(self._sent[1 : self._head_bytes], "big")
        if self._part.has_address_bit_in_opcode and self._sent[0] & ADDRESS_BIT_IN_OPCODE:
            address |= 0x100
        return address % self.size_bytes

    # Commands

    @property
    def _status(self) -> int:
        return self._kept_status | (STATUS_WEL if self._is_enabled else 0) | (STATUS_WIP if self._busy else 0)

    def _see_status_read(self) -> None:
        self._log.add("read status")
        self._busy.poll()
        self._settle()

    def _settle(self) -> None:
        """Take the write enable back at the end of a write."""
        if self._is_writing and not self._busy:
            self._is_writing = self._is_enabled = False

    def _see_read(self) -> None:
        if self._read_count == 0:
            self._log.add(f"read from 0x{self._address:04x}")
            if self._busy:
                self._violation_log.add(f"read from 0x{self._address:04x} while busy")
        self._read_count += 1

    def _refuse_while_busy(self, opcode: int) -> None:
        if opcode == Opcode.WRITE_ENABLE:
            self._remark_log.add("write enable while busy")
        else:
            self._violation_log.add(f"command 0x{opcode:02x} while busy")

    def _write(self) -> None:
        data = bytes(self._sent[self._head_bytes :])
        words = f"write 0x{self._address:04x}, {len(data)} bytes"
        page = self._part.page_size_bytes
        start = self._address & -page
        if not data or not self._may_change(words, start, page):
            return
        if self._address - start + len(data) > page:
            self._violation_log.add(f"{words} wraps around the end of its page")
        if self._begin(words):
            for position, byte in enumerate(data, self._address - start):
                self._cells[start + position % page] = byte

    def _write_status(self) -> None:
        if len(self._sent) < 2:
            return
        words = f"write status 0x{self._sent[1]:02x}"
        if self._may_change(words, 0, 0) and self._begin(words):
            self._kept_status = self._sent[1] & (STATUS_BP | STATUS_SRWD)

    def _erase(self, size_bytes: int) -> None:
        is_chip = size_bytes == self.size_bytes
        if not is_chip and len(self._sent) < self._head_bytes:
            return
        start = 0 if is_chip else self._address & -size_bytes
        words = "chip erase" if is_chip else f"erase 0x{start:04x}, {size_bytes} bytes"
        if self._may_change(words, start, size_bytes) and self._begin(words):
            self._cells[start : start + size_bytes] = b"\xff" * size_bytes

    def _may_change(self, words: str, start: int, size_bytes: int) -> bool:
        if not self._is_enabled:
            self._violation_log.add(f"{words} without write enable")
            return False
        if start + size_bytes > self._first_protected:
            self._violation_log.add(f"{words} in a protected block")
            return False
        return True

    @property
    def _first_protected(self) -> int:
        """Where protection begins: nothing, the last quarter, half or all is protected."""
        code = (self._kept_status & STATUS_BP) >> BP_SHIFT
        return self.size_bytes - (self.size_bytes >> 3 - code if code else 0)

    def _begin(self, words: str) -> bool:
        """Start a write; return whether it will change anything."""
        self._log.add(words)
        self._busy.begin(WRITE_POLLS)
        self._is_writing = True
        if self._hangs:
            self._hangs.clear()
            self._busy.is_hanging = True
            return False
        is_done = not self._fails
        self._fails.clear()
        return is_done
