"""The flash controller of Nordic's nRF51, nRF52, nRF53 and nRF91, with what their flash loaders read beside it.

Sources: nRF51 Series Reference Manual and Product Specifications of nRF52832, nRF5340 and nRF9160, chapters NVMC, FICR,
UICR; the address of the part number from the errata functions of Nordic's MDK. Which of all that a loader needs was
read from Nordic's own FLMs. Addresses are those of nRF51 and nRF52; other chips: see `nvmc_variants`.

==========  ==========================================================================================================
0x00000000  flash: read by any width, programmed by whole words
0x10000000  FICR: page size, number of pages, on nRF52 the part; else 0xFFFFFFFF; read only
0x10001000  UICR: handled as flash, but erased by ERASEUICR and ERASEALL only
0x40000400  block protection: plain storage, since DISABLEINDEBUG (0x608) is all that loaders write
0x4001E000  NVMC: READY 0x400, CONFIG 0x504, ERASEPAGE 0x508, ERASEALL 0x50C, ERASEUICR 0x514
0xF0000C00  ROM table of the debug port, with the part number in its identification registers
==========  ==========================================================================================================

nRF53 and nRF91 have neither ERASEPAGE nor ERASEUICR: while CONFIG is Een, a write of 0xFFFFFFFF to the first word of a
page erases it.

A breach has no effect and is put down in `violations`: to erase while CONFIG is not Een, or to write while it is not
Wen; to write anything while READY says busy; to erase where no page of the flash starts; to write flash or UICR by
bytes or halfwords; to write FICR; to touch a register that does not exist, or not by whole words. Programming can only
clear bits; a 1 over a 0 leaves the 0 and is no breach, because that is how the manual wants parts of a word programmed.
The controller has no status of a failure: what shall fail is left undone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.nvmc_variants import NvmcVariant
from loaderconv.emulator.devices.onchip_memory import ERASED_BYTE, OnChipMemory, read_only_window
from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

ROM_TABLE_BASE = 0xF000_0C00

REGISTERS_SIZE_BYTES = 0x1000
SMALL_WINDOW_SIZE_BYTES = 0x400
WORD_BYTES = 4
ERASE_WORD = 0xFFFF_FFFF

ROM_TABLE_PIDR0 = 0x3E0
ROM_TABLE_PIDR1 = 0x3E4


class Offset(IntEnum):
    """Registers, in bytes from the controller's base."""

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
        flash_memory: the flash, as scenarios see it.
        uicr_memory: UICR, likewise.
        violations: every breach, in words and in order.
        counters: what was carried out.
    """

    def __init__(self, variant: NvmcVariant, *, busy_polls: int = 2) -> None:
        """Build an erased chip on which an operation lasts for `busy_polls` reads of READY."""
        self.variant = variant
        self.flash_memory = OnChipMemory(
            f"flash of {variant.name}, {variant.flash_size_bytes // 1024} KiB",
            variant.flash_base,
            variant.flash_size_bytes,
            reports_failures=False,
        )
        self.uicr_memory = OnChipMemory(
            f"UICR of {variant.name}, {variant.uicr_size_bytes // 1024} KiB",
            variant.uicr_base,
            variant.uicr_size_bytes,
            reports_failures=False,
        )
        self.violations: list[str] = []
        self.counters = Counters()
        self._busy_polls = busy_polls
        self.reset()
        self._block_protection = bytearray(SMALL_WINDOW_SIZE_BYTES)

    def reset(self) -> None:
        """Do what a reset of the chip does. Memories and records stay."""
        self._busy_polls_left: float = 0
        self._config = Config.REN

    @property
    def flash(self) -> bytearray:
        """Contents of the flash, to look at or to change in place."""
        return self.flash_memory.array

    @property
    def uicr(self) -> bytearray:
        """Contents of UICR, likewise."""
        return self.uicr_memory.array

    @property
    def config(self) -> Config:
        """What CONFIG allows now."""
        return self._config

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges that this device answers."""
        variant = self.variant
        registers = tuple(
            Window(
                "NVMC registers",
                AddressRange(start=base, size_bytes=REGISTERS_SIZE_BYTES),
                self._read_register,
                self._write_register,
            )
            for base in variant.register_bases
        )
        return (
            *registers,
            *self._protection_windows(),
            _memory_window("flash", self.flash_memory, self._write_flash),
            _memory_window("UICR", self.uicr_memory, self._write_uicr),
            read_only_window("FICR", variant.ficr_base, _information(variant), self.violations),
            read_only_window("ROM table", ROM_TABLE_BASE, _rom_table(variant), self.violations),
        )

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
            self._erase_page(value, f"ERASEPAGE of 0x{value:08x}")
        elif value == 1:
            self._erase_at_once(register)
        # Writing 0 to ERASEALL or ERASEUICR is NoOperation.

    def _register(self, offset: int, size_bytes: int, verb: str) -> Offset | None:
        """Return the register of an access, or None after a breach."""
        if size_bytes != WORD_BYTES or offset % WORD_BYTES:
            self._breach(f"register at 0x{offset:03x} {verb} with {8 * size_bytes} bits; it takes 32")
            return None
        absent = () if self.variant.has_erase_registers else (Offset.ERASEPAGE, Offset.ERASEUICR)
        if offset not in tuple(Offset) or offset in absent:
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

    def _erase_page(self, address: int, request: str) -> None:
        offset = address - self.variant.flash_base
        page_size_bytes = self.variant.page_size_bytes
        if self._config is not Config.EEN:
            self._breach(f"{request} while CONFIG is {self._config.name}")
        elif offset % page_size_bytes or not 0 <= offset < len(self.flash):
            self._breach(f"{request}, where no page of the flash starts")
        else:
            self.flash_memory.note(f"erase page 0x{address:08x}")
            if not self.flash_memory.fails_now(FlashOperation.ERASE):
                self.flash_memory.erase(offset, page_size_bytes)
                self.counters.pages_erased += 1
            self._begin(self.flash_memory, FlashOperation.ERASE)

    def _erase_at_once(self, register: Offset) -> None:
        """Carry out ERASEALL or ERASEUICR."""
        if self._config is not Config.EEN:
            self._breach(f"{register.name} while CONFIG is {self._config.name}")
            return
        erased = [self.uicr_memory]
        if register is Offset.ERASEALL:
            erased.append(self.flash_memory)
            self.counters.chips_erased += 1
        else:
            self.counters.uicr_erased += 1
        for memory in erased:
            memory.note(register.name)
            if not memory.fails_now(FlashOperation.ERASE):
                memory.erase(0, memory.size_bytes)
            self._begin(memory, FlashOperation.ERASE)

    def _program(self, name: str, memory: OnChipMemory, offset: int, size_bytes: int, value: int) -> None:
        if size_bytes != WORD_BYTES or offset % WORD_BYTES:
            self._breach(f"{name} written at offset 0x{offset:x} with {8 * size_bytes} bits; it takes 32")
        elif self._busy_polls_left:
            self._breach(f"{name} written at offset 0x{offset:x} while busy")
        elif self._config is not Config.WEN:
            self._breach(f"{name} written at offset 0x{offset:x} while CONFIG is {self._config.name}")
        else:
            memory.note_program(offset, WORD_BYTES)
            if not memory.fails_now(FlashOperation.PROGRAM):
                memory.program(offset, value.to_bytes(WORD_BYTES, "little"))
                self.counters.words_programmed += 1
            self._begin(memory, FlashOperation.PROGRAM)

    def _begin(self, memory: OnChipMemory, operation: FlashOperation) -> None:
        """Become busy, for ever where a scenario wants that."""
        never_ends = memory.hangs_now(operation) or self._busy_polls_left == math.inf
        self._busy_polls_left = math.inf if never_ends else self._busy_polls

    # Memories

    def _write_flash(self, offset: int, size_bytes: int, value: int) -> None:
        erases_by_write = not self.variant.has_erase_registers and size_bytes == WORD_BYTES and value == ERASE_WORD
        if erases_by_write and self._config is Config.EEN and not self._busy_polls_left:
            address = self.variant.flash_base + offset
            self._erase_page(address, f"0xFFFFFFFF written to 0x{address:08x} while CONFIG is EEN")
        else:
            self._program("flash", self.flash_memory, offset, size_bytes, value)

    def _write_uicr(self, offset: int, size_bytes: int, value: int) -> None:
        self._program("UICR", self.uicr_memory, offset, size_bytes, value)

    def _protection_windows(self) -> tuple[Window, ...]:
        base = self.variant.protection_base
        if base is None:
            return ()
        held = self._block_protection

        def read(offset: int, size_bytes: int) -> int:
            return int.from_bytes(held[offset : offset + size_bytes], "little")

        def write(offset: int, size_bytes: int, value: int) -> None:
            _store(held, offset, size_bytes, value)

        place = AddressRange(start=base, size_bytes=len(held))
        return (Window("block protection registers", place, read, write),)

    def _breach(self, message: str) -> None:
        self.violations.append(message)


