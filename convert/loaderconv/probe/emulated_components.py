"""What a debugger finds on the bus of a Cortex-M before it knows which one it is: ROM table and identification.

Layout: Arm Debug Interface Architecture Specification (IHI 0031), chapters D2 to D4; Armv7-M and Armv8-M Architecture
Reference Manuals, chapter on debug (C1 and B14). Part numbers: the technical reference manual of each core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ROM_TABLE = 0xE00F_F000
SYSTEM_CONTROL_SPACE = 0xE000_E000
WATCHPOINT_UNIT = 0xE000_1000
BREAKPOINT_UNIT = 0xE000_2000

_CLASS_ROM_TABLE = 0x1
_CLASS_GENERIC = 0xE
_CLASS_CORESIGHT = 0x9
_ARM = 0x23B
"""JEP106 code of Arm: continuation 4, identity 0x3B."""

_PRESENT = 0b11
"""An entry of the ROM table that counts, in the format of 32 bits."""

_MEMTYPE = 0xFCC
_DEVARCH = 0xFBC

# Registers of the system control space that only tell what the core has.
_CPUID = 0xE000_ED00
_PFR1 = 0xE000_ED44
_ISAR3 = 0xE000_ED6C
_CLIDR = 0xE000_ED78
_MPU_TYPE = 0xE000_ED90
_MVFR0 = 0xE000_EF40
_MVFR1 = 0xE000_EF44
_MVFR2 = 0xE000_EF48
_DSCSR = 0xE000_EE08

_REGIONS_8 = 8 << 8
_HAS_DSP = 0x0111_1131
_SECURITY_EXTENSION = 1 << 4
_IS_SECURE = 1 << 16
"""CDS of DSCSR: the core is in Secure state."""

_BOTH_CACHES = 0x0900_0003
_FEATURES = (_PFR1, _ISAR3, _CLIDR, _MPU_TYPE, _MVFR0, _MVFR1, _MVFR2)


@dataclass(frozen=True)
class Component:
    """One component of the ROM table.

    Attributes:
        base: its address.
        part: part number.
        kind: class of its component identification.
        architecture: DEVARCH; 0 where it has none.
    """

    base: int
    part: int
    kind: int = _CLASS_GENERIC
    architecture: int = 0


@dataclass(frozen=True)
class CoreType:
    """What of a core's kind its debugger sees.

    Attributes:
        name: as users write it.
        has_fault_status: CFSR, HFSR and the like exist (not in Armv6-M).
        breakpoint_revision: of the breakpoint unit: 1 holds addresses below 0x20000000 only, 2 any.
        breakpoint_count: how many it has.
        rom_table_part: part number of the ROM table.
        components: of the ROM table, in order.
        features: words by address that tell what the core has; others read 0.
    """

    name: str
    has_fault_status: bool
    breakpoint_revision: int
    breakpoint_count: int
    rom_table_part: int
    components: tuple[Component, ...]
    features: Mapping[int, int]


def _armv7m(scs_part: int, breakpoint_part: int) -> tuple[Component, ...]:
    return (
        Component(SYSTEM_CONTROL_SPACE, scs_part),
        Component(WATCHPOINT_UNIT, 0x002),
        Component(BREAKPOINT_UNIT, breakpoint_part),
    )


_SINGLE_PRECISION = {_MVFR0: 0x1011_0021, _MVFR1: 0x1100_0011}

CORE_TYPES = {
    0xC20: CoreType(
        "Cortex-M0",
        has_fault_status=False,
        breakpoint_revision=1,
        breakpoint_count=4,
        rom_table_part=0x471,
        components=(
            Component(SYSTEM_CONTROL_SPACE, 0x008),
            Component(WATCHPOINT_UNIT, 0x00A),
            Component(BREAKPOINT_UNIT, 0x00B),
        ),
        features={},
    ),
    0xC23: CoreType(
        "Cortex-M3",
        has_fault_status=True,
        breakpoint_revision=1,
        breakpoint_count=6,
        rom_table_part=0x4C3,
        components=_armv7m(0x000, 0x003),
        features={_MPU_TYPE: _REGIONS_8},
    ),
    0xC24: CoreType(
        "Cortex-M4",
        has_fault_status=True,
        breakpoint_revision=1,
        breakpoint_count=6,
        rom_table_part=0x4C4,
        components=_armv7m(0x00C, 0x003),
        features={_MPU_TYPE: _REGIONS_8, _ISAR3: _HAS_DSP, **_SINGLE_PRECISION},
    ),
    0xC27: CoreType(
        "Cortex-M7",
        has_fault_status=True,
        breakpoint_revision=2,
        breakpoint_count=8,
        rom_table_part=0x4C7,
        components=_armv7m(0x00C, 0x00E),
        features={
            _MPU_TYPE: _REGIONS_8,
            _ISAR3: _HAS_DSP,
            _CLIDR: _BOTH_CACHES,
            _MVFR0: 0x1011_0221,
            _MVFR1: 0x1200_0011,
            _MVFR2: 0x40,
        },
    ),
    0xD21: CoreType(
        "Cortex-M33",
        has_fault_status=True,
        breakpoint_revision=2,
        breakpoint_count=8,
        rom_table_part=0x4C9,
        components=(
            Component(SYSTEM_CONTROL_SPACE, 0xD21, _CLASS_CORESIGHT, 0x4770_2A04),
            Component(WATCHPOINT_UNIT, 0xD21, _CLASS_CORESIGHT, 0x4770_1A02),
            Component(BREAKPOINT_UNIT, 0xD21, _CLASS_CORESIGHT, 0x4770_1A03),
        ),
        features={
            _MPU_TYPE: _REGIONS_8,
            _ISAR3: _HAS_DSP,
            _PFR1: _SECURITY_EXTENSION,
            _DSCSR: _IS_SECURE,
            _MVFR2: 0x40,
            **_SINGLE_PRECISION,
        },
    ),
}
"""By the part number in CPUID."""


def core_type(cpuid: int) -> CoreType:
    """Return the kind of core that a CPUID names. Raises KeyError for one that cannot be emulated."""
    return CORE_TYPES[cpuid >> 4 & 0xFFF]


def identification(cpuid: int) -> dict[int, int]:
    """Return by address all words that only tell what is there."""
    kind = core_type(cpuid)
    words = {_CPUID: cpuid, **dict.fromkeys(_FEATURES, 0), **kind.features}
    words |= _described(Component(ROM_TABLE, kind.rom_table_part, _CLASS_ROM_TABLE))
    words[ROM_TABLE + _MEMTYPE] = 1
    for number, component in enumerate(kind.components):
        words |= _described(component)
        words[ROM_TABLE + 4 * number] = (component.base - ROM_TABLE) & 0xFFFF_F000 | _PRESENT
    words[ROM_TABLE + 4 * len(kind.components)] = 0
    return words


def _described(component: Component) -> dict[int, int]:
    """Return the identification registers of a component."""
    words = {component.base + offset: value for offset, value in _identification_bytes(component)}
    words[component.base + _DEVARCH] = component.architecture
    return words


def _identification_bytes(component: Component) -> Iterator[tuple[int, int]]:
    peripheral = component.part | (_ARM & 0x7F) << 12 | 1 << 19 | (_ARM >> 7) << 32
    identity = 0xB105_000D | component.kind << 12
    for number in range(4):
        yield 0xFE0 + 4 * number, peripheral >> 8 * number & 0xFF
        yield 0xFD0 + 4 * number, peripheral >> 32 + 8 * number & 0xFF
        yield 0xFF0 + 4 * number, identity >> 8 * number & 0xFF
