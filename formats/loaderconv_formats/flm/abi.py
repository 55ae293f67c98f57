"""The routines of an FLM by symbol (docs/formats/flm.md, Entry points)."""

from loaderconv_schemas.entry_point import Routine

DESCRIPTOR_SYMBOL = "FlashDevice"

ROUTINES = {
    "Init": Routine.INIT,
    "UnInit": Routine.UNINIT,
    "EraseSector": Routine.ERASE_SECTOR,
    "ProgramPage": Routine.PROGRAM_PAGE,
    "EraseChip": Routine.ERASE_CHIP,
    "BlankCheck": Routine.BLANK_CHECK,
    "Verify": Routine.VERIFY,
    "Read": Routine.READ,
}
"""Names as the CMSIS-Pack specification spells them; Read is an extension that five surveyed files export."""

MANDATORY = (Routine.INIT, Routine.UNINIT, Routine.ERASE_SECTOR, Routine.PROGRAM_PAGE)
"""Without these no host drives an FLM (CMSIS-Pack specification, pyOCD)."""

CODE_SECTION = "PrgCode"
DATA_SECTION = "PrgData"

PHASE_ERASE = 1
PHASE_PROGRAM = 2
PHASE_VERIFY = 3
"""The function codes of Init and UnInit."""

SUCCESS = 0
"""Result of every routine but Verify, which answers address + size."""
