"""The banks of the FMC, and machines with a parallel NOR memory in one."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.fmc import FMCEN, Fmc
from loaderconv.emulator.devices.peripheral import BusFault
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.emulator.machines.stm32_parallel import STM32_PARALLEL
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

M0, M3, M4, M7, M33 = CpuModel
BASE = 0xA000_0000
MBKEN, NOR, WIDE, FACCEN, WREN = 1 << 0, 2 << 2, 1 << 4, 1 << 6, 1 << 12
GOOD = MBKEN | NOR | WIDE | FACCEN | WREN
BANK_1, BANK_2 = 0x6000_0000, 0x6400_0000


class DataLines:
    """A memory that tells what it sees."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int, int]] = []

    def read(self, offset: int, width_bytes: int) -> int:
        self.seen.append(("read", offset, width_bytes, 0))
        return int.from_bytes(bytes(range(offset & 0xFF, (offset & 0xFF) + width_bytes)), "little")

    def write(self, offset: int, width_bytes: int, value: int) -> None:
        self.seen.append(("write", offset, width_bytes, value))


def fmc(memory_base: int = BANK_1, enable: int = 0, *, is_clocked: bool = True) -> tuple[Fmc, DataLines, Bus]:
    lines = DataLines()
    controller = Fmc(BASE, lines, memory_base, enable=enable, is_clocked=lambda: is_clocked)
    return controller, lines, Bus(controller, controller.registers)


def test_reset_values() -> None:
    _, _, bus = fmc()
    assert [bus.read(BASE + 8 * bank) for bank in range(4)] == [0x30DB, 0x30D2, 0x30D2, 0x30D2]
    assert bus.read(BASE + 0x04) == bus.read(BASE + 0x11C) == 0x0FFF_FFFF


@pytest.mark.parametrize(
    ("control", "size_bytes", "value", "units"),
    [
        (GOOD, 2, 0x1110, [(0x10, 2)]),
        (GOOD, 4, 0x1312_1110, [(0x10, 2), (0x12, 2)]),
        (GOOD & ~WIDE, 1, 0x10, [(0x10, 1)]),
        (GOOD & ~WIDE, 2, 0x1110, [(0x10, 1), (0x11, 1)]),
        (GOOD & ~WIDE, 4, 0x1312_1110, [(0x10, 1), (0x11, 1), (0x12, 1), (0x13, 1)]),
    ],
)
def test_an_access_is_cut_to_the_width_of_the_bus(
    control: int, size_bytes: int, value: int, units: list[tuple[int, int]]
) -> None:
    controller, lines, bus = fmc()
    bus.write(BASE, control)
    assert bus.read(BANK_1 + 0x10, size_bytes) == value
    assert [each[1:3] for each in lines.seen] == units
    lines.seen.clear()
    bus.write(BANK_1 + 0x10, value, size_bytes)
    assert [each[:3] for each in lines.seen] == [("write", *unit) for unit in units]
    assert sum(each[3] << 8 * (each[1] - 0x10) for each in lines.seen) == value
    assert controller.violations == []


def test_a_byte_is_read_but_not_written_on_a_wide_bus() -> None:
    controller, lines, bus = fmc()
    bus.write(BASE, GOOD)
    assert (bus.read(BANK_1 + 0x10, 1), bus.read(BANK_1 + 0x11, 1)) == (0x10, 0x11)
    bus.write(BANK_1 + 0x11, 0, 1)
    assert lines.seen == [("read", 0x10, 2, 0)] * 2
    assert controller.violations == ["a byte written at 0x60000011, on a bus of 16 bits without byte lanes"]


@pytest.mark.parametrize(
    ("control", "words"),
    [
        (GOOD & ~WREN, "0x60000000 written while WREN of its bank is 0"),
        (GOOD & ~FACCEN, "NOR/PSRAM 1 of the FMC is accessed while FACCEN is 0"),
        (GOOD ^ 3 << 4, "NOR/PSRAM 1 of the FMC has a bus of 32 bits, which is not modelled"),
    ],
)
def test_settings_that_let_no_write_through(control: int, words: str) -> None:
    controller, lines, bus = fmc()
    bus.write(BASE, control)
    bus.write(BANK_1, 0x1234, 2)
    assert lines.seen == []
    assert controller.violations == [words]


def test_bus_errors() -> None:
    _, _, bus = fmc()
    bus.write(BASE, GOOD & ~MBKEN)
    for address in (BANK_1, BANK_2):
        with pytest.raises(BusFault, match="disabled"):
            bus.read(address, 2)
    _, _, unclocked = fmc(is_clocked=False)
    with pytest.raises(BusFault, match="no clock"):
        unclocked.write(BANK_1, 0, 2)


def test_the_bit_that_switches_the_controller_on() -> None:
    _, lines, bus = fmc(enable=FMCEN)
    bus.write(BASE, GOOD)
    with pytest.raises(BusFault):
        bus.read(BANK_1, 2)
    bus.write(BASE, GOOD | FMCEN)
    bus.read(BANK_1, 2)
    assert lines.seen == [("read", 0, 2, 0)]


def test_the_memory_is_in_its_bank_alone() -> None:
    _, lines, bus = fmc(BANK_2)
    bus.write(BASE + 8, GOOD)
    assert bus.read(BANK_1, 2) == 0xFFFF
    bus.write(BANK_2 + 6, 0x1234, 2)
    assert lines.seen == [("write", 6, 2, 0x1234)]


