"""The flash inside an STM32, family by family: through its windows, as the bus would."""

from dataclasses import dataclass

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.emulator.devices.peripheral import BusFault, Peripheral, Timed
from loaderconv.emulator.devices.stm32_flash import Stm32Flash
from loaderconv.emulator.devices.stm32_flash_families import F1, F4, H7, H7AB, KEYS, L4, L5, U5, Stm32FlashFamily
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

ARRAY = 0x0800_0000
BUSY_POLLS = 3


def device(*runs: tuple[int, int]) -> Device:
    """Return a device of runs of (sector size, count)."""
    sectors, offset = [], 0
    for size_bytes, count in runs:
        sectors.append(SectorRun(offset_bytes=offset, sector_size_bytes=size_bytes, count=count))
        offset += size_bytes * count
    return Device(
        name="flash",
        kind=DeviceKind.MCU_FLASH,
        base_address=ARRAY,
        size_bytes=offset,
        page_size_bytes=0x400,
        sectors=tuple(sectors),
    )


F4_BANK = ((0x4000, 4), (0x1_0000, 1), (0x2_0000, 7))
F4_SMALL = device((0x4000, 4), (0x1_0000, 1), (0x2_0000, 1))


@dataclass(frozen=True)
class Case:
    """How a family erases its sector number `sector` and programs one unit."""

    family: Stm32FlashFamily
    device: Device
    erase: tuple[tuple[int, int], ...]
    sector: tuple[int, int]
    mass_erase: int
    program: int
    unit: int
    width: int

    @property
    def base(self) -> int:
        return self.family.base

    @property
    def control(self) -> int:
        return self.base + self.family.sets[0].control

    @property
    def status(self) -> int:
        return self.base + self.family.sets[0].status

    def chip(self) -> Stm32Flash:
        return Stm32Flash((self.family,), self.device, busy_polls=BUSY_POLLS)

    def unlock(self, bus: Bus) -> None:
        bus.write_all((self.base + self.family.sets[0].key, key) for key in KEYS)

    def clear(self, bus: Bus) -> None:
        place = self.family.sets[0]
        bus.write(self.base + (place.status if place.clear is None else place.clear), self.family.errors.all)

    def wait(self, bus: Bus) -> int:
        polls = 0
        while bus.read(self.status) & self.family.busy:
            polls += 1
        return polls

    def put(self, bus: Bus, address: int, data: bytes) -> None:
        for at in range(0, len(data), self.width):
            bus.write(address + at, int.from_bytes(data[at : at + self.width], "little"), self.width)


