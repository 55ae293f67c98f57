"""The choice of an STM32 machine, and what such a machine is made of."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.machines.registry import MACHINES, choose_machine
from loaderconv.emulator.machines.stm32_external import STM32_EXTERNAL
from loaderconv.emulator.machines.stm32_i2c import STM32_I2C
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import UsageProblem

M0, M3, M4, M7, M33 = CpuModel
SPI_FLASH, NOR = DeviceKind.SPI_FLASH, DeviceKind.NOR_FLASH


def need(
    cpu: CpuModel,
    *constants: int,
    image: int = 0x2000_0004,
    kind: DeviceKind = NOR,
    base: int = 0x9000_0000,
    start: StartCondition = StartCondition.AFTER_RESET,
    name: str = "NOR",
    size_bytes: int = 16 << 20,
) -> Need:
    device = Device(
        name=name,
        kind=kind,
        base_address=base,
        size_bytes=size_bytes,
        page_size_bytes=256,
        erased_value=0xFF,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=4096, count=size_bytes >> 12),),
    )
    return Need(device, (AddressRange(start=image, size_bytes=0x2000),), cpu, start, frozenset(constants))


CHOICES = [
    ("stm32f7-quadspi", need(M7, 0x4002_3800, 0x4002_0000, 0xA000_1000)),
    ("stm32f4-quadspi", need(M4, 0x4002_3800, 0x4002_0400, 0xA000_1000)),
    ("stm32h7-quadspi", need(M7, 0x5802_4400, 0x5200_5000)),
    ("stm32h7-quadspi", need(M7, 0x5802_44D4, 0x5200_5000, image=0x2400_0004)),
    ("stm32h72-octospi", need(M7, 0x5802_4400, 0x5200_5000, 0x5200_A000)),
    ("stm32h7ab-octospi", need(M7, 0x5802_4534, 0x5200_5000, 0x5200_A000, image=0x2400_0004)),
    ("stm32h7rs-xspi", need(M7, 0x5802_4400, 0x5200_A000, 0x5802_3800, base=0x7000_0000)),
    ("stm32h5-octospi", need(M33, 0x4402_0C00, 0x4700_1400, image=0x2000_3004)),
    ("stm32u5-octospi", need(M33, 0x4602_0C00, 0x420D_1400)),
    ("stm32u5-octospi", need(M33, 0x5602_0C00, 0x520D_1400)),
    ("stm32u3-octospi", need(M33, 0x4003_0C00, 0x420D_1400)),
    ("stm32l5-octospi", need(M33, 0x4002_1000, 0x4402_1000)),
    ("stm32l4-quadspi", need(M4, 0x4002_1000, 0x4800_0000, 0xA000_1000)),
    ("stm32l4+-octospi", need(M4, 0x4002_1000, 0x4800_0000, 0xA000_1000, 0xA000_1400)),
    ("stm32wb-quadspi", need(M4, 0x5800_0000, 0x4800_0000, 0xA000_1000)),
    ("stm32f1-spi", need(M3, 0x4002_1000, 0x4001_0800, 0x4001_3000, kind=SPI_FLASH)),
    ("stm32h7-spi", need(M7, 0x5802_4400, 0x4001_3000, kind=SPI_FLASH, base=0x7000_0000)),
    ("stm32g0-spi", need(M0, 0x4002_1000, 0x5000_0000, kind=SPI_FLASH)),
    ("stm32f0-spi", need(M0, 0x4002_1000, 0x4800_0000, 0x4001_3000)),
    ("stm32f0-spi-eeprom", need(M0, 0x4002_1000, 0x4800_0000, 0x4001_3000, size_bytes=0x8000)),
    ("stm32f1-spi-eeprom", need(M3, 0x4002_1000, 0x4001_0800, kind=SPI_FLASH, name="M95M01", size_bytes=0x2_0000)),
    ("stm32f1-i2c", need(M3, 0x4002_1000, 0x4001_0800, kind=DeviceKind.I2C_EEPROM, size_bytes=0x8000)),
    ("stm32l4-i2c", need(M4, 0x4002_1000, 0x4800_0000, 0x4000_5400, kind=DeviceKind.UNKNOWN, size_bytes=0x8000)),
]


@pytest.mark.parametrize(("name", "wanted"), CHOICES)
def test_choice(name: str, wanted: Need) -> None:
    assert choose_machine(wanted).name == name


@pytest.mark.parametrize(
    "wanted",
    [
        need(M4, 0x4002_3800, kind=DeviceKind.UNKNOWN, base=0x8000_0000),
        need(M7, 0x5802_4400, 0x5200_5000, image=0x6000_0004),
    ],
    ids=["no connection that is known", "no RAM at the image"],
)
def test_none_of_these_fits(wanted: Need) -> None:
    assert not [kind.name for kind in (*STM32_EXTERNAL, *STM32_I2C) if kind.fits(wanted)]


def test_choice_by_name() -> None:
    assert choose_machine(need(M4), "stm32h7-quadspi").name == "stm32h7-quadspi"
    with pytest.raises(UsageProblem) as problem:
        choose_machine(need(M4), "stm32z9-quadspi")
    assert problem.value.message == "There is no machine named stm32z9-quadspi."
    assert any(f"Did you mean {kind.name} or " in problem.value.hint for kind in MACHINES)
    assert "--machine list" in problem.value.hint


def test_names_differ() -> None:
    assert len({kind.name for kind in MACHINES}) == len(MACHINES)


@pytest.mark.parametrize("kind", [*STM32_EXTERNAL, *STM32_I2C], ids=lambda kind: kind.name)
def test_every_machine_holds_together(kind: MachineKind) -> None:
    """Windows overlap neither each other nor the RAM; the memory is blank and takes what a scenario puts there."""
    machine = kind.build(need(M4, image=0x2000_0000))
    UnicornCore(machine.cpu, ram=machine.ram, peripherals=machine.peripherals)
    assert machine.memory is not None
    assert machine.memory.size_bytes == 16 << 20
    machine.memory.poke(5, b"\x00")
    assert machine.memory.peek(4, 3) == b"\xff\x00\xff"
    assert machine.memory.name in machine.title
    assert not machine.guesses
    machine.reset()
    assert machine.memory.peek(4, 3) == b"\xff\x00\xff", "a reset of the chip leaves the memory alone"


QUADSPI, RCC_AHB3ENR, RCC_AHB3RSTR, ENABLE = 0xA000_1000, 0x4002_3838, 0x4002_3818, 0b10
MAPPED = 0x9000_0000


def f7(start: StartCondition) -> tuple[Machine, Bus]:
    wanted = need(M7, 0x4002_3800, QUADSPI, start=start)
    kind = choose_machine(wanted)
    assert start in kind.starts or start is StartCondition.AFTER_RESET
    machine = kind.build(wanted)
    return machine, Bus(*machine.peripherals)


def test_controller_needs_its_clock() -> None:
    _machine, bus = f7(StartCondition.AFTER_RESET)
    bus.write(QUADSPI, 1)
    assert bus.read(QUADSPI) == 0
    bus.write(RCC_AHB3ENR, ENABLE)
    bus.write(QUADSPI, 1)
    assert bus.read(QUADSPI) == 1
    bus.write(RCC_AHB3RSTR, ENABLE)
    bus.write(RCC_AHB3RSTR, 0)
    assert bus.read(QUADSPI) == 0


def test_controller_held_in_reset() -> None:
    _machine, bus = f7(StartCondition.CLOCKS_GATED)
    bus.write(RCC_AHB3ENR, ENABLE)
    bus.write(QUADSPI, 1)
    assert bus.read(QUADSPI) == 0
    bus.write(RCC_AHB3RSTR, 0)
    bus.write(QUADSPI, 1)
    assert bus.read(QUADSPI) == 1


def test_controller_left_mapped() -> None:
    machine, bus = f7(StartCondition.MAPPED)
    assert machine.memory is not None
    machine.memory.poke(0x100, b"data")
    assert bus.read(MAPPED + 0x100).to_bytes(4, "little") == b"data"
    machine.reset()
    assert bus.read(RCC_AHB3ENR) == 0


def test_secure_alias() -> None:
    wanted = need(M33, 0x4602_0C00, 0x420D_1400)
    bus = Bus(*choose_machine(wanted).build(wanted).peripherals)
    bus.write(0x5602_0C8C, 1)
    assert bus.read(0x4602_0C8C) == 1
    bus.write(0x5202_0018, 1)
    assert bus.read(0x4202_0014) == 1


def test_bit_band_alias_of_the_machine() -> None:
    wanted = need(M4, 0x4002_3800, QUADSPI)
    bus = Bus(*choose_machine(wanted).build(wanted).peripherals)
    bus.write(0x4200_0000 + 0x2_3800 * 32 + 24 * 4, 1)
    assert bus.read(0x4002_3800) >> 24 & 0b11 == 0b11


def test_unknown_register_is_a_guess_that_is_counted() -> None:
    machine, bus = f7(StartCondition.AFTER_RESET)
    polls = 0
    while not bus.read(0x4001_2410) & 1:
        polls += 1
    assert set(machine.guesses) == {0x4001_2410}
