"""Reset, clock and power control of the STM32 families, as far as loaders touch them.

Offsets and bits are those of ST's CMSIS device headers (RCC_TypeDef, PWR_TypeDef, RCC_..._Pos) and of the chapters
"Reset and clock control" and "Power control" of the reference manuals; values after reset are from the latter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loaderconv.emulator.devices.rcc import Gate
from loaderconv.emulator.devices.register_block import Follow, RegisterLayout


@dataclass(frozen=True)
class ClockTree:
    """RCC and PWR of a family.

    Attributes:
        rcc_base: address of RCC.
        rcc: its registers.
        gates: by peripheral, where it is clocked and reset.
        pwr_base: address of PWR.
        pwr: its registers.
    """

    rcc_base: int
    rcc: RegisterLayout
    gates: Mapping[str, Gate]
    pwr_base: int
    pwr: RegisterLayout


def _ready(offset: int, *pairs: tuple[int, int]) -> tuple[Follow, ...]:
    """Return what follows inside one register: (on bit, ready bit) each."""
    return tuple(Follow(offset, on, offset, ready) for on, ready in pairs)


def _gates(enable_offset: int, reset_offset: int, **bits: int) -> dict[str, Gate]:
    return {name: Gate(enable_offset, reset_offset, bit) for name, bit in bits.items()}


def _ports(enable_offset: int, reset_offset: int, letters: str, first_bit: int = 0) -> dict[str, Gate]:
    """Return the gates of GPIO ports whose bits follow the alphabet."""
    return {
        f"GPIO{letter}": Gate(enable_offset, reset_offset, first_bit + ord(letter) - ord("A")) for letter in letters
    }


_HSE_PLL = ((16, 17), (24, 25))
_PLLS = (*_HSE_PLL, (26, 27), (28, 29))
_HSI_AT_0 = ((0, 1), *_PLLS)
_MSI_HSI = ((0, 1), (8, 10), *_PLLS)

_RCC_F0_F3 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, *_HSI_AT_0),
        Follow(0x04, 0, 0x04, 2, 2),
        *_ready(0x20, (0, 1)),
        *_ready(0x24, (0, 1)),
        *_ready(0x34, (0, 1), (16, 17)),
    ),
    reset_values={0x00: 0x83, 0x14: 0x14},
)
_RCC_F2_F7 = RegisterLayout(
    "RCC",
    follows=(*_ready(0x00, *_HSI_AT_0), Follow(0x08, 0, 0x08, 2, 2), *_ready(0x70, (0, 1)), *_ready(0x74, (0, 1))),
    reset_values={0x00: 0x83, 0x04: 0x2400_3010, 0x30: 0x0010_0000},
)
_RCC_L1 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (0, 1), (8, 9), *_HSE_PLL),
        Follow(0x08, 0, 0x08, 2, 2),
        *_ready(0x34, (0, 1), (8, 9)),
    ),
    reset_values={0x00: 0x300, 0x1C: 0x8000},
)
_RCC_L0 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (0, 2), (8, 9), *_HSE_PLL),
        *_ready(0x08, (0, 1)),
        Follow(0x0C, 0, 0x0C, 2, 2),
        *_ready(0x50, (0, 1), (8, 9)),
    ),
    reset_values={0x00: 0x300},
)
_RCC_G0 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (8, 10), (22, 23), *_HSE_PLL),
        Follow(0x08, 0, 0x08, 3, 3),
        *_ready(0x5C, (0, 1)),
        *_ready(0x60, (0, 1)),
    ),
    reset_values={0x00: 0x500, 0x38: 0x100},
)
_L4_OSCILLATORS = (*_ready(0x90, (0, 1), (7, 11)), *_ready(0x94, (0, 1), (2, 3)), *_ready(0x98, (0, 1)))
_RCC_L4 = RegisterLayout(
    "RCC",
    follows=(*_ready(0x00, *_MSI_HSI), Follow(0x08, 0, 0x08, 2, 2), *_L4_OSCILLATORS),
    reset_values={0x00: 0x63, 0x48: 0x100},
)
_RCC_U0 = RegisterLayout(
    "RCC",
    follows=(*_ready(0x00, *_MSI_HSI), Follow(0x08, 0, 0x08, 3, 3), *_L4_OSCILLATORS),
    reset_values={0x00: 0x83, 0x48: 0x100},
)
_H7_FOLLOWS = (
    *_ready(0x00, (0, 2), (7, 8), (12, 13), *_PLLS),
    Follow(0x10, 0, 0x10, 3, 3),
    *_ready(0x70, (0, 1)),
    *_ready(0x74, (0, 1)),
)
_H7_DOMAINS_READY = {0x00: 1 << 5 | 1 << 14 | 1 << 15}
_RCC_H7 = RegisterLayout(
    "RCC",
    follows=_H7_FOLLOWS,
    always_set=_H7_DOMAINS_READY,
    reset_values={0x00: 0x1},
    # RCC_C1_RSR to RCC_C1_APB4LPENR: the same registers, addressed for the first core.
    aliases={offset: offset - 0x60 for offset in range(0x130, 0x180, 4)},
)
_RCC_H7AB = RegisterLayout("RCC", follows=_H7_FOLLOWS, always_set=_H7_DOMAINS_READY, reset_values={0x00: 0x1})
_RCC_H5 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (0, 1), (8, 9), (12, 13), *_PLLS),
        Follow(0x1C, 0, 0x1C, 3, 2),
        *_ready(0xF0, (0, 1), (26, 27)),
    ),
    always_set={0x00: 1 << 5},
    reset_values={0x00: 0x2B},
)
_RCC_U5 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (0, 2), (4, 5), (8, 10), (12, 13), (14, 15), *_PLLS),
        Follow(0x1C, 0, 0x1C, 2, 2),
        *_ready(0xF0, (0, 1), (7, 11), (26, 27)),
    ),
    reset_values={0x00: 0x35},
)
_RCC_U3 = RegisterLayout(
    "RCC",
    follows=(
        *_ready(0x00, (0, 2), (3, 4), (5, 9), (6, 10), (11, 13), (14, 15), (16, 17)),
        Follow(0x1C, 0, 0x1C, 2, 2),
        *_ready(0x110, (0, 1), (7, 11)),
        *_ready(0x114, (0, 1)),
    ),
    reset_values={0x00: 0x15},
)

_PWR_PLAIN = RegisterLayout("PWR")
_PWR_F4_F7 = RegisterLayout(
    "PWR",
    follows=(Follow(0x00, 16, 0x04, 16), Follow(0x00, 17, 0x04, 17)),
    always_set={0x04: 1 << 14},
    reset_values={0x00: 0xC000},
)
# VOSF and REGLPF of SR2 are 0 while the main regulator works at the asked voltage; REGLPS and FLASH_RDY are 1.
_PWR_L4 = RegisterLayout(
    "PWR", follows=(Follow(0x00, 14, 0x14, 9),), always_set={0x14: 1 << 7 | 1 << 8}, reset_values={0x00: 0x200}
)
_H7_SUPPLIES = (Follow(0x0C, 24, 0x0C, 26), Follow(0x08, 0, 0x08, 16))
_PWR_H7 = RegisterLayout(
    "PWR",
    follows=(*_H7_SUPPLIES, Follow(0x18, 14, 0x04, 14, 2)),
    always_set={0x04: 1 << 13, 0x18: 1 << 13},
    reset_values={0x00: 0xF000_C000, 0x0C: 0x6, 0x18: 0x4000},
)
_PWR_H7RS = RegisterLayout(
    "PWR",
    follows=(Follow(0x0C, 24, 0x0C, 26), Follow(0x08, 0, 0x08, 16), Follow(0x14, 0, 0x04, 0)),
    always_set={0x04: 1 << 1, 0x14: 1 << 1},
    reset_values={0x0C: 0x6},
)
_PWR_H5 = RegisterLayout(
    "PWR",
    follows=(Follow(0x10, 4, 0x14, 14, 2),),
    always_set={0x14: 1 << 3 | 1 << 13},
)
_U5_SUPPLIES = (Follow(0x08, 1, 0x3C, 1), Follow(0x10, 24, 0x3C, 24, 4))
_PWR_U5 = RegisterLayout(
    "PWR",
    follows=(*_U5_SUPPLIES, Follow(0x0C, 18, 0x0C, 14), Follow(0x0C, 20, 0x0C, 13), Follow(0x0C, 16, 0x3C, 16, 2)),
    always_set={0x0C: 1 << 15, 0x3C: 1 << 15},
)
_PWR_U3 = RegisterLayout(
    "PWR",
    follows=(*_U5_SUPPLIES, Follow(0x0C, 0, 0x0C, 16, 2), Follow(0x0C, 8, 0x0C, 24)),
    reset_values={0x0C: 0x2},
)

_APB_F = {
    **_gates(0x40, 0x20, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23, I2C4=24, PWR=28),
    **_gates(0x44, 0x24, SPI1=12, SPI4=13, SPI5=20, SPI6=21),
}
_APB_L4 = {
    **_gates(0x58, 0x38, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23, PWR=28),
    **_gates(0x5C, 0x3C, I2C4=1),
    **_gates(0x60, 0x40, SPI1=12),
}
_APB_F0_F3 = {
    **_gates(0x1C, 0x10, SPI2=14, SPI3=15, I2C1=21, I2C2=22, PWR=28),
    **_gates(0x18, 0x0C, SPI1=12),
}
_H7_PORTS_AND_APB = {
    **_ports(0xE0, 0x88, "ABCDEFGHIJK"),
    **_gates(0xE8, 0x90, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23),
    **_gates(0xF0, 0x98, SPI1=12, SPI4=13, SPI5=20),
    **_gates(0xF4, 0x9C, SPI6=5, I2C4=7),
}

F0 = ClockTree(0x4002_1000, _RCC_F0_F3, _APB_F0_F3 | _ports(0x14, 0x28, "ABCDEF", 17), 0x4000_7000, _PWR_PLAIN)
F1 = ClockTree(
    0x4002_1000,
    _RCC_F0_F3,
    _APB_F0_F3 | {"FMC": Gate(0x14, None, 8)} | _ports(0x18, 0x0C, "ABCDEFG", 2),
    0x4000_7000,
    _PWR_PLAIN,
)
F3 = ClockTree(
    0x4002_1000,
    _RCC_F0_F3,
    _APB_F0_F3
    | _ports(0x14, 0x28, "ABCDEFG", 17)
    | _gates(0x14, 0x28, GPIOH=16, FMC=5)
    | _gates(0x18, 0x0C, SPI4=15)
    | _gates(0x1C, 0x10, I2C3=30),
    0x4000_7000,
    _PWR_PLAIN,
)
F2 = ClockTree(
    0x4002_3800,
    _RCC_F2_F7,
    _APB_F | _ports(0x30, 0x10, "ABCDEFGHI") | _gates(0x38, 0x18, FMC=0),
    0x4000_7000,
    _PWR_PLAIN,
)
F4_F7 = ClockTree(
    0x4002_3800,
    _RCC_F2_F7,
    _APB_F | _ports(0x30, 0x10, "ABCDEFGHIJK") | _gates(0x38, 0x18, FMC=0, QUADSPI=1),
    0x4000_7000,
    _PWR_F4_F7,
)
L0 = ClockTree(
    0x4002_1000,
    _RCC_L0,
    _ports(0x2C, 0x1C, "ABCDEH")
    | _gates(0x38, 0x28, SPI2=14, I2C1=21, I2C2=22, I2C3=30, PWR=28)
    | _gates(0x34, 0x24, SPI1=12),
    0x4000_7000,
    _PWR_PLAIN,
)
L1 = ClockTree(
    0x4002_3800,
    _RCC_L1,
    _gates(0x1C, 0x10, GPIOA=0, GPIOB=1, GPIOC=2, GPIOD=3, GPIOE=4, GPIOH=5, GPIOF=6, GPIOG=7, FMC=30)
    | _gates(0x24, 0x18, SPI2=14, SPI3=15, I2C1=21, I2C2=22, PWR=28)
    | _gates(0x20, 0x14, SPI1=12),
    0x4000_7000,
    _PWR_PLAIN,
)
G0_C0 = ClockTree(
    0x4002_1000,
    _RCC_G0,
    _ports(0x34, 0x24, "ABCDEF")
    | _gates(0x3C, 0x2C, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23, PWR=28)
    | _gates(0x40, 0x30, SPI1=12),
    0x4000_7000,
    _PWR_L4,
)
U0 = ClockTree(
    0x4002_1000,
    _RCC_U0,
    _ports(0x4C, 0x2C, "ABCDEF")
    | _gates(0x58, 0x38, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23, I2C4=25, PWR=28)
    | _gates(0x60, 0x40, SPI1=12),
    0x4000_7000,
    _PWR_L4,
)
_L4_PORTS = _APB_L4 | _ports(0x4C, 0x2C, "ABCDEFGHI")
L4 = ClockTree(0x4002_1000, _RCC_L4, _L4_PORTS | _gates(0x50, 0x30, FMC=0, QUADSPI=8), 0x4000_7000, _PWR_L4)
G4 = ClockTree(
    0x4002_1000,
    _RCC_L4,
    _L4_PORTS
    | _gates(0x50, 0x30, FMC=0, QUADSPI=8)
    | _gates(0x58, 0x38, I2C3=30)
    | _gates(0x60, 0x40, SPI1=12, SPI4=15),
    0x4000_7000,
    _PWR_L4,
)
L4_PLUS = ClockTree(
    0x4002_1000,
    _RCC_L4,
    _L4_PORTS | _gates(0x50, 0x30, FMC=0, OCTOSPI1=8, OCTOSPI2=9) | _gates(0x4C, 0x2C, OCTOSPIM=20),
    0x4000_7000,
    _PWR_L4,
)
L5 = ClockTree(0x4002_1000, _RCC_L4, _L4_PORTS | _gates(0x50, 0x30, FMC=0, OCTOSPI1=8), 0x4000_7000, _PWR_L4)
WB_WL = ClockTree(0x5800_0000, _RCC_L4, _L4_PORTS | _gates(0x50, 0x30, QUADSPI=8), 0x5800_0400, _PWR_L4)
H7 = ClockTree(0x5802_4400, _RCC_H7, _H7_PORTS_AND_APB | _gates(0xD4, 0x7C, FMC=12, QUADSPI=14), 0x5802_4800, _PWR_H7)
H72 = ClockTree(
    0x5802_4400,
    _RCC_H7,
    _H7_PORTS_AND_APB | _gates(0xE8, 0x90, I2C5=25) | _gates(0xD4, 0x7C, FMC=12, OCTOSPI1=14, OCTOSPI2=19, OCTOSPIM=21),
    0x5802_4800,
    _PWR_H7,
)
_H7AB_PORTS_AND_APB = {
    name: Gate(gate.enable_offset + 0x60, gate.reset_offset, gate.bit) for name, gate in _H7_PORTS_AND_APB.items()
}
H7AB = ClockTree(
    0x5802_4400,
    _RCC_H7AB,
    _H7AB_PORTS_AND_APB | _gates(0x134, 0x7C, FMC=12, OCTOSPI1=14, OCTOSPI2=19, OCTOSPIM=21),
    0x5802_4800,
    _PWR_H7,
)
H7RS = ClockTree(
    0x5802_4400,
    _RCC_H7AB,
    _ports(0x140, 0x88, "ABCDEFGHMNOP")
    | _gates(0x134, 0x7C, FMC=4, XSPI1=5, XSPI2=12, XSPIM=14)
    | _gates(0x148, 0x90, SPI2=14, SPI3=15, I2C1=21, I2C2=22, I2C3=23)
    | _gates(0x150, 0x98, SPI1=12, SPI4=13, SPI5=20)
    | _gates(0x154, 0x9C, SPI6=5),
    0x5802_4800,
    _PWR_H7RS,
)
H5 = ClockTree(
    0x4402_0C00,
    _RCC_H5,
    _ports(0x8C, 0x64, "ABCDEFGHI")
    | _gates(0x94, 0x6C, FMC=16, OCTOSPI1=20)
    | _gates(0x9C, 0x74, SPI2=14, SPI3=15, I2C1=21, I2C2=22)
    | _gates(0xA4, 0x7C, SPI1=12, SPI4=19, SPI6=20)
    | _gates(0xA8, 0x80, SPI5=5, I2C3=7, I2C4=8),
    0x4402_0800,
    _PWR_H5,
)
U5 = ClockTree(
    0x4602_0C00,
    _RCC_U5,
    _ports(0x8C, 0x64, "ABCDEFGHIJ")
    | _gates(0x8C, 0x64, OCTOSPIM=21)
    | _gates(0x90, 0x68, FMC=0, OCTOSPI1=4, OCTOSPI2=8)
    | {"PWR": Gate(0x94, None, 2)}
    | _gates(0x9C, 0x74, SPI2=14, I2C1=21, I2C2=22)
    | _gates(0xA0, 0x78, I2C4=1, I2C5=6, I2C6=7)
    | _gates(0xA4, 0x7C, SPI1=12)
    | _gates(0xA8, 0x80, SPI3=5, I2C3=7),
    0x4602_0800,
    _PWR_U5,
)
U3 = ClockTree(
    0x4003_0C00,
    _RCC_U3,
    _ports(0x8C, 0x64, "ABCDEGH")
    | _gates(0x90, 0x68, OCTOSPI1=4)
    | {"PWR": Gate(0x94, None, 2)}
    | _gates(0x9C, 0x74, SPI3=8, SPI2=14, I2C1=21, I2C2=22)
    | _gates(0xA0, 0x78, I2C4=1)
    | _gates(0xA4, 0x7C, SPI1=12)
    | _gates(0xA8, 0x80, I2C3=7),
    0x4003_0800,
    _PWR_U3,
)
WBA = ClockTree(
    0x4602_0C00,
    _RCC_U5,
    _ports(0x8C, 0x64, "ABCH")
    | {"PWR": Gate(0x94, None, 2)}
    | _gates(0x9C, 0x74, I2C1=21, I2C2=22)
    | _gates(0xA0, 0x78, I2C4=1)
    | _gates(0xA4, 0x7C, SPI1=12)
    | _gates(0xA8, 0x80, SPI3=5, I2C3=7),
    0x4602_0800,
    _PWR_U5,
)
