"""A serial NOR behind a flash controller that exists nowhere and forgives nothing, for the loaders in `fixtures/`.

It punishes what a wrong shim does: a phase left open, a sector erased twice or beside its start, half a page, a page
programmed without an erase, a result that nobody waited for. Where silicon would look away, it counts a violation.

Registers, at 0x40022000. Only whole words: a narrower access is a violation and does nothing.

======  =======  ======  ==============================================================================================
Offset  Name     Access  Meaning
======  =======  ======  ==============================================================================================
0x00    KEY      write   0x5AFE10AD, then 0x0DDC0FFE unlocks; anything else locks
0x04    MODE     r/w     0 idle, 1 erase, 2 program, 3 mapped read; from one of 1 to 3 to another only through 0
0x08    ADDRESS  r/w     bus address that the next command works on
0x0C    COMMAND  write   1 erase sector, 2 erase chip (both in mode 1), 3 start page, 4 commit page (both in mode 2),
                         5 start read (in modes 1 and 3)
0x10    DATA     r/w     write: next word of the started page; read: next word from where the read was started
0x14    STATUS   r/w     bit 0 BUSY, bit 1 ERROR (write 1 to clear; hidden while BUSY), bit 2 UNLOCKED
======  =======  ======  ==============================================================================================

Rules. A breach is put down in words in `violations`, sets ERROR, and what was asked for is not done:

- While locked, MODE, ADDRESS, COMMAND and DATA take nothing.
- MODE and COMMAND make the controller BUSY for a few reads of STATUS (start page and start read as well). Until then
  nothing but STATUS may be written, DATA may not be read.
- An ERROR has to be cleared before the next command or change of mode.
- Erase sector takes the first address of a sector, no other.
- Start page takes an address on the grid of pages, which starts at the array. Commit takes exactly one page of words;
  the last page is cut short where the array ends. A page that was started is committed before the mode changes.
- Programming clears bits: the array holds old AND new. A byte that needs a bit to rise keeps the AND and is a breach;
  0xFF is harmless over anything.
- The array at 0x90000000 is read in mode 3 when not BUSY; every other access there is a bus fault.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum

from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K, WORD_BYTES, FlashGeometry
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv_schemas.address_range import AddressRange

REGISTERS_BASE = 0x4002_2000
REGISTERS_SIZE_BYTES = 0x400
ARRAY_BASE = 0x9000_0000

UNLOCK_KEYS = (0x5AFE_10AD, 0x0DDC_0FFE)
LOCK_KEY = 0
"""Any word that is no key locks; loaders write this one."""

ERASED_BYTE = 0xFF
ENDLESS_POLLS = 1 << 63


class Offset(IntEnum):
    """Registers, in bytes from REGISTERS_BASE."""

    KEY = 0x00
    MODE = 0x04
    ADDRESS = 0x08
    COMMAND = 0x0C
    DATA = 0x10
    STATUS = 0x14


class Mode(IntEnum):
    """Values of MODE; 1 to 3 are those of the FLM phases."""

    IDLE = 0
    ERASE = 1
    PROGRAM = 2
    MAPPED_READ = 3


class Command(IntEnum):
    """Values of COMMAND."""

    ERASE_SECTOR = 1
    ERASE_CHIP = 2
    START_PAGE = 3
    COMMIT_PAGE = 4
    START_READ = 5


class Status(IntFlag):
    """Bits of STATUS."""

    BUSY = 1
    ERROR = 2
    UNLOCKED = 4


class Operation(StrEnum):
    """What can be made to fail without the loader's fault."""

    MODE_CHANGE = "mode change"
    ERASE_SECTOR = "sector erase"
    ERASE_CHIP = "chip erase"
    PROGRAM_PAGE = "page program"


MODES_OF_COMMAND = {
    Command.ERASE_SECTOR: (Mode.ERASE,),
    Command.ERASE_CHIP: (Mode.ERASE,),
    Command.START_PAGE: (Mode.PROGRAM,),
    Command.COMMIT_PAGE: (Mode.PROGRAM,),
    Command.START_READ: (Mode.ERASE, Mode.MAPPED_READ),
}


