"""The symbols of an IAR loader, framework 2 (docs/formats/iar.md, Symbols)."""

from loaderconv_schemas.entry_point import Routine

ROUTINES = {
    "FlashInitEntry": Routine.INIT,
    "FlashWriteEntry": Routine.PROGRAM_PAGE,
    "FlashEraseWriteEntry": Routine.ERASE_SECTOR,
    "FlashChecksumEntry": Routine.CHECKSUM,
    "FlashSignoffEntry": Routine.SIGNOFF,
    "FlashPreInitEntry": Routine.PRE_INIT,
}
"""The stubs that C-SPY starts; arguments and result are in `theFlashParams`, and a call ends at FlashBreak."""

C_LAYER = {
    "FlashInit": Routine.INIT,
    "FlashWrite": Routine.PROGRAM_PAGE,
    "FlashErase": Routine.ERASE_SECTOR,
    "FlashChecksum": Routine.CHECKSUM,
    "FlashSignoff": Routine.SIGNOFF,
}
"""The author's functions behind the stubs, called as the procedure call standard says."""

PARAMETERS = "theFlashParams"
PARAMETERS_SIZE_BYTES = 20
BREAK = "FlashBreak"
BUFFER_START = "FlashBufferStart"
BUFFER_END = "FlashBufferEnd"

CORE = ("FlashInitEntry", "FlashWriteEntry", "FlashEraseWriteEntry", BREAK, BUFFER_START, BUFFER_END, PARAMETERS)
"""Without these C-SPY cannot drive a loader; all 249 surveyed ones have them."""

VECTOR_TABLE = "__vector_table"
STACK_BASE = "CSTACK$$Base"
STACK_LIMIT = "CSTACK$$Limit"
RAM_BOTTOM_LIMIT = "RamBottom$$Limit"
"""Where five old loaders without CSTACK$$Limit have the end of their stack."""

FRAMEWORK_VERSION = "frameworkVersion"
ARGUMENT_COUNT = "__argc"
ARGUMENT_VECTOR = "__argv"
ARGUMENT_TEXT = "__argvbuf"

INIT_TABLE_BASE = "Region$$Table$$Base"
INIT_TABLE_LIMIT = "Region$$Table$$Limit"

STATIC_BASES = ("__iar_static_base$$SB", "SB$$Base")
"""What r9 holds in a relocatable loader, by either name."""

FRAMEWORK_VERSION_VALUE = 200
"""What every surveyed file that has frameworkVersion says."""

OVERRIDE_LAYOUT = 0x1_0000
OVERRIDE_BUFSIZE = 0x2_0000
OVERRIDE_PAGESIZE = 0x4_0000
"""Bits of what FlashInit answers: other sectors, buffer or page than the .flash file and the executable say."""