def _information(variant: NvmcVariant) -> bytes:
    """Return the contents of FICR."""
    contents = bytearray(ERASED_BYTE * SMALL_WINDOW_SIZE_BYTES)
    _store(contents, variant.ficr_page_size, WORD_BYTES, variant.page_size_bytes)
    _store(contents, variant.ficr_page_size + WORD_BYTES, WORD_BYTES, variant.page_count)
    for offset, word in variant.ficr_words.items():
        _store(contents, offset, WORD_BYTES, word)
    return bytes(contents)


def _rom_table(variant: NvmcVariant) -> bytes:
    """Return the end of the ROM table, with the part number in the Peripheral ID registers as CoreSight has it."""
    contents = bytearray(SMALL_WINDOW_SIZE_BYTES)
    _store(contents, ROM_TABLE_PIDR0, WORD_BYTES, variant.part & 0xFF)
    _store(contents, ROM_TABLE_PIDR1, WORD_BYTES, variant.part >> 8)
    return bytes(contents)


def _memory_window(name: str, memory: OnChipMemory, write: Callable[[int, int, int], None]) -> Window:
    return Window(name, AddressRange(start=memory.base_address, size_bytes=memory.size_bytes), memory.load, write)


def _store(memory: bytearray, offset: int, size_bytes: int, value: int) -> None:
    memory[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")
