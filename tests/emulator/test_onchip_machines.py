"""Machines for flash inside the chip: which loader gets which, and what is in them."""

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.machines.generic import GENERIC
from loaderconv.emulator.machines.machine import MachineKind, Need
from loaderconv.emulator.machines.nordic import NORDIC
from loaderconv.emulator.machines.stm32_internal import STM32_INTERNAL
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

M0, M3, M4, M33 = CpuModel.CORTEX_M0, CpuModel.CORTEX_M3, CpuModel.CORTEX_M4, CpuModel.CORTEX_M33
KIB = 1024


def need(
    cpu: CpuModel, base: int, sector_kib: float, count: int, page_bytes: int, *constants: int, image: int | None = None
) -> Need:
    sector_bytes = int(sector_kib * KIB)
    device = Device(
        name="flash",
        kind=DeviceKind.MCU_FLASH,
        base_address=base,
        size_bytes=sector_bytes * count,
        page_size_bytes=page_bytes,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=sector_bytes, count=count),),
    )
    placed = () if image is None else (AddressRange(start=image, size_bytes=0x123),)
    return Need(device=device, image=placed, cpu=cpu, constants=frozenset(constants))


NORDICS = [
    pytest.param(need(M0, 0, 1, 256, 1024), "flash of nRF51822, 256 KiB", id="nRF51"),
    pytest.param(need(M4, 0, 4, 256, 4096), "flash of nRF52832, 1024 KiB", id="nRF52 of 1 MiB"),
    pytest.param(need(M4, 0x1000_1000, 4, 1, 4096), "UICR of nRF52832, 4 KiB", id="UICR of nRF52"),
    pytest.param(need(M33, 0, 4, 256, 4096), "flash of nRF5340 application core, nRF91, 1024 KiB", id="nRF53"),
    pytest.param(need(M33, 0x0100_0000, 2, 128, 2048), "flash of nRF5340 network core, 256 KiB", id="network core"),
    pytest.param(need(M33, 0x01FF_8000, 2, 2, 2048), "UICR of nRF5340 network core, 4 KiB", id="its UICR"),
]

STM32S = [
    pytest.param(need(M3, 0x0800_0000, 1, 128, 1024, 0x4002_2000), "STM32F0, F1, F3, 128 KiB", id="F1"),
    pytest.param(need(M0, 0x0800_0000, 16, 4, 1024, 0x4002_3C00), "STM32F2, F4, F7, 64 KiB", id="F4"),
    pytest.param(need(M0, 0x0020_0000, 32, 4, 1024, 0x4002_3C04), "STM32F2, F4, F7, 128 KiB", id="F7 by ITCM"),
    pytest.param(
        need(M4, 0x0800_0000, 8, 64, 1024, 0x4002_2020), "STM32L4, L4+, G0, G4 or STM32U5, 512 KiB", id="L4+ or U5"
    ),
    pytest.param(need(M33, 0x0C00_0000, 8, 64, 1024, 0x4002_2000), "STM32U5, 512 KiB", id="U5, secure address"),
    pytest.param(need(M4, 0x0800_0000, 4, 128, 1024, 0x5800_4000), "STM32WB, WL, 512 KiB", id="WB"),
    pytest.param(need(M4, 0x0800_0000, 128, 8, 1024, 0x5200_2114), "STM32H7, 1024 KiB", id="H7"),
    pytest.param(need(M4, 0x0800_0000, 8, 128, 1024, 0x5200_2000), "STM32H7A3, H7B0, H7B3, 1024 KiB", id="H7A3"),
]


@pytest.mark.parametrize(("wanted", "name"), NORDICS)
def test_nordic(wanted: Need, name: str) -> None:
    assert NORDIC.fits(wanted)
    assert not STM32_INTERNAL.fits(wanted)
    memory = NORDIC.build(wanted).memory
    assert memory is not None
    assert memory.name == name


@pytest.mark.parametrize(("wanted", "name"), STM32S)
def test_stm32(wanted: Need, name: str) -> None:
    assert STM32_INTERNAL.fits(wanted)
    assert not NORDIC.fits(wanted)
    machine = STM32_INTERNAL.build(wanted)
    assert machine.memory is not None
    assert machine.memory.name == f"flash of {name}"
    machine.memory.poke(0, b"\x01\x02\x03\x04")
    assert Bus(*machine.peripherals).read(wanted.device.base_address) == 0x0403_0201


OTHERS = [
    pytest.param(need(M4, 0, 4, 128, 512, 0x4002_0000), id="Kinetis: pages smaller than sectors"),
    pytest.param(need(M33, 0, 0.5, 492, 512), id="LPC55"),
    pytest.param(need(M0, 0x1FFF_C000, 1, 1, 4, 0x4002_3C00), id="option bytes of an F4"),
    pytest.param(need(M0, 0x0800_0000, 16, 4, 1024, 0x4002_2000), id="sectors of an F4, controller of an L4"),
    pytest.param(need(M3, 0x0800_0000, 2, 64, 1024), id="no controller named"),
    pytest.param(need(M4, 0x9000_0000, 4, 64, 256, 0x4002_3C00), id="external"),
]


@pytest.mark.parametrize("wanted", OTHERS)
def test_others_get_the_generic_one(wanted: Need) -> None:
    assert not NORDIC.fits(wanted)
    assert not STM32_INTERNAL.fits(wanted)
    assert GENERIC.fits(wanted)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        *((NORDIC, param.values[0]) for param in NORDICS),
        *((STM32_INTERNAL, param.values[0]) for param in STM32S),
        *((GENERIC, param.values[0]) for param in OTHERS),
        (GENERIC, need(M4, 0x1300_0000, 4, 64, 256, image=0x1000_0004)),
        (GENERIC, need(M33, 0xF000_0000, 4, 0x8000, 256, image=0x2000_0004)),
        (GENERIC, need(M33, 0x1000_0000, 4, 0x1_8000, 256)),
        (GENERIC, need(M4, 0xE000_0000, 4, 256, 256)),
        (GENERIC, need(M4, 0x2000_0000, 4, 256, 256)),
    ],
)
def test_nothing_overlaps(kind: MachineKind, wanted: Need) -> None:
    machine = kind.build(wanted)
    core = UnicornCore(machine.cpu, ram=machine.ram, peripherals=machine.peripherals)
    assert core.read_memory(machine.ram[0].start, 2) == b"\xde\xde"
    assert machine.cpu is wanted.cpu


def test_generic_shows_a_memory_at_both_security_states() -> None:
    machine = GENERIC.build(need(M33, 0x1000_0000, 1, 16, 512))
    bus = Bus(*machine.peripherals)
    bus.write(0x1000_0100, 0x1234_5678)
    assert bus.read(0x0000_0100) == 0x1234_5678
    assert bus.read(0x0000_0104) == 0xFFFF_FFFF


def test_generic_begins_anew_with_each_call() -> None:
    machine = GENERIC.build(need(M4, 0, 4, 16, 512))
    bus = Bus(*machine.peripherals)
    bus.write(0x4002_0000, 0x55)
    machine.begin_call()
    assert bus.read(0x4002_0000) == 0


@pytest.mark.parametrize(("kind", "wanted", "register"), [(STM32_INTERNAL, STM32S[1].values[0], 0x4000_3000)])
def test_what_is_not_modelled_is_guessed_and_counted(kind: MachineKind, wanted: object, register: int) -> None:
    assert isinstance(wanted, Need)
    machine = kind.build(wanted)
    bus = Bus(*machine.peripherals)
    while not bus.read(register) & 1:
        pass
    assert set(machine.guesses) == {register}