CASES = {
    "F1": Case(
        F1, device((0x400, 16)), ((0x10, 2), (0x14, ARRAY + 0x800), (0x10, 0x42)), (0x800, 0x400), 0x44, 1, 2, 2
    ),
    "F4": Case(F4, F4_SMALL, ((0x10, 0x2A), (0x10, 0x1_002A)), (0x2_0000, 0x2_0000), 0x1_0004, 0x201, 4, 4),
    "L4": Case(L4, device((0x800, 16)), ((0x14, 0x1A), (0x14, 0x1_001A)), (0x1800, 0x800), 0x1_0004, 1, 8, 4),
    "L5": Case(L5, device((0x1000, 8)), ((0x28, 0x1_001A),), (0x3000, 0x1000), 0x1_0004, 1, 8, 4),
    "U5": Case(U5, device((0x2000, 8)), ((0x28, 0x1_001A),), (0x6000, 0x2000), 0x1_8004, 1, 16, 4),
    "H7": Case(H7, device((0x2_0000, 4)), ((0x0C, 0x304), (0x0C, 0x384)), (0x6_0000, 0x2_0000), 0x88, 2, 32, 4),
    "H7A3": Case(H7AB, device((0x2000, 8)), ((0x0C, 0xC4), (0x0C, 0xE4)), (0x6000, 0x2000), 0x28, 2, 16, 4),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def pattern(size_bytes: int) -> bytes:
    return bytes(range(1, size_bytes + 1))


def test_is_what_others_take_it_for(case: Case) -> None:
    chip = case.chip()
    peripheral: Peripheral = chip
    memory: FlashMemory = chip.memory
    assert isinstance(chip, Timed)
    assert all(not window.range.start % 1024 and not window.range.size_bytes % 1024 for window in peripheral.windows())
    assert (memory.size_bytes, memory.reports_failures) == (case.device.size_bytes, True)


def test_sector_is_erased_and_no_more(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.poke(0, bytes(chip.memory.size_bytes))
    case.unlock(bus)
    bus.write_all((case.base + offset, value) for offset, value in case.erase)
    assert case.wait(bus) == BUSY_POLLS - 1
    offset, size_bytes = case.sector
    expected = bytearray(chip.memory.size_bytes)
    expected[offset : offset + size_bytes] = b"\xff" * size_bytes
    assert chip.memory.array == expected
    assert (chip.memory.commands, chip.violations) == ([f"erase sector 0x{ARRAY + offset:08x}"], [])
    assert not bus.read(case.status) & case.family.errors.all


def test_all_is_erased(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.poke(0, bytes(chip.memory.size_bytes))
    case.unlock(bus)
    bus.write(case.control, case.mass_erase)
    assert set(chip.memory.array) == {0xFF}
    assert chip.violations == []


def test_unit_is_programmed(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    data = pattern(2 * case.unit)
    case.unlock(bus)
    bus.write(case.control, case.program)
    for at in range(0, len(data), case.unit):
        case.put(bus, ARRAY + 0x400 + at, data[at : at + case.unit])
        assert case.wait(bus) == BUSY_POLLS - 1
    assert chip.memory.peek(0x400, len(data)) == data
    assert bus.read(ARRAY + 0x400) == int.from_bytes(data[:4], "little")
    assert (chip.memory.commands, chip.violations) == ([f"program 0x{ARRAY + 0x400:08x}, {len(data)} bytes"], [])
    assert not bus.read(case.status) & case.family.errors.all


def test_nothing_goes_while_locked(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.poke(0, bytes(chip.memory.size_bytes))
    bus.write_all((case.base + offset, value) for offset, value in case.erase)
    case.put(bus, ARRAY, b"\xff" * case.unit)
    assert set(chip.memory.array) == {0}
    assert "while it is locked" in chip.violations[0]
    assert "while PG is not set" in chip.violations[-1]
    assert bus.read(case.control) & case.family.lock


def test_wrong_key_locks_until_reset(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    key = case.base + case.family.sets[0].key
    bus.write(key, KEYS[0])
    with pytest.raises(BusFault, match="until the next reset"):
        bus.write(key, 0x1234_5678)
    with pytest.raises(BusFault):
        case.unlock(bus)
    chip.reset()
    case.unlock(bus)
    assert not bus.read(case.control) & case.family.lock


def test_lock_bit_locks(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.family.lock)
    assert bus.read(case.control) & case.family.lock
    case.unlock(bus)
    assert not bus.read(case.control) & case.family.lock


def test_start_of_nothing(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.family.start)
    assert chip.violations == ["STRT set with nothing to erase selected"]
    assert bus.read(case.status) & case.family.errors.all == case.family.errors.sequence


@pytest.mark.parametrize("operation", FlashOperation)
def test_failure_is_reported_once(case: Case, operation: FlashOperation) -> None:
    chip = case.chip()
    bus = Bus(chip)
    erased = operation is FlashOperation.PROGRAM
    chip.memory.poke(0, (b"\xff" if erased else b"\0") * chip.memory.size_bytes)
    before = bytes(chip.memory.array)
    chip.memory.fail_next(operation)
    case.unlock(bus)

    def attempt() -> int:
        if erased:
            bus.write(case.control, case.program)
            case.put(bus, ARRAY, pattern(case.unit))
        else:
            bus.write_all((case.base + offset, value) for offset, value in case.erase)
        case.wait(bus)
        return bus.read(case.status) & case.family.errors.all

    assert attempt() == case.family.errors.protected
    assert chip.memory.array == before
    case.clear(bus)
    assert attempt() == 0
    assert chip.memory.array != before


def test_hang_never_ends(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.hang_next(FlashOperation.ERASE)
    case.unlock(bus)
    bus.write_all((case.base + offset, value) for offset, value in case.erase)
    chip.pass_time(1 << 31)
    assert all(bus.read(case.status) & case.family.busy for _ in range(100))
    chip.reset()
    assert not bus.read(case.status) & case.family.busy


def test_time_ends_an_erase(case: Case) -> None:
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write_all((case.base + offset, value) for offset, value in case.erase)
    assert chip.is_waiting
    chip.pass_time(1 << 24)
    assert not chip.is_waiting
    assert not bus.read(case.status) & case.family.busy


# What a write has to look like

ERRORS = [
    pytest.param("F4", ARRAY, 1, F4.errors.size, id="F4 takes the width of PSIZE"),
    pytest.param("L4", ARRAY, 2, L4.errors.size, id="L4 takes words"),
    pytest.param("L4", ARRAY + 4, 4, L4.errors.alignment, id="L4 starts with the lower word"),
    pytest.param("U5", ARRAY + 8, 4, U5.errors.alignment, id="U5 starts with the lowest word"),
]


@pytest.mark.parametrize(("name", "address", "width", "flag"), ERRORS)
def test_odd_write_sets_a_flag(name: str, address: int, width: int, flag: int) -> None:
    case = CASES[name]
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.program)
    bus.write(address, 0, width)
    assert bus.read(case.status) & case.family.errors.all == flag
    assert set(chip.memory.array) == {0xFF}
    assert len(chip.violations) == 1


def test_f1_answers_a_word_with_a_bus_fault() -> None:
    case = CASES["F1"]
    bus = Bus(case.chip())
    case.unlock(bus)
    bus.write(case.control, case.program)
    with pytest.raises(BusFault):
        bus.write(ARRAY, 0, 4)


def test_h7_leaves_its_row() -> None:
    case = CASES["H7"]
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.program)
    bus.write(ARRAY, 0)
    assert bus.read(case.status) & H7.not_empty
    bus.write(ARRAY + 32, 0)
    assert bus.read(case.status) & H7.errors.all == H7.errors.inconsistent


def test_h7_is_forced_to_write_a_part() -> None:
    case = CASES["H7"]
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.program)
    bus.write(ARRAY, 0x1234_5678)
    bus.write(case.control, case.program | H7.force_write)
    assert chip.memory.peek(0, 32) == bytes.fromhex("78563412") + b"\xff" * 28


def test_h7_programs_the_second_bank_by_its_own_registers() -> None:
    chip = Stm32Flash((H7,), device((0x2_0000, 16)))
    bus = Bus(chip)
    bus.write_all((H7.base + 0x104, key) for key in KEYS)
    bus.write(H7.base + 0x10C, H7.program)
    for word in range(8):
        bus.write(ARRAY + 0x10_0000 + 4 * word, word)
    assert chip.memory.peek(0x10_0000, 8) == bytes.fromhex("0000000001000000")
    bus.write(H7.base + 0x10C, 0x184)
    assert chip.memory.commands[-1] == "erase sector 0x08120000"


OCCUPIED = [
    pytest.param("F1", 0x0F, F1.errors.programmed, 0x0F, id="F1 refuses"),
    pytest.param("F4", 0x0F, 0, 0x01, id="F4 clears bits"),
    pytest.param("L4", 0x0F, L4.errors.programmed, 0x0F, id="L4 refuses"),
    pytest.param("U5", 0x0F, U5.errors.programmed, 0x0F, id="U5 refuses"),
    pytest.param("H7", 0x0F, 0, 0x01, id="H7 spoils its ECC"),
]


@pytest.mark.parametrize(("name", "held", "flag", "left"), OCCUPIED)
def test_program_over_something(name: str, held: int, flag: int, left: int) -> None:
    case = CASES[name]
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.poke(0, bytes([held]))
    case.unlock(bus)
    bus.write(case.control, case.program)
    case.put(bus, ARRAY, b"\xf1" + b"\xff" * (case.unit - 1))
    case.wait(bus)
    assert bus.read(case.status) & case.family.errors.all == flag
    assert chip.memory.peek(0, 1) == bytes([left])
    assert [("programmed twice" in each) for each in chip.violations] == ([True] if name == "H7" else [])


@pytest.mark.parametrize("name", ["F1", "L4"])
def test_zeros_go_over_anything(name: str) -> None:
    case = CASES[name]
    chip = case.chip()
    bus = Bus(chip)
    chip.memory.poke(0, b"\x55" * case.unit)
    case.unlock(bus)
    bus.write(case.control, case.program)
    case.put(bus, ARRAY, bytes(case.unit))
    assert chip.memory.peek(0, case.unit) == bytes(case.unit)


def test_l4_wants_old_errors_cleared() -> None:
    case = CASES["L4"]
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.program)
    bus.write(ARRAY, 0, 2)
    case.put(bus, ARRAY, bytes(8))
    assert bus.read(case.status) & L4.errors.sequence
    case.clear(bus)
    case.put(bus, ARRAY, bytes(8))
    assert chip.memory.peek(0, 8) == bytes(8)


@pytest.mark.parametrize(("name", "refused"), [("L4", True), ("U5", True), ("H7", False), ("H7A3", False)])
def test_erase_while_programming_is_on(name: str, *, refused: bool) -> None:
    case = CASES[name]
    chip = case.chip()
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, case.mass_erase | case.family.program)
    assert bool(bus.read(case.status) & case.family.errors.sequence) is refused
    assert (chip.memory.commands == []) is refused


@pytest.mark.parametrize(("name", "bit"), [("F4", 1 << 24), ("L4", 1 << 24)])
def test_end_flag_comes_with_its_interrupt_only(name: str, bit: int) -> None:
    case = CASES[name]
    bus = Bus(case.chip())
    case.unlock(bus)
    for enable, expected in ((0, 0), (bit, 1)):
        bus.write(case.control, case.program | enable)
        case.put(bus, ARRAY, pattern(case.unit) if not enable else bytes(case.unit))
        case.wait(bus)
        assert bus.read(case.status) & case.family.end == expected


# Numbers of sectors

F4_TWO_BANKS = device(*F4_BANK, *F4_BANK)
NUMBERS = [
    pytest.param(F4, F4_TWO_BANKS, 0x1_0002 | 5 << 3, 0x2_0000, id="F4, bank 1"),
    pytest.param(F4, F4_TWO_BANKS, 0x1_0002 | 17 << 3, 0x10_4000, id="F4, bank 2 from 16"),
    pytest.param(F4, device((0x4000, 4), (0x1_0000, 1), (0x2_0000, 11)), 0x1_0002 | 15 << 3, 0x16_0000, id="F413"),
    pytest.param(F4, device((0x8000, 4), (0x2_0000, 1), (0x4_0000, 7)), 0x1_0002 | 11 << 3, 0x1C_0000, id="F7"),
    pytest.param(L4, device((0x800, 512)), 0x1_0802 | 3 << 3, 0x8_1800, id="L4, bank 2"),
    pytest.param(L4, device((0x800, 128)), 0x1_0802 | 3 << 3, 0x2_1800, id="L4 of 256 KiB, bank 2"),
    pytest.param(L4, device((0x800, 64)), 0x1_0002 | 63 << 3, 0x1_F800, id="L4 of 128 KiB, one bank"),
    pytest.param(L4, device((0x1000, 256)), 0x1_0802 | 3 << 3, 0x8_3000, id="L4+ with two banks"),
    pytest.param(L4, device((0x2000, 256)), 0x1_0002 | 255 << 3, 0x1F_E000, id="L4+ with one bank"),
    pytest.param(U5, device((0x2000, 256)), 0x1_0802 | 1 << 3, 0x10_2000, id="U5, bank 2"),
]


@pytest.mark.parametrize(("family", "chip_device", "control", "offset"), NUMBERS)
def test_number_names_the_sector(family: Stm32FlashFamily, chip_device: Device, control: int, offset: int) -> None:
    chip = Stm32Flash((family,), chip_device)
    bus = Bus(chip)
    bus.write_all((family.base + family.sets[0].key, key) for key in KEYS)
    bus.write(family.base + family.sets[0].control, control)
    assert (chip.memory.commands, chip.violations) == ([f"erase sector 0x{ARRAY + offset:08x}"], [])


@pytest.mark.parametrize(("name", "control"), [("F4", 0x1_0002 | 12 << 3), ("L4", 0x1_0802), ("H7A3", 0x24 | 127 << 6)])
def test_sector_that_is_not_there(name: str, control: int) -> None:
    case = CASES[name]
    small = device((0x4000, 4), (0x1_0000, 1), (0x2_0000, 3)) if name == "F4" else device((case.sector[1], 16))
    chip = Stm32Flash((case.family,), small)
    bus = Bus(chip)
    case.unlock(bus)
    bus.write(case.control, control)
    assert chip.memory.commands == []
    assert "sector that is not there" in chip.violations[0]


BANK_OPTIONS = [
    pytest.param(F4, device((0x8000, 4), (0x2_0000, 1), (0x4_0000, 3)), 0x14, 1 << 29, 1 << 29, id="F7, nDBANK"),
    pytest.param(F4, F4_TWO_BANKS, 0x14, 3 << 29, 0, id="F4 or F7 of 2 MiB, two banks"),
    pytest.param(L4, device((0x1000, 256)), 0x20, 3 << 21, 3 << 21, id="L4+, two banks"),
    pytest.param(L4, device((0x2000, 128)), 0x20, 3 << 21, 0, id="L4+, one bank"),
    pytest.param(U5, device((0x2000, 128)), 0x40, 1 << 21, 1 << 21, id="U5"),
]


@pytest.mark.parametrize(("family", "chip_device", "offset", "mask", "bits"), BANK_OPTIONS)
def test_option_bytes_tell_of_the_banks(
    family: Stm32FlashFamily, chip_device: Device, offset: int, mask: int, bits: int
) -> None:
    bus = Bus(Stm32Flash((family,), chip_device))
    assert bus.read(family.base + offset) & mask == bits


def test_size_register(case: Case) -> None:
    bus = Bus(case.chip())
    for address in case.family.size_registers:
        assert bus.read(address, 2) == case.device.size_bytes // 1024


@pytest.mark.parametrize(("name", "alias"), [("F4", 0x0020_0000), ("U5", 0x0C00_0000)])
def test_alias_shows_the_array(name: str, alias: int) -> None:
    chip = CASES[name].chip()
    chip.memory.poke(0x100, b"\x12\x34\x56\x78")
    assert Bus(chip).read(alias + 0x100) == 0x7856_3412


# Which family it is

FIRST_STEPS = [
    pytest.param((("w", 0x04, KEYS[0]),), F1, id="key register of F1"),
    pytest.param((("w", 0x08, KEYS[0]),), L4, id="key register of L4 first"),
    pytest.param((("r", 0x40, 0),), L5, id="option register of L5"),
    pytest.param((("w", 0x08, KEYS[0]), ("w", 0x08, KEYS[1]), ("r", 0x20, 0), ("r", 0x28, 0)), L4, id="as L4"),
    pytest.param((("w", 0x08, KEYS[0]), ("w", 0x08, KEYS[1]), ("r", 0x40, 0)), L5, id="as L5"),
]


@pytest.mark.parametrize(("steps", "family"), FIRST_STEPS)
def test_family_shows(steps: tuple[tuple[str, int, int], ...], family: Stm32FlashFamily) -> None:
    chip = Stm32Flash((F1, L4, L5), device((0x800, 128)))
    bus = Bus(chip)
    for kind, offset, value in steps:
        if kind == "w":
            bus.write(F1.base + offset, value)
        else:
            bus.read(F1.base + offset)
    assert chip.family is family
    assert chip.violations == []
