"""The flash inside an STM32: one mechanism over the register layouts of its families.

What it does as silicon does:

- KEYR takes two keys in order; a wrong one is a bus fault and locks CR until the next reset.
- While CR is locked it takes nothing but LOCK.
- A write to the array programs if PG is set and the write has the form that the family wants; otherwise an error flag
  says why, and nothing is programmed.
- STRT erases the sector, or the banks, that CR names.
- While busy, every further access waits for the end, as the bus does. The end comes after some reads of SR, or by time.
- EOP is set at the end, on most families only if EOPIE asks for its interrupt.

Where several families have a controller at the same address, which one it is shows in what the loader does: a key in
the key register of one of them, or a read of a register that only some of them have.

Option bytes are not modelled: their registers are storage. Sources: see `stm32_flash_families`.
"""

from collections.abc import Sequence

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.onchip_memory import OnChipMemory, read_only_window
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.stm32_flash_families import KEYS, ControlRegisters, Stm32FlashFamily
from loaderconv.emulator.devices.stm32_flash_programming import Verdict, take_piece
from loaderconv.emulator.devices.stm32_flash_sectors import (
    FlashSector,
    array_size_bytes,
    bank_of,
    option_registers,
    sectors_of,
)
from loaderconv.emulator.devices.stm32_flash_unit import ERASE_CYCLES, PROGRAM_CYCLES, ControlUnit, KeyLock
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device

ARRAY_BASE = 0x0800_0000
REGISTERS_SIZE_BYTES = 0x400
GRAIN_BYTES = 0x400
WORD_BYTES = 4
WORD_MASK = 0xFFFF_FFFF


