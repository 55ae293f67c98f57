"""Clock gates, alone, and the tables of the families."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices import rcc_families
from loaderconv.emulator.devices.gpio import PORT, GpioPort
from loaderconv.emulator.devices.rcc import Gate, Rcc
from loaderconv.emulator.devices.rcc_families import ClockTree
from loaderconv.emulator.devices.register_block import RegisterBlock, RegisterLayout
from loaderconv.emulator.machines.stm32_board import gated

RCC, ENABLE, RESET = 0x4002_1000, 0x4002_1014, 0x4002_1028
PORT_A, BSRR, ODR = 0x4800_0000, 0x4800_0018, 0x4800_0014
BIT = 1 << 17


def gated_port() -> tuple[Rcc, Bus]:
    rcc = Rcc(RCC, RegisterLayout("RCC"), {"GPIOA": Gate(0x14, 0x28, 17)})
    port = GpioPort("A", PORT_A, PORT)
    rcc.on_reset("GPIOA", port.reset)
    return rcc, Bus(rcc, gated(rcc, "GPIOA", port))


def test_peripheral_without_clock_is_silent() -> None:
    rcc, bus = gated_port()
    bus.write(BSRR, 1)
    assert bus.read(ODR) == 0
    assert rcc.remarks == ["GPIOA written while its clock is off or its reset is held"]
    bus.write(ENABLE, BIT)
    assert bus.read(ODR) == 0, "what was written before is lost"
    bus.write(BSRR, 1)
    assert bus.read(ODR) == 1
    assert (len(rcc.remarks), rcc.violations) == (1, [])


def test_reset_clears_and_holds() -> None:
    rcc, bus = gated_port()
    bus.write(ENABLE, BIT)
    bus.write(BSRR, 1)
    bus.write(RESET, BIT)
    bus.write(BSRR, 2)
    assert not rcc.is_running("GPIOA")
    bus.write(RESET, 0)
    assert bus.read(ODR) == 0
    bus.write(BSRR, 2)
    assert bus.read(ODR) == 2


def test_what_an_earlier_program_leaves() -> None:
    rcc, bus = gated_port()
    rcc.enable("GPIOA")
    assert rcc.is_running("GPIOA")
    rcc.hold("GPIOA")
    assert not rcc.is_running("GPIOA")
    assert bus.read(RESET) == BIT
    assert rcc.is_running("something without a gate")


CLOCK_STEPS = [
    # family, register, what is switched on or selected, what has to show then
    ("F1", 0x00, 1 << 24, 1 << 25),
    ("F4_F7", 0x00, 1 << 16, 1 << 17),
    ("F4_F7", 0x00, 1 << 28, 1 << 29),
    ("F4_F7", 0x08, 0b10, 0b1000),
    ("F4_F7", 0x74, 1, 0b10),
    ("L4", 0x00, 1 << 8, 1 << 10),
    ("L4", 0x98, 1, 0b10),
    ("G0_C0", 0x08, 0b010, 0b010000),
    ("H7", 0x00, 1 << 7, 1 << 8),
    ("H7", 0x10, 0b011, 0b011000),
    ("H7AB", 0x00, 1 << 26, 1 << 27),
    ("H7RS", 0x00, 1 << 24, 1 << 25),
    ("H5", 0x00, 1 << 24, 1 << 25),
    ("H5", 0x1C, 0b11, 0b11000),
    ("U5", 0x00, 1 << 14, 1 << 15),
    ("U5", 0x1C, 0b11, 0b1100),
    ("U3", 0x00, 1 << 11, 1 << 13),
    ("WB_WL", 0x94, 1 << 2, 1 << 3),
    ("L0", 0x50, 1 << 8, 1 << 9),
    ("L1", 0x34, 1, 0b10),
]


@pytest.mark.parametrize(("family", "offset", "control", "status"), CLOCK_STEPS)
def test_clocks_become_ready(family: str, offset: int, control: int, status: int) -> None:
    tree: ClockTree = getattr(rcc_families, family)
    bus = Bus(Rcc(tree.rcc_base, tree.rcc, tree.gates))
    address = tree.rcc_base + offset
    before = bus.read(address)
    assert not before & control & ~1, "off after reset, save the oscillator that starts the chip"
    bus.write(address, before & ~status | control)
    assert bus.read(address) & status == status
    bus.write(address, 0)
    assert not bus.read(address) & status


POWER_STEPS = [
    ("F4_F7", 0x00, 1 << 16, 0x04, 1 << 16),
    ("F4_F7", 0x00, 1 << 17, 0x04, 1 << 17),
    ("H7", 0x18, 3 << 14, 0x04, 3 << 14 | 1 << 13),
    ("H7", 0x0C, 1 << 24, 0x0C, 1 << 26),
    ("H7AB", 0x18, 1 << 14, 0x18, 1 << 13),
    ("H5", 0x10, 3 << 4, 0x14, 3 << 14 | 1 << 13 | 1 << 3),
    ("U5", 0x0C, 1 << 18 | 3 << 16, 0x0C, 1 << 14 | 1 << 15),
    ("U3", 0x0C, 1 << 8, 0x0C, 1 << 24),
]


@pytest.mark.parametrize(("family", "offset", "control", "status_offset", "status"), POWER_STEPS)
def test_supply_becomes_ready(family: str, offset: int, control: int, status_offset: int, status: int) -> None:
    tree: ClockTree = getattr(rcc_families, family)
    bus = Bus(RegisterBlock(tree.pwr_base, tree.pwr))
    bus.write(tree.pwr_base + offset, control)
    assert bus.read(tree.pwr_base + status_offset) & status == status


def test_h7_registers_for_the_first_core() -> None:
    tree = rcc_families.H7
    rcc = Rcc(tree.rcc_base, tree.rcc, tree.gates)
    Bus(rcc).write(tree.rcc_base + 0x134, 1 << 14)
    assert rcc.is_running("QUADSPI")