def need(
    cpu: CpuModel,
    *constants: int,
    kind: DeviceKind = DeviceKind.NOR_FLASH,
    base: int = BANK_1,
    size_bytes: int = 16 << 20,
    name: str = "NOR",
    start: StartCondition = StartCondition.AFTER_RESET,
) -> Need:
    device = Device(
        name=name,
        kind=kind,
        base_address=base,
        size_bytes=size_bytes,
        page_size_bytes=16,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=0x2_0000, count=size_bytes // 0x2_0000),),
    )
    return Need(device, (AddressRange(start=0x2000_0004, size_bytes=0x2000),), cpu, start, frozenset(constants))


CHOICES = [
    ("stm32f1-fmc", need(M3, 0x4002_1000, 0x4001_0800, 0xA000_0000, base=BANK_2)),
    ("stm32f4-fmc", need(M4, 0x4002_3800, 0x4002_0C00, 0xA000_0000, base=0x6C00_0000)),
    ("stm32f7-fmc", need(M7, 0x4002_3800, 0x4002_0C00, 0xA000_0104)),
    ("stm32f7-fmc", need(M7, 0x4002_3800, 0xA000_0000, 0xA000_1000)),
    ("stm32l4-fmc", need(M4, 0x4002_1000, 0x4800_0000, 0xA000_0000, kind=DeviceKind.NOR_FLASH_16_BIT)),
    ("stm32h7-fmc", need(M7, 0x5802_4400, 0x5200_4000, size_bytes=64 << 20)),
    ("stm32h7ab-fmc", need(M7, 0x5802_4534, 0x5200_4000)),
    ("stm32h5-fmc", need(M33, 0x4402_0C00, 0x4700_0400)),
    ("stm32u5-fmc", need(M33, 0x5602_0C00, 0x520D_0400)),
]


@pytest.mark.parametrize(("name", "wanted"), CHOICES)
def test_choice(name: str, wanted: Need) -> None:
    assert choose_machine(wanted).name == name


@pytest.mark.parametrize(
    "wanted",
    [
        need(M4, 0x4002_3800, 0xA000_0000, kind=DeviceKind.SDRAM),
        need(M4, 0x4002_3800, 0xA000_0000, kind=DeviceKind.NAND_FLASH),
        need(M4, 0x4002_3800, 0xA000_0000, base=0xC000_0000),
        need(M4, 0x4002_3800, 0xA000_0000, size_bytes=128 << 20),
        need(M7, 0x402A_8000, 0x400F_C000),
        need(M4, 0x4002_3800, 0xA000_1000),
    ],
    ids=["SDRAM", "NAND", "no bank", "more than a bank", "FlexSPI of another vendor", "does not know the FMC"],
)
def test_none_of_these_fits(wanted: Need) -> None:
    assert not [kind.name for kind in STM32_PARALLEL if kind.fits(wanted)]


@pytest.mark.parametrize("kind", STM32_PARALLEL, ids=lambda kind: kind.name)
def test_every_machine_holds_together(kind: MachineKind) -> None:
    machine = kind.build(need(M4))
    UnicornCore(machine.cpu, ram=machine.ram, peripherals=machine.peripherals)
    assert machine.memory is not None
    machine.memory.poke(5, b"\x00")
    machine.reset()
    assert machine.memory.peek(4, 3) == b"\xff\x00\xff", "a reset of the chip leaves the memory alone"
    assert machine.title.endswith("parallel NOR of 16 MiB")


RCC, PORT_D_INPUT = 0x4002_3800, 0x4002_0C10


def f4(start: StartCondition = StartCondition.AFTER_RESET, name: str = "NOR") -> tuple[Machine, Bus]:
    wanted = need(M4, RCC, 0xA000_0000, start=start, name=name)
    machine = choose_machine(wanted).build(wanted)
    return machine, Bus(*machine.peripherals)


def test_the_pin_tells_when_the_memory_is_ready() -> None:
    machine, bus = f4()
    bus.write_all([(RCC + 0x38, 1), (RCC + 0x30, 1 << 3), (BASE, GOOD)])
    assert bus.read(PORT_D_INPUT) >> 6 & 1
    for offset, value in ((0xAAA, 0xAA), (0x554, 0x55), (0xAAA, 0xA0), (0x20, 0x1234)):
        bus.write(BANK_1 + offset, value, 2)
    levels = [bus.read(PORT_D_INPUT) >> 6 & 1 for _ in range(20)]
    assert (levels[0], levels[-1], sorted(levels)) == (0, 1, levels)
    assert machine.memory is not None
    assert machine.memory.peek(0x20, 2) == b"\x34\x12"


def test_clock_and_reset() -> None:
    _, bus = f4(StartCondition.CLOCKS_GATED)
    bus.write(RCC + 0x38, 1)
    with pytest.raises(BusFault):
        bus.read(BANK_1, 2)
    bus.write(RCC + 0x18, 0)
    bus.write(BASE, GOOD)
    assert bus.read(BANK_1, 2) == 0xFFFF
    bus.write(RCC + 0x18, 1)
    bus.write(RCC + 0x18, 0)
    assert bus.read(BASE) == 0x30DB


@pytest.mark.parametrize(
    ("name", "command_set"), [("board with M29W128", 2), ("JS28F128J3-board", 1), ("PC28F128P30", 1)]
)
def test_the_name_decides_on_the_command_set(name: str, command_set: int) -> None:
    _, bus = f4(name=name)
    bus.write_all([(RCC + 0x38, 1), (BASE, GOOD)])
    bus.write(BANK_1 + 0xAA, 0x98, 2)
    assert bus.read(BANK_1 + 2 * 0x13, 2) == command_set