@dataclass
class Counters:
    """How often an operation was carried out, without those that failed."""

    mode_changes: int = 0
    sectors_erased: int = 0
    chips_erased: int = 0
    pages_programmed: int = 0
    words_read: int = 0
    mapped_reads: int = 0


@dataclass
class _OpenPage:
    """A page between start and commit."""

    offset_bytes: int
    size_bytes: int
    data: bytearray = field(default_factory=bytearray)


class StrictController:
    """The controller and its array; the module's docstring is the reference manual.

    Attributes:
        geometry: size and grain of the array.
        array: the contents, for a test to look at or to prepare.
        violations: every breach, in words and in order.
        counters: what was carried out.
        commands: erases and programs that were carried out, in words and in order.
        busy_polls: for how many reads of STATUS an operation lasts.
    """

    def __init__(self, geometry: FlashGeometry = STRICT_NOR_64K, *, busy_polls: int = 3) -> None:
        self.geometry = geometry
        self.array = bytearray([ERASED_BYTE]) * geometry.array_size_bytes
        self.violations: list[str] = []
        self.counters = Counters()
        self.commands: list[str] = []
        self.busy_polls = busy_polls
        self._to_fail: list[Operation] = []
        self._to_hang: list[Operation] = []
        self._keys_written = 0
        self._mode = Mode.IDLE
        self._address = 0
        self._busy_polls_left = 0
        self._error = False
        self._page: _OpenPage | None = None
        self._read_offset_bytes: int | None = None

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges that this device answers."""
        registers = AddressRange(start=REGISTERS_BASE, size_bytes=REGISTERS_SIZE_BYTES)
        array = AddressRange(start=ARRAY_BASE, size_bytes=self.geometry.array_size_bytes)
        return (
            Window("strict controller registers", registers, self._read_register, self._write_register),
            Window("strict controller array", array, self._read_array, self._write_array),
        )

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return self._mode

    @property
    def is_unlocked(self) -> bool:
        """Whether both keys were written last."""
        return self._keys_written == len(UNLOCK_KEYS)

    def fail_next(self, operation: Operation) -> None:
        """Let the next operation of this kind end in ERROR with nothing done; calls add up. No violation."""
        self._to_fail.append(operation)

    def hang_next(self, operation: Operation) -> None:
        """Let the next operation of this kind never end: BUSY stays, until a reset. No violation."""
        self._to_hang.append(operation)

    def reset(self) -> None:
        """Do what the target's reset does: locked, idle, no error. The array and all records stay."""
        self._keys_written = 0
        self._mode = Mode.IDLE
        self._address = 0
        self._busy_polls_left = 0
        self._error = False
        self._page = None
        self._read_offset_bytes = None

    # Windows

    def _read_register(self, offset: int, size_bytes: int) -> int:
        register = self._register(offset, size_bytes, "read")
        if register is Offset.STATUS:
            return self._poll_status()
        if register is Offset.MODE:
            return self._mode
        if register is Offset.ADDRESS:
            return self._address
        if register is Offset.DATA:
            return self._read_next_word()
        if register is not None:
            self._breach(f"{register.name} read, which can only be written")
        return 0

    def _write_register(self, offset: int, size_bytes: int, value: int) -> None:
        register = self._register(offset, size_bytes, "written")
        if register is None:
            return
        if register is Offset.STATUS:
            self._error = self._error and not value & Status.ERROR
        elif self._busy_polls_left:
            self._breach(f"{register.name} written with 0x{value:x} while BUSY")
        elif register is Offset.KEY:
            self._take_key(value)
        elif not self.is_unlocked:
            self._breach(f"{register.name} written with 0x{value:x} while locked")
        elif register is Offset.ADDRESS:
            self._address = value
        elif register is Offset.DATA:
            self._take_page_word(value)
        elif self._error:
            self._breach(f"{register.name} written with 0x{value:x} while ERROR is set")
        elif register is Offset.MODE:
            self._change_mode(value)
        else:
            self._start_command(value)

    def _read_array(self, offset: int, size_bytes: int) -> int:
        where = f"array read at 0x{ARRAY_BASE + offset:08x}"
        if self._mode is not Mode.MAPPED_READ:
            raise self._fault(f"{where} in mode {self._mode.name}")
        if self._busy_polls_left:
            raise self._fault(f"{where} while BUSY")
        self.counters.mapped_reads += 1
        return int.from_bytes(self.array[offset : offset + size_bytes], "little")

    def _write_array(self, offset: int, size_bytes: int, value: int) -> None:
        raise self._fault(f"array at 0x{ARRAY_BASE + offset:08x} written directly with 0x{value:0{2 * size_bytes}x}")

    # Registers

    def _register(self, offset: int, size_bytes: int, verb: str) -> Offset | None:
        """Return the register of an access, or None after a breach."""
        if size_bytes != WORD_BYTES or offset % WORD_BYTES:
            self._breach(f"register at 0x{offset:02x} {verb} with {8 * size_bytes} bits; it takes 32")
            return None
        if offset not in tuple(Offset):
            self._breach(f"register at 0x{offset:02x} {verb}, which does not exist")
            return None
        return Offset(offset)

    def _poll_status(self) -> int:
        unlocked = Status.UNLOCKED if self.is_unlocked else Status(0)
        if self._busy_polls_left:
            self._busy_polls_left -= 1
            return Status.BUSY | unlocked
        return (Status.ERROR if self._error else Status(0)) | unlocked

    def _take_key(self, value: int) -> None:
        awaited = UNLOCK_KEYS[self._keys_written] if not self.is_unlocked else None
        if value == awaited:
            self._keys_written += 1
        else:
            self._keys_written = int(value == UNLOCK_KEYS[0])

    def _change_mode(self, value: int) -> None:
        if value not in tuple(Mode):
            self._breach(f"MODE {value} does not exist")
            return
        wanted = Mode(value)
        if Mode.IDLE not in (self._mode, wanted):
            self._breach(f"MODE changed from {self._mode.name} to {wanted.name} without passing IDLE")
            return
        if self._page is not None:
            self._breach(f"MODE changed to {wanted.name} with a page started and not committed")
            return
        self._read_offset_bytes = None
        if self._begin(Operation.MODE_CHANGE):
            self._mode = wanted
            self.counters.mode_changes += 1

    def _start_command(self, value: int) -> None:
        if value not in tuple(Command):
            self._breach(f"COMMAND {value} does not exist")
            return
        command = Command(value)
        if self._mode not in MODES_OF_COMMAND[command]:
            self._breach(f"{command.name} in mode {self._mode.name}")
            return
        carry_out = {
            Command.ERASE_SECTOR: self._erase_sector,
            Command.ERASE_CHIP: self._erase_chip,
            Command.START_PAGE: self._start_page,
            Command.COMMIT_PAGE: self._commit_page,
            Command.START_READ: self._start_read,
        }
        carry_out[command]()

    # Commands

    def _erase_sector(self) -> None:
        offset_bytes = self._address - ARRAY_BASE
        size_bytes = self.geometry.sector_size_bytes_at(offset_bytes)
        if size_bytes is None:
            self._breach(f"ERASE_SECTOR at 0x{self._address:08x}, where no sector starts")
            return
        if self._begin(Operation.ERASE_SECTOR):
            self.array[offset_bytes : offset_bytes + size_bytes] = bytes([ERASED_BYTE]) * size_bytes
            self.counters.sectors_erased += 1
            self.commands.append(f"sector erase 0x{offset_bytes:06x}")

    def _erase_chip(self) -> None:
        if self._begin(Operation.ERASE_CHIP):
            self.array[:] = bytes([ERASED_BYTE]) * len(self.array)
            self.counters.chips_erased += 1
            self.commands.append("chip erase")

    def _start_page(self) -> None:
        offset_bytes = self._address - ARRAY_BASE
        size_bytes = self.geometry.page_size_bytes_at(offset_bytes)
        if size_bytes is None:
            self._breach(f"START_PAGE at 0x{self._address:08x}, where no page starts")
            return
        if self._page is not None:
            self._breach(f"START_PAGE at 0x{self._address:08x} with a page started and not committed")
            return
        self._page = _OpenPage(offset_bytes, size_bytes)
        self._busy_polls_left = self.busy_polls

    def _take_page_word(self, value: int) -> None:
        if self._page is None:
            self._breach("DATA written with no page started")
        elif len(self._page.data) >= self._page.size_bytes:
            self._breach(f"DATA written behind the page of {self._page.size_bytes} bytes")
        else:
            self._page.data += value.to_bytes(WORD_BYTES, "little")

    def _commit_page(self) -> None:
        page, self._page = self._page, None
        if page is None:
            self._breach("COMMIT_PAGE with no page started")
        elif len(page.data) != page.size_bytes:
            self._breach(f"COMMIT_PAGE after {len(page.data)} of {page.size_bytes} bytes")
        elif self._begin(Operation.PROGRAM_PAGE):
            if self.geometry.blank_pages_only and not self._is_blank(page):
                self._error = True
                return
            self._program(page)
            self.counters.pages_programmed += 1
            self.commands.append(f"page program 0x{page.offset_bytes:06x}, {page.size_bytes} bytes")

    def _is_blank(self, page: _OpenPage) -> bool:
        held = self.array[page.offset_bytes : page.offset_bytes + page.size_bytes]
        return held == bytes([ERASED_BYTE]) * page.size_bytes

    def _program(self, page: _OpenPage) -> None:
        """Clear the bits that are 0 in the page; tell of the first byte that wanted a bit to rise."""
        risen_at: int | None = None
        for position, new in enumerate(page.data, page.offset_bytes):
            old = self.array[position]
            if new != ERASED_BYTE and new & ~old and risen_at is None:
                risen_at = position
            self.array[position] = old & new
        if risen_at is not None:
            self._breach(f"page programmed a bit from 0 to 1 at 0x{ARRAY_BASE + risen_at:08x}: not erased before")

    def _start_read(self) -> None:
        offset_bytes = self._address - ARRAY_BASE
        if not 0 <= offset_bytes < len(self.array) or offset_bytes % WORD_BYTES:
            self._breach(f"START_READ at 0x{self._address:08x}, where no word of the array starts")
            return
        self._read_offset_bytes = offset_bytes
        self._busy_polls_left = self.busy_polls

    def _read_next_word(self) -> int:
        offset_bytes = self._read_offset_bytes
        if self._busy_polls_left:
            self._breach("DATA read while BUSY")
            return 0
        if offset_bytes is None:
            self._breach("DATA read with no read started")
            return 0
        if offset_bytes >= len(self.array):
            self._breach("DATA read behind the end of the array")
            return 0
        self._read_offset_bytes = offset_bytes + WORD_BYTES
        self.counters.words_read += 1
        return int.from_bytes(self.array[offset_bytes : offset_bytes + WORD_BYTES], "little")

    # Outcomes

    def _begin(self, operation: Operation) -> bool:
        """Become BUSY; return False where a test wants this operation to fail or to hang."""
        self._busy_polls_left = self.busy_polls
        if operation in self._to_hang:
            self._to_hang.remove(operation)
            self._busy_polls_left = ENDLESS_POLLS
            return False
        if operation not in self._to_fail:
            return True
        self._to_fail.remove(operation)
        self._error = True
        return False

    def _breach(self, message: str) -> None:
        self.violations.append(message)
        self._error = True

    def _fault(self, message: str) -> BusFault:
        self._breach(message)
        return BusFault(message)
