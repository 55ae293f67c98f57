"""Files for the rules on what an IAR executable is, and what it tells of its build."""

from support.elf_builder import ExtraSymbol
from support.elf_numbers import EM_386, STB_LOCAL, STT_FILE, STT_OBJECT
from support.elf_surgery import HALF, Ehdr, put
from support.iar_builder import build
from support.iar_recipe import IarRecipe, arm_state_shaped
from support.rule_cases import Bad, Good, Write, writes

ET_REL = 1


def iar(recipe: IarRecipe | None = None, **changes: object) -> Write:
    """Return what writes an executable: the recipe as it is, or the default one with changes."""
    return writes("built.out", build(recipe or IarRecipe(**changes)))  # type: ignore[arg-type]


def source_file(path: str) -> ExtraSymbol:
    """Return the symbol that names a source file."""
    return ExtraSymbol(path, kind=STT_FILE, binding=STB_LOCAL)


COMMAND_LINE = b"IAR ELF Linker V8.50.4.261/W32 for ARM\0-f C:\\Users\\jane\\AppData\\Local\\Temp\\EWA28C.tmp\0"


def identified(offset_bytes: int, value: int) -> Write:
    """Return what writes an executable with another byte in its ELF header."""
    data = bytearray(build(IarRecipe()))
    data[offset_bytes] = value
    return writes("built.out", bytes(data))


BAD = (
    Bad("IAR001", "class", identified(4, 2), says=("not 32-bit",)),
    Bad("IAR001", "byte-order", identified(5, 2), says=("big-endian",)),
    Bad(
        "IAR001", "machine", writes("built.out", put(build(IarRecipe()), Ehdr.MACHINE, EM_386, HALF)), says=("for x86",)
    ),
    Bad(
        "IAR001",
        "type",
        writes("built.out", put(build(IarRecipe()), Ehdr.TYPE, ET_REL, HALF)),
        says=("not a linked executable", "e_type 1"),
    ),
    Bad("IAR002", "missing-symbol", iar(omitted=("FlashBreak",)), says=("does not define FlashBreak",)),
    Bad(
        "IAR002",
        "missing-symbol",
        iar(omitted=("FlashEraseWriteEntry", "FlashBufferStart", "FlashBufferEnd", "FlashBreak")),
        says=("FlashEraseWriteEntry, FlashBreak, FlashBufferStart and 1 more",),
    ),
    Bad("IAR011", "no-version", iar(framework_version=None), says=("does not define frameworkVersion",)),
    Bad("IAR011", "other-version", iar(framework_version=300), says=("300 instead of 200",)),
    Bad(
        "IAR011",
        "no-version-bytes",
        iar(
            omitted=("frameworkVersion",),
            extra_symbols=(ExtraSymbol("frameworkVersion", 0x2000_F040, 2, STT_OBJECT, section="P1-P2 zi "),),
        ),
        says=("no bytes",),
    ),
    Bad(
        "IAR013",
        "debug-information",
        iar(
            extra_sections=((".debug_info", bytes(100)), (".iar.debug_line", bytes(20))),
            extra_symbols=(
                source_file("flash_loader_asm"),
                source_file("C:\\Users\\jane\\Desktop\\loader\\a.c"),
                source_file("D:\\j\\workspace\\lib\\memset.c"),
            ),
        ),
        says=("120 bytes of debug information", "C:\\Users\\jane\\."),
    ),
    Bad(
        "IAR013",
        "debug-information",
        iar(extra_symbols=(source_file("/home/jane/loader/a.c"),)),
        says=("holds names of source files in /home/jane/.",),
    ),
    Bad("IAR013", "command-line", iar(comment=COMMAND_LINE), says=("command line", "C:\\Users\\jane\\")),
)

GOOD = (
    Good("IAR001", iar()),
    Good("IAR002", iar()),
    Good("IAR002", iar(arm_state_shaped())),
    Good("IAR011", iar()),
    Good("IAR013", iar(extra_symbols=(source_file("flash_loader_asm"),))),
)