class Stm32Flash:
    """The controller and its array.

    Attributes:
        memory: the array, as scenarios see it.
        violations: what silicon ignores or punishes, in words and in order.
    """

    def __init__(self, candidates: Sequence[Stm32FlashFamily], device: Device, *, busy_polls: int = 3) -> None:
        """Build an erased chip.

        Args:
            candidates: families that it may be one of; their registers start at the same address.
            device: as the loader declares it; its sectors are the chip's.
            busy_polls: for how many reads of SR an operation lasts.
        """
        names = " or ".join(family.name for family in candidates)
        size_bytes = array_size_bytes(device)
        self.memory = OnChipMemory(
            f"flash of {names}, {size_bytes // 1024} KiB", ARRAY_BASE, size_bytes, reports_failures=True
        )
        self.violations: list[str] = []
        self._device = device
        self._candidates = tuple(candidates)
        self._busy_polls = busy_polls
        self._options = {family.name: option_registers(family, device) for family in candidates}
        self._sectors: dict[str, tuple[FlashSector, ...]] = {
            family.name: sectors_of(family, device) for family in candidates
        }
        self._size_windows = tuple(self._size_register_windows())
        self.reset()

    def reset(self) -> None:
        """Do what a reset of the chip does: locked, idle, no flags. The array stays."""
        self._units = tuple(ControlUnit(number, KeyLock(KEYS)) for number in range(2))
        self._plain = {family.name: {**family.registers, **self._options[family.name]} for family in self._candidates}

    @property
    def family(self) -> Stm32FlashFamily:
        """The family, as far as it has shown."""
        return self._candidates[0]

    def windows(self) -> tuple[Window, ...]:
        """Return the ranges that this device answers."""
        aliases = {alias for family in self._candidates for alias in family.aliases}
        arrays = [
            Window(
                "flash",
                AddressRange(start=base, size_bytes=-(-self.memory.size_bytes // GRAIN_BYTES) * GRAIN_BYTES),
                self._read_array,
                self._write_array,
            )
            for base in (ARRAY_BASE, *sorted(aliases))
        ]
        registers = AddressRange(start=self.family.base, size_bytes=REGISTERS_SIZE_BYTES)
        return (
            Window("FLASH registers", registers, self._read_register, self._write_register),
            *arrays,
            *self._size_windows,
        )

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way."""
        return any(unit.is_busy for unit in self._units)

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        for unit in self._units:
            unit.pass_time(cycles)

    # Registers

    def _read_register(self, offset: int, size_bytes: int) -> int:
        register = offset & -WORD_BYTES
        self._narrow(register, None)
        return self._value(register) >> 8 * (offset - register) & (1 << 8 * size_bytes) - 1

    def _value(self, register: int) -> int:
        for unit, place in self._places():
            if register == place.control:
                return unit.control | (0 if unit.lock.is_open else self.family.lock)
            if register == place.status:
                return self._status(unit)
            if register == place.address:
                return unit.address
        return self._plain[self.family.name].get(register, 0)

    def _status(self, unit: ControlUnit) -> int:
        busy = self.family.busy if unit.poll() else 0
        return unit.flags | busy | (self.family.not_empty if unit.row is not None else 0)

    def _write_register(self, offset: int, size_bytes: int, value: int) -> None:
        register = offset & -WORD_BYTES
        shift = 8 * (offset - register)
        self._narrow(register, value)
        for unit, place in self._places():
            if register == place.key:
                unit.lock.take("KEYR", value)
            elif register == place.control:
                lane = (1 << 8 * size_bytes) - 1 << shift
                self._write_control(unit, unit.control & ~lane | value << shift & lane)
            elif register == (place.status if place.clear is None else place.clear):
                unit.flags &= ~(value << shift)
            elif register == place.address:
                unit.address = value
            else:
                continue
            return
        for registers in self._plain.values():
            if register in registers:
                registers[register] = value

    def _write_control(self, unit: ControlUnit, value: int) -> None:
        family = self.family
        unit.finish()
        if unit.is_hung:
            return
        if not unit.lock.is_open:
            if value & ~family.lock:
                self._breach(f"CR written with 0x{value:08x} while it is locked")
            return
        unit.control = value & ~(family.lock | family.start | family.force_write)
        if value & family.force_write and unit.row is not None:
            self._program_row(unit)
        if value & family.start:
            self._start(unit)
        if value & family.lock:
            unit.lock.close()

    def _places(self) -> list[tuple[ControlUnit, ControlRegisters]]:
        return list(zip(self._units, self.family.sets, strict=False))

    def _narrow(self, register: int, written: int | None) -> None:
        """Drop the candidates to which an access does not belong, unless that drops all."""
        if len(self._candidates) > 1:
            left = tuple(family for family in self._candidates if _has_use_for(family, register, written))
            self._candidates = left or self._candidates

    # Erase

    def _start(self, unit: ControlUnit) -> None:
        family = self.family
        banks = [bank for bank, bit in enumerate(family.erase_bank) if unit.control & bit]
        if not banks and not unit.control & family.erase_sector:
            self._refuse(unit, family.errors.sequence, "STRT set with nothing to erase selected")
        elif family.has_strict_order and unit.control & family.program:
            self._refuse(unit, family.errors.sequence, "STRT set for an erase while PG is set")
        elif family.has_strict_order and unit.flags & family.errors.all:
            self._refuse(unit, family.errors.sequence, f"STRT set while SR holds an old error, 0x{unit.flags:x}")
        elif banks:
            self._erase_banks(unit, banks if len(family.erase_bank) > 1 else [unit.number])
        else:
            self._erase_sector(unit)

    def _erase_banks(self, unit: ControlUnit, banks: list[int]) -> None:
        sectors = self._sectors[self.family.name]
        numbers = sorted({sector.bank for sector in sectors} & set(banks))
        self._erase(
            unit,
            [sector for sector in sectors if sector.bank in numbers],
            "erase bank " + " and ".join(str(number + 1) for number in numbers) if numbers else "erase an absent bank",
        )

    def _erase_sector(self, unit: ControlUnit) -> None:
        sector = self._named_sector(unit)
        if sector is None:
            named = unit.control if unit.address == 0 else unit.address
            self._refuse(unit, self.family.errors.sequence, f"erase of a sector that is not there (0x{named:08x})")
        else:
            self._erase(unit, [sector], f"erase sector 0x{ARRAY_BASE + sector.offset:08x}")

    def _named_sector(self, unit: ControlUnit) -> FlashSector | None:
        """Return the sector that CR or AR names, None where there is none."""
        family = self.family
        if family.sets[0].address is not None:
            wanted = unit.address - ARRAY_BASE
            inside = (each for each in self._sectors[family.name] if 0 <= wanted - each.offset < each.size_bytes)
            return next(inside, None)
        number = family.sector.of(unit.control)
        bank = unit.number if len(family.sets) > 1 else int(bool(unit.control & family.second_bank))
        in_bank = family.second_bank or len(family.sets) > 1
        matching = (
            each for each in self._sectors[family.name] if each.number == number and (not in_bank or each.bank == bank)
        )
        return next(matching, None)

    def _erase(self, unit: ControlUnit, sectors: list[FlashSector], command: str) -> None:
        self.memory.note(command)
        fails = self.memory.fails_now(FlashOperation.ERASE)
        for sector in () if fails else sectors:
            self.memory.erase(sector.offset, sector.size_bytes)
        unit.is_hung = self.memory.hangs_now(FlashOperation.ERASE)
        unit.begin(self._busy_polls, ERASE_CYCLES, self.family.errors.protected if fails else self._end_flag(unit))

    # Array

    def _read_array(self, offset: int, size_bytes: int) -> int:
        for unit in self._units:
            unit.finish()
        return self.memory.load(offset, size_bytes)

    def _write_array(self, offset: int, size_bytes: int, value: int) -> None:
        family = self.family
        two_sets = len(family.sets) > 1 and bank_of(family, self._device, offset)
        unit = self._units[1 if two_sets else 0]
        unit.finish()
        where = f"0x{ARRAY_BASE + offset:08x} written with {8 * size_bytes} bits"
        if unit.is_hung:
            return
        if offset + size_bytes > self.memory.size_bytes:
            self._breach(f"{where}, where no flash is")
        elif not unit.control & family.program or not unit.lock.is_open:
            self._refuse(unit, family.errors.sequence, f"{where} while PG is not set")
        elif family.has_strict_order and unit.flags & family.errors.all:
            self._refuse(unit, family.errors.sequence, f"array written while SR holds an old error, 0x{unit.flags:x}")
        else:
            self._take(unit, offset, value.to_bytes(size_bytes, "little"), where)

    def _take(self, unit: ControlUnit, offset: int, piece: bytes, where: str) -> None:
        verdict = take_piece(self.family, unit, self.memory, offset, piece)
        if verdict is Verdict.PROGRAM:
            self._program(unit, offset, piece)
        elif verdict is Verdict.ROW_IS_FULL:
            self._program_row(unit)
        elif verdict is Verdict.NOT_ERASED:
            unit.flags |= self.family.errors.programmed
        elif verdict is not Verdict.ROW_GOES_ON:
            unit.row = None
            self._refuse(unit, verdict.flag(self.family.errors), f"{where}: {verdict.value}")
            if not verdict.flag(self.family.errors):
                raise BusFault(verdict.value)

    def _program_row(self, unit: ControlUnit) -> None:
        row, unit.row = unit.row, None
        if row is None:
            return
        if row.is_refused(self.memory, has_flag=bool(self.family.errors.programmed)):
            unit.flags |= self.family.errors.programmed
            return
        if not row.is_erased(self.memory) and not self.family.errors.programmed:
            self._breach(f"row at 0x{ARRAY_BASE + row.start:08x} programmed twice, which spoils its ECC")
        self._program(unit, row.start, bytes(row.data))

    def _program(self, unit: ControlUnit, offset: int, data: bytes) -> None:
        self.memory.note_program(offset, len(data))
        fails = self.memory.fails_now(FlashOperation.PROGRAM)
        if not fails:
            self.memory.program(offset, data)
        unit.is_hung = self.memory.hangs_now(FlashOperation.PROGRAM)
        unit.begin(self._busy_polls, PROGRAM_CYCLES, self.family.errors.protected if fails else self._end_flag(unit))

    # Outcomes

    def _end_flag(self, unit: ControlUnit) -> int:
        family = self.family
        return family.end if not family.end_enable or unit.control & family.end_enable else 0

    def _refuse(self, unit: ControlUnit, flag: int, message: str) -> None:
        unit.flags |= flag
        self._breach(message)

    def _breach(self, message: str) -> None:
        """Put down what was done; what is done again and again, once."""
        if message not in self.violations[-1:]:
            self.violations.append(message)

    def _size_register_windows(self) -> list[Window]:
        pages: dict[int, bytearray] = {}
        for address in sorted({each for family in self._candidates for each in family.size_registers}):
            page = pages.setdefault(address & -GRAIN_BYTES, bytearray(b"\xff" * GRAIN_BYTES))
            offset = address & GRAIN_BYTES - 1
            page[offset : offset + 2] = (self.memory.size_bytes // 1024 & 0xFFFF).to_bytes(2, "little")
        return [read_only_window("system memory", base, bytes(page), self.violations) for base, page in pages.items()]


def _has_use_for(family: Stm32FlashFamily, register: int, written: int | None) -> bool:
    """Tell whether an access is one that a loader for a family would make."""
    if written in KEYS:
        return any(register == place.key for place in family.sets)
    readable = {place.status for place in family.sets} | {place.control for place in family.sets}
    readable |= {place.address for place in family.sets if place.address is not None}
    return written is not None or register in readable or register in family.registers
