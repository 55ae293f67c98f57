"""The flash controller of Nordic's nRF51 and nRF52, with what their flash loaders read beside it.

Sources: nRF51 Series Reference Manual and nRF52832 Product Specification, chapters NVMC, FICR, UICR; the address of the
part number from the errata functions of Nordic's MDK. Which of all that a loader needs was read from Nordic's own
nrf51xxx.flm and nrf52xxx.flm.

==========  ==========================================================================================================
0x00000000  flash: read by any width, programmed by whole words
0x10000000  FICR: page size, number of pages, on nRF52 the part; else 0xFFFFFFFF; read only
0x10001000  UICR: one page, handled as flash, but erased by ERASEUICR and ERASEALL only
0x40000400  block protection: plain storage, since DISABLEINDEBUG (0x608) is all that loaders write
0x4001E000  NVMC: READY 0x400, CONFIG 0x504, ERASEPAGE 0x508, ERASEALL 0x50C, ERASEUICR 0x514
0xF0000C00  ROM table of the debug port, with the part number in its identification registers
==========  ==========================================================================================================

A breach has no effect and is put down in `violations`: to erase while CONFIG is not Een, or to write while it is not
Wen; to write anything while READY says busy; to erase where no page of the flash starts; to write flash or UICR by
bytes or halfwords; to write FICR; to touch a register that does not exist, or not by whole words. Programming can only
clear bits; a 1 over a 0 leaves the 0 and is no breach, because that is how the manual wants parts of a word programmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

FLASH_BASE = 0x0000_0000
FICR_BASE = 0x1000_0000
UICR_BASE = 0x1000_1000
BLOCK_PROTECTION_BASE = 0x4000_0400
REGISTERS_BASE = 0x4001_E000
ROM_TABLE_BASE = 0xF000_0C00

REGISTERS_SIZE_BYTES = 0x1000
SMALL_WINDOW_SIZE_BYTES = 0x400
WORD_BYTES = 4
ERASED_BYTE = b"\xff"

FICR_CODEPAGESIZE = 0x10
FICR_CODESIZE = 0x14
FICR_PART = 0x130
ROM_TABLE_PIDR0 = 0x3E0
ROM_TABLE_PIDR1 = 0x3E4


class Offset(IntEnum):
    """Registers, in bytes from REGISTERS_BASE."""

    READY = 0x400
    CONFIG = 0x504
    ERASEPAGE = 0x508
    ERASEALL = 0x50C
    ERASEUICR = 0x514


class Config(IntEnum):
    """Values of CONFIG.WEN."""

    REN = 0
    WEN = 1
    EEN = 2


@dataclass(frozen=True)
class NvmcVariant:
    """A chip with this controller.

    Attributes:
        name: of the chip.
        page_size_bytes: of flash and UICR.
        page_count: pages of flash.
        part: number of the chip in the debug port's ROM table, 12 bits.
        ficr_words: what FICR holds beside the page size and count, by offset; the rest is 0xFFFFFFFF.
    """

    name: str
    page_size_bytes: int
    page_count: int
    part: int
    ficr_words: Mapping[int, int]

    @property
    def flash_size_bytes(self) -> int:
        """Size of the whole flash."""
        return self.page_size_bytes * self.page_count


NRF51822 = NvmcVariant("nRF51822_xxAA", page_size_bytes=1024, page_count=256, part=0x001, ficr_words={})
"""256 KiB. FICR.CLENR0 and PPFC and UICR.CLENR0 and RBPCONF read as erased: no region 0, no readback protection."""

NRF52832 = NvmcVariant("nRF52832_xxAA", page_size_bytes=4096, page_count=128, part=0x006, ficr_words={FICR_PART: 0x006})
"""512 KiB."""


@dataclass
class Counters:
    """How often an operation was carried out.

    Attributes:
        pages_erased: by ERASEPAGE.
        chips_erased: by ERASEALL.
        uicr_erased: by ERASEUICR.
        words_programmed: in flash and UICR.
    """

    pages_erased: int = 0
    chips_erased: int = 0
    uicr_erased: int = 0
    words_programmed: int = 0


class Nvmc:
    """The controller and its memories; the module's docstring says what it answers.

    Attributes:
        variant: the chip.
        flash: contents of the flash, to look at or to change in place.
        uicr: contents of UICR, likewise.
        violations: every breach, in words and in order.
        counters: what was carried out.
    """

    def __init__(self, variant: NvmcVariant, *, busy_polls: int = 2) -> None:
        """Build an erased chip on which an operation lasts for `busy_polls` reads of READY."""
        self.variant = variant
        self.flash = bytearray(ERASED_BYTE * variant.flash_size_bytes)
        self.uicr = bytearray(ERASED_BYTE * variant.page_size_bytes)
        self.violations: list[str] = []
        self.counters = Counters()
        self._busy_polls = busy_polls
        self._busy_polls_left = 0
        self._config = Config.REN
        self._ficr = _information(variant)
        self._block_protection = bytearray(SMALL_WINDOW_SIZE_BYTES)
        self._rom_table = _rom_table(variant)

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges that this device answers."""
        return (
            _memory_window("flash", FLASH_BASE, self.flash, self._write_flash),
            _memory_window("FICR", FICR_BASE, self._ficr, self._write_ficr),
            _memory_window("UICR", UICR_BASE, self.uicr, self._write_uicr),
            _memory_window(
                "block protection registers", BLOCK_PROTECTION_BASE, self._block_protection, self._write_protection
            ),
            _memory_window("ROM table", ROM_TABLE_BASE, self._rom_table, self._write_rom_table),
            Window(
                "NVMC registers",
                AddressRange(start=REGISTERS_BASE, size_bytes=REGISTERS_SIZE_BYTES),
                self._read_register,
                self._write_register,
            ),
        )

    @property
    def config(self) -> Config:
        """What CONFIG allows now."""
        return self._config

    # Registers

    def _read_register(self, offset: int, size_bytes: int) -> int:
        register = self._register(offset, size_bytes, "read")
        if register is Offset.READY:
            return self._poll_ready()
        if register is Offset.CONFIG:
            return self._config
        return 0

    def _write_register(self, offset: int, size_bytes: int, value: int) -> None:
        register = self._register(offset, size_bytes, "written")
        if register is None:
            return
        if register is Offset.READY:
            self._breach("READY written, which can only be read")
        elif self._busy_polls_left:
            self._breach(f"{register.name} written with 0x{value:x} while busy")
        elif register is Offset.CONFIG:
            self._configure(value)
        elif register is Offset.ERASEPAGE:
            self._erase_page(value)
        elif value == 1:
            self._erase_at_once(register)
        # Writing 0 to ERASEALL or ERASEUICR is NoOperation.

    def _register(self, offset: int, size_bytes: int, verb: str) -> Offset | None:
        """Return the register of an access, or None after a breach."""
        if size_bytes != WORD_BYTES or offset % WORD_BYTES:
            self._breach(f"register at 0x{offset:03x} {verb} with {8 * size_bytes} bits; it takes 32")
            return None
        if offset not in tuple(Offset):
            self._breach(f"register at 0x{offset:03x} {verb}, which does not exist")
            return None
        return Offset(offset)

    def _poll_ready(self) -> int:
        if not self._busy_polls_left:
            return 1
        self._busy_polls_left -= 1
        return 0

    def _configure(self, value: int) -> None:
        if value in tuple(Config):
            self._config = Config(value)
        else:
            self._breach(f"CONFIG {value} does not exist")

    # Operations

    def _erase_page(self, address: int) -> None:
        if self._config is not Config.EEN:
            self._breach(f"ERASEPAGE of 0x{address:08x} while CONFIG is {self._config.name}")
        elif address % self.variant.page_size_bytes or address >= len(self.flash):
            self._breach(f"ERASEPAGE of 0x{address:08x}, where no page of the flash starts")
        else:
            end = address + self.variant.page_size_bytes
            self.flash[address:end] = ERASED_BYTE * self.variant.page_size_bytes
            self.counters.pages_erased += 1
            self._busy_polls_left = self._busy_polls

    def _erase_at_once(self, register: Offset) -> None:
        """Carry out ERASEALL or ERASEUICR."""
        if self._config is not Config.EEN:
            self._breach(f"{register.name} while CONFIG is {self._config.name}")
            return
        if register is Offset.ERASEALL:
            self.flash[:] = ERASED_BYTE * len(self.flash)
            self.counters.chips_erased += 1
        else:
            self.counters.uicr_erased += 1
        self.uicr[:] = ERASED_BYTE * len(self.uicr)
        self._busy_polls_left = self._busy_polls

    def _program(self, name: str, memory: bytearray, offset: int, size_bytes: int, value: int) -> None:
        if size_bytes != WORD_BYTES or offset % WORD_BYTES:
            self._breach(f"{name} written at offset 0x{offset:x} with {8 * size_bytes} bits; it takes 32")
        elif self._busy_polls_left:
            self._breach(f"{name} written at offset 0x{offset:x} while busy")
        elif self._config is not Config.WEN:
            self._breach(f"{name} written at offset 0x{offset:x} while CONFIG is {self._config.name}")
        else:
            _store(memory, offset, WORD_BYTES, value & _load(memory, offset, WORD_BYTES))
            self.counters.words_programmed += 1
            self._busy_polls_left = self._busy_polls

    # Memories

    def _write_flash(self, offset: int, size_bytes: int, value: int) -> None:
        self._program("flash", self.flash, offset, size_bytes, value)

    def _write_uicr(self, offset: int, size_bytes: int, value: int) -> None:
        self._program("UICR", self.uicr, offset, size_bytes, value)

    def _write_ficr(self, offset: int, _size_bytes: int, _value: int) -> None:
        self._breach(f"FICR written at offset 0x{offset:x}, which can only be read")

    def _write_protection(self, offset: int, size_bytes: int, value: int) -> None:
        _store(self._block_protection, offset, size_bytes, value)

    def _write_rom_table(self, offset: int, _size_bytes: int, _value: int) -> None:
        self._breach(f"ROM table written at offset 0x{offset:x}, which can only be read")

    def _breach(self, message: str) -> None:
        self.violations.append(message)


