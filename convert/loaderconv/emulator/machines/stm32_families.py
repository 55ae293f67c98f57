"""The STM32 families: where their peripherals, RAM and memories lie.

Addresses are those of ST's CMSIS device headers; RAM is the largest that a member of the family has (chapter
"Memory organization" of the reference manuals).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices import rcc_families
from loaderconv.emulator.devices.rcc_families import ClockTree
from loaderconv.emulator.devices.usart import COMMON_BASES
from loaderconv_schemas.address_range import AddressRange

PORT_SIZE_BYTES = 0x400
KIB = 1024
USART1 = 0x4001_3800
USART1_AND_6_ON_F4 = (0x4001_1000, 0x4001_1400)


@dataclass(frozen=True)
class Family:
    """One family.

    Attributes:
        name: short and stable ("f7").
        title: for a person ("STM32F7").
        cpus: the cores for which its loaders are built; the first is the one that it has.
        ram: where code and data may be.
        clocks: RCC and PWR.
        gpio_base: address of port A; each port takes 1 KiB.
        ports: address of each port that is not where its letter says.
        flash_registers: address of the flash interface.
        fmc: address of the registers of FSMC or FMC; None where there is neither.
        has_fmc_enable: whether BCR1 has the bit FMCEN, without which the FMC is off.
        controllers: by name (QUADSPI, OCTOSPI1, XSPI1...), address of the registers.
        spi: by name, address of the registers.
        spi_version: 1, 2 or 3, by the layout of the registers.
        i2c: by name, address of the registers.
        i2c_version: 1 or 2.
        delay_blocks: addresses of the delay blocks of its memory controllers.
        has_trust_zone: whether every peripheral answers 0x10000000 higher as well.
        telling: addresses that only this family has among those that look like it.
    """

    name: str
    title: str
    cpus: tuple[CpuModel, ...]
    ram: tuple[AddressRange, ...]
    clocks: ClockTree
    gpio_base: int
    flash_registers: int
    spi: Mapping[str, int]
    spi_version: int
    i2c: Mapping[str, int]
    i2c_version: int
    fmc: int | None = None
    has_fmc_enable: bool = False
    controllers: Mapping[str, int] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    delay_blocks: tuple[int, ...] = ()
    has_trust_zone: bool = False
    telling: frozenset[int] = frozenset()

    @property
    def has_bit_band(self) -> bool:
        """Whether its core has bit-band aliases."""
        return self.cpus[0] in (CpuModel.CORTEX_M3, CpuModel.CORTEX_M4)

    @property
    def usart_version(self) -> int:
        """Which layout its serial ports have: 1 or 2; the families with the older I2C have the older one."""
        return self.i2c_version

    @property
    def usarts(self) -> tuple[int, ...]:
        """Addresses of its serial ports, as far as they are where others have theirs."""
        of_f4 = self.clocks.rcc_base in (0x4002_3800, 0x5802_4400)
        return (*COMMON_BASES, *(USART1_AND_6_ON_F4 if of_f4 else (USART1,)))

    def port_base(self, letter: str) -> int:
        """Return the address of a GPIO port."""
        return self.ports.get(letter, self.gpio_base + PORT_SIZE_BYTES * (ord(letter) - ord("A")))


def _ram(*ranges: tuple[int, int]) -> tuple[AddressRange, ...]:
    """Return ranges from start and KiB."""
    return tuple(AddressRange(start=start, size_bytes=kib * KIB) for start, kib in ranges)


_M0 = (CpuModel.CORTEX_M0,)
_M3 = (CpuModel.CORTEX_M3,)
_M4 = (CpuModel.CORTEX_M4, CpuModel.CORTEX_M3)
_M7 = (CpuModel.CORTEX_M7, CpuModel.CORTEX_M4, CpuModel.CORTEX_M3)
_M33 = (CpuModel.CORTEX_M33, CpuModel.CORTEX_M4, CpuModel.CORTEX_M3)

_FMC = 0xA000_0000
_FMC_H7 = 0x5200_4000

_SPI_F = {
    "SPI1": 0x4001_3000,
    "SPI2": 0x4000_3800,
    "SPI3": 0x4000_3C00,
    "SPI4": 0x4001_3400,
    "SPI5": 0x4001_5000,
    "SPI6": 0x4001_5400,
}
_SPI_1_TO_3 = {"SPI1": 0x4001_3000, "SPI2": 0x4000_3800, "SPI3": 0x4000_3C00}
_SPI_1_TO_4 = {**_SPI_1_TO_3, "SPI4": 0x4001_3C00}
_SPI_H7 = {**_SPI_F, "SPI6": 0x5800_1400}
_SPI_H7RS = {
    "SPI1": 0x4200_3000,
    "SPI2": 0x4000_3800,
    "SPI3": 0x4000_3C00,
    "SPI4": 0x4200_3400,
    "SPI5": 0x4200_5000,
    "SPI6": 0x5800_1400,
}
_SPI_H5 = {**_SPI_1_TO_3, "SPI4": 0x4001_4C00, "SPI5": 0x4400_2000, "SPI6": 0x4001_5000}
_I2C_1_TO_3 = {"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4000_5C00}
_I2C_G0 = {"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4000_8800}
_I2C_F3 = {"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4000_7800}
_I2C_L4 = {**_I2C_1_TO_3, "I2C4": 0x4000_8400}

_RAM_H7 = _ram(
    (0x0000_0000, 64),
    (0x2000_0000, 128),
    (0x2400_0000, 512),
    (0x3000_0000, 288),
    (0x3800_0000, 64),
)

FAMILIES = (
    Family(
        name="f7",
        title="STM32F7",
        cpus=_M7,
        ram=_ram((0x0000_0000, 16), (0x2000_0000, 512)),
        clocks=rcc_families.F4_F7,
        gpio_base=0x4002_0000,
        flash_registers=0x4002_3C00,
        spi=_SPI_F,
        spi_version=2,
        i2c={**_I2C_1_TO_3, "I2C4": 0x4000_6000},
        i2c_version=2,
        fmc=_FMC,
        controllers={"QUADSPI": 0xA000_1000},
    ),
    Family(
        name="f4",
        title="STM32F4",
        cpus=_M4,
        ram=_ram((0x1000_0000, 64), (0x2000_0000, 384)),
        clocks=rcc_families.F4_F7,
        gpio_base=0x4002_0000,
        flash_registers=0x4002_3C00,
        spi=_SPI_F,
        spi_version=1,
        i2c=_I2C_1_TO_3,
        i2c_version=1,
        fmc=_FMC,
        controllers={"QUADSPI": 0xA000_1000},
    ),
    Family(
        name="h7",
        title="STM32H7",
        cpus=_M7,
        ram=_RAM_H7,
        clocks=rcc_families.H7,
        gpio_base=0x5802_0000,
        flash_registers=0x5200_2000,
        spi=_SPI_H7,
        spi_version=3,
        i2c={**_I2C_1_TO_3, "I2C4": 0x5800_1C00},
        i2c_version=2,
        fmc=_FMC_H7,
        has_fmc_enable=True,
        controllers={"QUADSPI": 0x5200_5000},
        delay_blocks=(0x5200_6000,),
    ),
    Family(
        name="h72",
        title="STM32H72x/H73x",
        cpus=_M7,
        ram=_RAM_H7,
        clocks=rcc_families.H72,
        gpio_base=0x5802_0000,
        flash_registers=0x5200_2000,
        spi=_SPI_H7,
        spi_version=3,
        i2c={**_I2C_1_TO_3, "I2C4": 0x5800_1C00, "I2C5": 0x4000_6400},
        i2c_version=2,
        fmc=_FMC_H7,
        has_fmc_enable=True,
        controllers={"OCTOSPI1": 0x5200_5000, "OCTOSPI2": 0x5200_A000},
        delay_blocks=(0x5200_6000, 0x5200_B000),
    ),
    Family(
        name="h7ab",
        title="STM32H7A3/H7B3",
        cpus=_M7,
        ram=_ram((0x0000_0000, 64), (0x2000_0000, 128), (0x2400_0000, 1024), (0x3000_0000, 128), (0x3800_0000, 32)),
        clocks=rcc_families.H7AB,
        gpio_base=0x5802_0000,
        flash_registers=0x5200_2000,
        spi=_SPI_H7,
        spi_version=3,
        i2c={**_I2C_1_TO_3, "I2C4": 0x5800_1C00},
        i2c_version=2,
        fmc=_FMC_H7,
        has_fmc_enable=True,
        controllers={"OCTOSPI1": 0x5200_5000, "OCTOSPI2": 0x5200_A000},
        delay_blocks=(0x5200_6000, 0x5200_B000),
        telling=frozenset((0x5802_4534, 0x5802_4540)),
    ),
    Family(
        name="h7rs",
        title="STM32H7R/H7S",
        cpus=_M7,
        ram=_ram((0x0000_0000, 192), (0x2000_0000, 192), (0x2400_0000, 456), (0x3000_0000, 32)),
        clocks=rcc_families.H7RS,
        gpio_base=0x5802_0000,
        flash_registers=0x5200_2000,
        spi=_SPI_H7RS,
        spi_version=3,
        i2c=_I2C_1_TO_3,
        i2c_version=2,
        fmc=_FMC_H7,
        has_fmc_enable=True,
        controllers={"XSPI1": 0x5200_5000, "XSPI2": 0x5200_A000},
        telling=frozenset((0x5802_3000, 0x5802_3400, 0x5802_3800, 0x5802_3C00, 0x4200_3000)),
    ),
    Family(
        name="h5",
        title="STM32H5",
        cpus=_M33,
        ram=_ram((0x2000_0000, 640)),
        clocks=rcc_families.H5,
        gpio_base=0x4202_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_H5,
        spi_version=3,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4400_2800, "I2C4": 0x4400_2C00},
        i2c_version=2,
        fmc=0x4700_0400,
        has_fmc_enable=True,
        controllers={"OCTOSPI1": 0x4700_1400},
        has_trust_zone=True,
    ),
    Family(
        name="u5",
        title="STM32U5",
        cpus=_M33,
        ram=_ram((0x2000_0000, 3008), (0x2800_0000, 16)),
        clocks=rcc_families.U5,
        gpio_base=0x4202_0000,
        flash_registers=0x4002_2000,
        spi={"SPI1": 0x4001_3000, "SPI2": 0x4000_3800, "SPI3": 0x4600_2000},
        spi_version=3,
        i2c={
            "I2C1": 0x4000_5400,
            "I2C2": 0x4000_5800,
            "I2C3": 0x4600_2800,
            "I2C4": 0x4000_8400,
            "I2C5": 0x4000_9800,
            "I2C6": 0x4000_9C00,
        },
        i2c_version=2,
        fmc=0x420D_0400,
        controllers={"OCTOSPI1": 0x420D_1400, "OCTOSPI2": 0x420D_2400},
        delay_blocks=(0x420C_F000, 0x420C_F400),
        has_trust_zone=True,
    ),
    Family(
        name="u3",
        title="STM32U3",
        cpus=_M33,
        ram=_ram((0x2000_0000, 640)),
        clocks=rcc_families.U3,
        gpio_base=0x4202_0000,
        flash_registers=0x4002_2000,
        spi={"SPI1": 0x4001_3000, "SPI2": 0x4000_3800, "SPI3": 0x4000_2000},
        spi_version=3,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4004_2800, "I2C4": 0x4000_8400},
        i2c_version=2,
        controllers={"OCTOSPI1": 0x420D_1400},
        has_trust_zone=True,
    ),
    Family(
        name="l5",
        title="STM32L5",
        cpus=_M33,
        ram=_ram((0x2000_0000, 256)),
        clocks=rcc_families.L5,
        gpio_base=0x4202_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c=_I2C_L4,
        i2c_version=2,
        fmc=0x4402_0000,
        controllers={"OCTOSPI1": 0x4402_1000},
        has_trust_zone=True,
    ),
    Family(
        name="l4",
        title="STM32L4",
        cpus=_M4,
        ram=_ram((0x1000_0000, 64), (0x2000_0000, 320)),
        clocks=rcc_families.L4,
        gpio_base=0x4800_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c=_I2C_L4,
        i2c_version=2,
        fmc=_FMC,
        controllers={"QUADSPI": 0xA000_1000},
        telling=frozenset((0x4000_5C00,)),
    ),
    Family(
        name="g4",
        title="STM32G4",
        cpus=_M4,
        ram=_ram((0x1000_0000, 32), (0x2000_0000, 128)),
        clocks=rcc_families.G4,
        gpio_base=0x4800_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_4,
        spi_version=2,
        i2c={**_I2C_F3, "I2C4": 0x4000_8400},
        i2c_version=2,
        fmc=_FMC,
        controllers={"QUADSPI": 0xA000_1000},
        telling=frozenset((0x4000_7800,)),
    ),
    Family(
        name="l4+",
        title="STM32L4+",
        cpus=_M4,
        ram=_ram((0x1000_0000, 64), (0x2000_0000, 640)),
        clocks=rcc_families.L4_PLUS,
        gpio_base=0x4800_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c=_I2C_L4,
        i2c_version=2,
        fmc=_FMC,
        controllers={"OCTOSPI1": 0xA000_1000, "OCTOSPI2": 0xA000_1400},
        telling=frozenset((0xA000_1400, 0x5006_1C00)),
    ),
    Family(
        name="wb",
        title="STM32WB",
        cpus=_M4,
        ram=_ram((0x1000_0000, 64), (0x2000_0000, 256)),
        clocks=rcc_families.WB_WL,
        gpio_base=0x4800_0000,
        flash_registers=0x5800_4000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c=_I2C_1_TO_3,
        i2c_version=2,
        controllers={"QUADSPI": 0xA000_1000},
    ),
    Family(
        name="wba",
        title="STM32WBA",
        cpus=_M33,
        ram=_ram((0x2000_0000, 128)),
        clocks=rcc_families.WBA,
        gpio_base=0x4202_0000,
        flash_registers=0x4002_2000,
        spi={"SPI1": 0x4001_3000, "SPI3": 0x4600_2000},
        spi_version=3,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800, "I2C3": 0x4600_2800, "I2C4": 0x4000_8400},
        i2c_version=2,
        has_trust_zone=True,
    ),
    Family(
        name="f1",
        title="STM32F1",
        cpus=_M3,
        ram=_ram((0x2000_0000, 96)),
        clocks=rcc_families.F1,
        gpio_base=0x4001_0800,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=1,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800},
        i2c_version=1,
        fmc=_FMC,
    ),
    Family(
        name="f2",
        title="STM32F2",
        cpus=_M3,
        ram=_ram((0x2000_0000, 128)),
        clocks=rcc_families.F2,
        gpio_base=0x4002_0000,
        flash_registers=0x4002_3C00,
        spi=_SPI_1_TO_3,
        spi_version=1,
        i2c=_I2C_1_TO_3,
        i2c_version=1,
        fmc=_FMC,
        telling=frozenset((0x4001_3C00, 0x4002_3830)),
    ),
    Family(
        name="l1",
        title="STM32L1",
        cpus=_M3,
        ram=_ram((0x2000_0000, 80)),
        clocks=rcc_families.L1,
        gpio_base=0x4002_0000,
        flash_registers=0x4002_3C00,
        spi=_SPI_1_TO_3,
        spi_version=1,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800},
        i2c_version=1,
        fmc=_FMC,
        ports={"H": 0x4002_1400, "F": 0x4002_1800, "G": 0x4002_1C00},
        telling=frozenset((0x4001_0400, 0x4002_381C)),
    ),
    Family(
        name="f3",
        title="STM32F3",
        cpus=_M4,
        ram=_ram((0x1000_0000, 16), (0x2000_0000, 64)),
        clocks=rcc_families.F3,
        gpio_base=0x4800_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_4,
        spi_version=2,
        i2c=_I2C_F3,
        i2c_version=2,
        fmc=_FMC,
        telling=frozenset((0x4002_1014,)),
    ),
    Family(
        name="f0",
        title="STM32F0",
        cpus=_M0,
        ram=_ram((0x2000_0000, 32)),
        clocks=rcc_families.F0,
        gpio_base=0x4800_0000,
        flash_registers=0x4002_2000,
        spi={"SPI1": 0x4001_3000, "SPI2": 0x4000_3800},
        spi_version=2,
        i2c={"I2C1": 0x4000_5400, "I2C2": 0x4000_5800},
        i2c_version=2,
    ),
    Family(
        name="g0",
        title="STM32G0/C0",
        cpus=_M0,
        ram=_ram((0x2000_0000, 144)),
        clocks=rcc_families.G0_C0,
        gpio_base=0x5000_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c=_I2C_G0,
        i2c_version=2,
        telling=frozenset((0x4002_1800, 0x4002_1034)),
    ),
    Family(
        name="l0",
        title="STM32L0",
        cpus=_M0,
        ram=_ram((0x2000_0000, 20)),
        clocks=rcc_families.L0,
        gpio_base=0x5000_0000,
        flash_registers=0x4002_2000,
        spi={"SPI1": 0x4001_3000, "SPI2": 0x4000_3800},
        spi_version=1,
        i2c=_I2C_F3,
        i2c_version=2,
        telling=frozenset((0x4001_0400, 0x4002_102C)),
    ),
    Family(
        name="u0",
        title="STM32U0",
        cpus=_M0,
        ram=_ram((0x2000_0000, 40)),
        clocks=rcc_families.U0,
        gpio_base=0x5000_0000,
        flash_registers=0x4002_2000,
        spi=_SPI_1_TO_3,
        spi_version=2,
        i2c={**_I2C_G0, "I2C4": 0x4000_A000},
        i2c_version=2,
        telling=frozenset((0x4002_104C,)),
    ),
)
"""Of several that match a loader equally well, the first is taken."""
