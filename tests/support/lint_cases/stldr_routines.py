"""Files for the rules on which routines there are, and whether they can be called."""

from collections.abc import Mapping

from support.elf_builder import ExtraSymbol
from support.elf_numbers import STT_FUNC, STT_NOTYPE
from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good
from support.stldr_recipe import NEWLIB, RETURN_ONE, routines_without

SRAM, SPI_FLASH, I2C_EEPROM = 4, 7, 10


def renamed(name: str, new_name: str) -> Mapping[str, bytes]:
    """Return the default routines, one of them under another name."""
    return routines_without(name) | {new_name: RETURN_ONE}  # type: ignore[operator]


BAD = (
    Bad("STL004", "missing", stldr(routines=routines_without("Write")), says=("no function Write",)),
    Bad("STL004", "missing", stldr(routines=routines_without("SectorErase")), says=("SectorErase",)),
    Bad(
        "STL004",
        "missing",
        stldr(routines=routines_without("SectorErase"), device_type=SRAM),
        says=("SectorErase",),
    ),
    Bad("STL004", "mangled", stldr(routines=renamed("Write", "_Z5WritejjPh")), says=("_Z5WritejjPh",)),
    Bad("STL005", "missing", stldr(routines=routines_without("MassErase")), says=("MassErase",)),
    Bad(
        "STL006",
        "missing",
        stldr(routines=routines_without("Read"), device_type=SPI_FLASH),
        says=("DeviceType is 7 (SPI_FLASH)",),
    ),
    Bad("STL007", "missing", stldr(routines=routines_without("CheckSum", "Verify")), says=("no CheckSum and no Ver",)),
    Bad("STL007", "no-checksum", stldr(routines=routines_without("CheckSum")), says=("no CheckSum; hosts can ver",)),
    Bad("STL007", "missing", stldr(routines=renamed("Verify", "_verify")), says=("no Verify,",)),
    Bad(
        "STL008",
        "no-bytes",
        stldr(
            routines=routines_without("MassErase"),
            extra_symbols=(ExtraSymbol("MassErase", 0x2000_1001, 4, STT_FUNC, section="P1 ro"),),
        ),
        says=("MassErase at 0x20001000",),
    ),
    Bad("STL008", "no-thumb-bit", stldr(is_thumb=False), says=("Init, Write, Read", "0x20000004")),
    Bad(
        "STL008",
        "no-thumb-bit",
        stldr(
            routines=routines_without("MassErase"),
            extra_symbols=(ExtraSymbol("MassErase", 0x2000_0008, 0, STT_NOTYPE, section="P1 ro"),),
        ),
        says=("MassErase at 0x20000008",),
    ),
)

GOOD = (
    Good("STL004", stldr()),
    Good("STL004", stldr(routines=routines_without() | dict.fromkeys(NEWLIB, RETURN_ONE))),  # type: ignore[operator]
    Good("STL005", stldr()),
    Good("STL005", stldr(routines=routines_without("MassErase"), device_type=SRAM)),
    Good("STL006", stldr(device_type=I2C_EEPROM)),
    # ST's boards map their memory in Init, call it NOR_FLASH, and have no Read.
    Good("STL006", stldr(routines=routines_without("Read"))),
    Good("STL007", stldr()),
    Good("STL008", stldr()),
)
