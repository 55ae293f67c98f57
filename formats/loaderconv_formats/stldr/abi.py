"""The routines of a stldr by symbol, and how its host places it (docs/formats/stldr.md)."""

from loaderconv_schemas.entry_point import Routine

DESCRIPTOR_SYMBOL = "StorageInfo"

ROUTINES = {
    "Init": Routine.INIT,
    "Write": Routine.PROGRAM_PAGE,
    "Read": Routine.READ,
    "SectorErase": Routine.ERASE_SECTOR,
    "MassErase": Routine.ERASE_CHIP,
    "Verify": Routine.VERIFY,
    "CheckSum": Routine.CHECKSUM,
}
"""Names exactly as hosts look them up."""

SUCCESS = 1
"""Result of Init, Write, Read, SectorErase, MassErase; 0 is failure."""

HOST_WORD_BYTES = 4
"""The host writes a BKPT instruction at the RAM base; the image starts behind it."""

HOST_STACK_BYTES = 0x400
"""The host's stack pointer: this far above the end of the image."""

RAM_BASE_ALIGNMENT = 0x100
"""ST's OpenOCD driver finds the RAM base by masking the lowest address with 0xFFFFFF00."""