def _information(variant: NvmcVariant) -> bytearray:
    """Return the contents of FICR."""
    contents = bytearray(ERASED_BYTE * SMALL_WINDOW_SIZE_BYTES)
    _store(contents, FICR_CODEPAGESIZE, WORD_BYTES, variant.page_size_bytes)
    _store(contents, FICR_CODESIZE, WORD_BYTES, variant.page_count)
    for offset, word in variant.ficr_words.items():
        _store(contents, offset, WORD_BYTES, word)
    return contents


def _rom_table(variant: NvmcVariant) -> bytearray:
    """Return the end of the ROM table, with the part number in the Peripheral ID registers as CoreSight has it."""
    contents = bytearray(SMALL_WINDOW_SIZE_BYTES)
    _store(contents, ROM_TABLE_PIDR0, WORD_BYTES, variant.part & 0xFF)
    _store(contents, ROM_TABLE_PIDR1, WORD_BYTES, variant.part >> 8)
    return contents


def _memory_window(name: str, base: int, memory: bytearray, write: Callable[[int, int, int], None]) -> Window:
    def read(offset: int, size_bytes: int) -> int:
        return _load(memory, offset, size_bytes)

    return Window(name, AddressRange(start=base, size_bytes=len(memory)), read, write)


def _load(memory: bytearray, offset: int, size_bytes: int) -> int:
    return int.from_bytes(memory[offset : offset + size_bytes], "little")


def _store(memory: bytearray, offset: int, size_bytes: int, value: int) -> None:
    memory[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")
