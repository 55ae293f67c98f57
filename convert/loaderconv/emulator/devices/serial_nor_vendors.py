"""In what serial NOR memories of different vendors differ, as far as flash loaders notice.

Sources: the datasheets named in nor_commands; JEDEC JEP106 for the manufacturers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from loaderconv.emulator.devices.nor_commands import (
    INFINEON_COMMANDS,
    MACRONIX_LOW_POWER_COMMANDS,
    MACRONIX_OCTAL_COMMANDS,
    MICRON_COMMANDS,
    MICRON_OCTAL_COMMANDS,
    NorCommand,
    NorRegister,
)


class OctalStyle(Enum):
    """How a part is brought into octal mode, and what the second byte of an opcode is there."""

    MACRONIX = auto()
    """Register at address 0: 1 octal, 2 octal DTR; the second byte is the complement."""
    MICRON = auto()
    """Register at address 0: 0xE7 and 0xC7 octal DTR; the second byte repeats the first or is left out."""
    INFINEON = auto()
    """Registers 0x000006 and 0x800006: bit 0 octal, bit 1 DTR; the second byte repeats the first."""


@dataclass(frozen=True)
class BlockProtection:
    """Where the protection bits are.

    Attributes:
        bits: of status register 1, the lowest first.
        bottom: register and bit that turn the protected range to the bottom of the array.
        is_fraction: whether the bits count in fractions of the array (1/64 for 1) instead of blocks of 64 KiB.
        small: bit of status register 1 that makes the unit 4 KiB; None where there is none.
    """

    bits: tuple[int, ...]
    bottom: tuple[NorRegister, int]
    is_fraction: bool = False
    small: int | None = None


@dataclass(frozen=True)
class FailureBits:
    """Where a part tells that an operation failed.

    Attributes:
        register: which one.
        program: bit for programming.
        erase: bit for erasing.
    """

    register: NorRegister
    program: int
    erase: int


@dataclass(frozen=True)
class Vendor:
    """A family of parts that understand the same commands.

    Attributes:
        name: of the family.
        ids: manufacturer, type and what is added to the capacity code of the JEDEC id; the first one is the default.
        part_names: how the names of such parts begin.
        large_capacity_codes: whether capacity codes go on with 0x20 above 32 MiB instead of 0x1A.
        commands: what differs from the common ones.
        status_bytes: the registers that a write of status register 1 with several bytes goes to.
        quad_enable: register and bit, set as shipped; None where no such bit is needed.
        sfdp_quad_enable: the same for JESD216, DWORD 15 bits 22:20.
        protection: where the protection bits are.
        failures: None where the part does not tell.
        octal: None for a part without octal modes.
        block_sizes_bytes: what the largest erase beside the chip erase erases, the usual size first.
        address_mode: register and bit that tell of 4-byte address mode.
        quad_mode: register and bit that is 0 in QPI mode and brings the part there; None where only commands do.
    """

    name: str
    ids: tuple[tuple[int, int, int], ...]
    part_names: tuple[str, ...]
    protection: BlockProtection
    large_capacity_codes: bool = False
    commands: Mapping[int, NorCommand] = field(default_factory=dict)
    status_bytes: tuple[NorRegister, ...] = (NorRegister.STATUS_1, NorRegister.STATUS_2, NorRegister.STATUS_3)
    quad_enable: tuple[NorRegister, int] | None = (NorRegister.STATUS_2, 1)
    sfdp_quad_enable: int = 5
    failures: FailureBits | None = None
    octal: OctalStyle | None = None
    block_sizes_bytes: tuple[int, ...] = (0x1_0000,)
    address_mode: tuple[NorRegister, int] = (NorRegister.STATUS_3, 0)
    quad_mode: tuple[NorRegister, int] | None = None


_BLOCKS = (2, 3, 4, 5)
_TOP_BOTTOM_IN_STATUS_3 = BlockProtection(bits=_BLOCKS, bottom=(NorRegister.STATUS_3, 3))
_MACRONIX_STATUS = (NorRegister.STATUS_1, NorRegister.STATUS_3)
_MACRONIX_FAILURES = FailureBits(NorRegister.SECURITY, program=5, erase=6)
_MICRON_FAILURES = FailureBits(NorRegister.FLAG_STATUS, program=4, erase=5)
_MICRON_PROTECTION = BlockProtection(bits=(2, 3, 4, 6), bottom=(NorRegister.STATUS_1, 5))

WINBOND = Vendor(
    name="Winbond W25Q",
    ids=((0xEF, 0x40, 0), (0xEF, 0x70, 0), (0xEF, 0x60, 0), (0xEF, 0x80, 0)),
    part_names=("W25",),
    protection=BlockProtection(bits=_BLOCKS, bottom=(NorRegister.STATUS_1, 6)),
    large_capacity_codes=True,
)

WINBOND_LIKE = Vendor(
    name="W25Q-compatible",
    ids=(
        (0xC8, 0x40, 0),
        (0xC8, 0x60, 0),
        (0x1F, 0x42, 0),
        (0x85, 0x60, 0),
        (0x68, 0x40, 0),
        (0x0B, 0x40, 0),
        (0x5E, 0x40, 0),
    ),
    part_names=("GD25", "AT25", "P25Q", "BY25", "XT25", "ZB25"),
    protection=WINBOND.protection,
)

MACRONIX = Vendor(
    name="Macronix MX25/MX66",
    ids=((0xC2, 0x20, 0), (0xC2, 0x25, 0x20)),
    part_names=("MX25L", "MX25U", "MX25V", "MX66L", "MX66U"),
    protection=_TOP_BOTTOM_IN_STATUS_3,
    status_bytes=_MACRONIX_STATUS,
    quad_enable=(NorRegister.STATUS_1, 6),
    sfdp_quad_enable=2,
    failures=_MACRONIX_FAILURES,
    address_mode=(NorRegister.STATUS_3, 5),
)

MACRONIX_LOW_POWER = Vendor(
    name="Macronix MX25R",
    ids=((0xC2, 0x28, 0),),
    part_names=("MX25R",),
    protection=_TOP_BOTTOM_IN_STATUS_3,
    commands=MACRONIX_LOW_POWER_COMMANDS,
    status_bytes=(*_MACRONIX_STATUS, NorRegister.STATUS_2),
    quad_enable=(NorRegister.STATUS_1, 6),
    sfdp_quad_enable=2,
    failures=_MACRONIX_FAILURES,
)

MACRONIX_OCTAL = Vendor(
    name="Macronix octal",
    ids=((0xC2, 0x85, 0x20), (0xC2, 0x80, 0x20), (0xC2, 0x81, 0x20)),
    part_names=("MX25LM", "MX25UM", "MX25UW", "MX25LW", "MX66LM", "MX66UM", "MX66UW", "MX66LW"),
    protection=_TOP_BOTTOM_IN_STATUS_3,
    commands=MACRONIX_OCTAL_COMMANDS,
    status_bytes=_MACRONIX_STATUS,
    quad_enable=None,
    sfdp_quad_enable=0,
    failures=_MACRONIX_FAILURES,
    address_mode=(NorRegister.STATUS_3, 5),
    octal=OctalStyle.MACRONIX,
)

MICRON = Vendor(
    name="Micron N25Q/MT25Q",
    ids=((0x20, 0xBA, 0), (0x20, 0xBB, 0)),
    part_names=("N25Q", "MT25"),
    protection=_MICRON_PROTECTION,
    large_capacity_codes=True,
    commands=MICRON_COMMANDS,
    quad_mode=(NorRegister.ENHANCED_VOLATILE_CONFIGURATION, 7),
    status_bytes=(NorRegister.STATUS_1,),
    quad_enable=None,
    sfdp_quad_enable=0,
    failures=_MICRON_FAILURES,
    address_mode=(NorRegister.FLAG_STATUS, 0),
)

MICRON_OCTAL = Vendor(
    name="Micron MT35X",
    ids=((0x2C, 0x5B, 0), (0x2C, 0x5A, 0), (0x9D, 0x5A, 0), (0x9D, 0x5B, 0)),
    part_names=("MT35", "IS25LX", "IS25WX"),
    protection=_MICRON_PROTECTION,
    commands=MICRON_OCTAL_COMMANDS,
    status_bytes=(NorRegister.STATUS_1,),
    quad_enable=None,
    sfdp_quad_enable=0,
    failures=_MICRON_FAILURES,
    address_mode=(NorRegister.FLAG_STATUS, 0),
    octal=OctalStyle.MICRON,
    block_sizes_bytes=(0x2_0000,),
)

ISSI = Vendor(
    name="ISSI IS25",
    ids=((0x9D, 0x60, 0), (0x9D, 0x70, 0)),
    part_names=("IS25",),
    protection=BlockProtection(bits=_BLOCKS, bottom=(NorRegister.EXTENDED_READ_PARAMETERS, 1)),
    status_bytes=(NorRegister.STATUS_1,),
    quad_enable=(NorRegister.STATUS_1, 6),
    sfdp_quad_enable=2,
    failures=FailureBits(NorRegister.EXTENDED_READ_PARAMETERS, program=2, erase=3),
    address_mode=(NorRegister.BANK, 7),
)

INFINEON = Vendor(
    name="Infineon S25/S28",
    ids=((0x01, 0x60, 0), (0x34, 0x5B, 0), (0x34, 0x5A, 0), (0x34, 0x2A, 0), (0x34, 0x2B, 0)),
    part_names=("S25", "S28", "CY15"),
    protection=BlockProtection(bits=(2, 3, 4), bottom=(NorRegister.STATUS_2, 5), is_fraction=True),
    commands=INFINEON_COMMANDS,
    failures=FailureBits(NorRegister.STATUS_1, program=6, erase=5),
    address_mode=(NorRegister.BANK, 7),
    octal=OctalStyle.INFINEON,
    block_sizes_bytes=(0x1_0000, 0x4_0000),
)

VENDORS = (
    WINBOND,
    WINBOND_LIKE,
    MACRONIX_OCTAL,
    MACRONIX,
    MACRONIX_LOW_POWER,
    MICRON_OCTAL,
    MICRON,
    ISSI,
    INFINEON,
)
"""In order of choice where nothing else decides."""
