"""Files for the rules on the code of a stldr."""

from support.elf_builder import ExtraSymbol
from support.elf_numbers import EABI5_HARD_FLOAT, STT_FUNC, STT_OBJECT
from support.lint_cases.flm_code import ENABLE_AND_USE_FPU, USE_FPU, WRITE_VTOR
from support.rule_cases import Bad, Good, Write, writes
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe, gcc_shaped, routines_without
from support.thumb import code

CALL_POINTER = code(0xB510, 0x4798, 0xBD10)  # push {r4, lr}; blx r3; pop {r4, pc}

MISALIGNED = ExtraSymbol("g_pfnVectors", 0x2000_0004, 64, STT_OBJECT, section="P1 ro")
HANDLER = ExtraSymbol("SysTick_Handler", 0x2000_0005, 4, STT_FUNC, section="P1 ro")


def stldr(*extra_symbols: ExtraSymbol, flags: int | None = None, **changes: bytes) -> Write:
    """Return what writes a stldr with the code of some routines changed."""
    recipe = StldrRecipe()
    routines = {**routines_without(), **changes}
    made = StldrRecipe(routines=routines, extra_symbols=extra_symbols, flags=recipe.flags if flags is None else flags)
    return writes("built.stldr", build(made))


# Code up to 0x200, so that the table behind it is aligned.
ALIGNED = ExtraSymbol("g_pfnVectors", 0x2000_0200, 64, STT_OBJECT, section="P1 ro")
PADDED = bytes(0x400)

BAD = (
    Bad(
        "STL037",
        "table-misaligned",
        stldr(MISALIGNED, Init=WRITE_VTOR),
        says=("g_pfnVectors at 0x20000004", "Init writes VTOR at 0x20000008"),
    ),
    Bad("STL037", "table-misaligned", stldr(MISALIGNED, HANDLER), says=("SysTick_Handler is linked",)),
    Bad("STL042", "fpu-not-enabled", stldr(Init=USE_FPU), says=("Init uses the FPU", "0x20000004")),
    Bad(
        "STL042",
        "hard-float",
        stldr(flags=EABI5_HARD_FLOAT, Init=CALL_POINTER),
        says=("built for hard float", "0x20000006"),
    ),
)

GOOD = (
    Good("STL037", stldr(MISALIGNED)),
    Good("STL037", stldr(ALIGNED, Init=WRITE_VTOR, Verify=code(0x2000, 0x4770) + PADDED)),
    Good("STL042", stldr(Init=ENABLE_AND_USE_FPU)),
    Good("STL042", stldr(flags=EABI5_HARD_FLOAT)),
    Good("STL042", writes("built.stldr", build(gcc_shaped()))),
)
