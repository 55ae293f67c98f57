"""Files for the rules on the code of an IAR executable."""

from dataclasses import replace

from support.elf_builder import ExtraSymbol
from support.elf_numbers import STT_FUNC
from support.iar_builder import build, layout
from support.iar_recipe import (
    BRANCH_TO_SELF,
    BRANCH_TO_SELF_ARM,
    RETURN_ZERO,
    STUBS,
    IarRecipe,
    arm_state_shaped,
    relocatable_shaped,
)
from support.rule_cases import Bad, Good, Write, writes
from support.thumb import bl, code

PUSH_AND_BRANCH = code(0xB500, 0xE7FE)  # push {lr}; b .

SEMIHOSTING = code(0x2018, 0xBEAB, 0x4770)  # movs r0, #24; bkpt 0xab; bx lr

RETURN_ZERO_ARM = bytes.fromhex("0000a0e3 1eff2fe1")  # mov r0, #0; bx lr


def iar(recipe: IarRecipe) -> Write:
    """Return what writes an executable."""
    return writes("built.out", build(recipe))


def calling(*called: str, recipe: IarRecipe | None = None, **functions: bytes) -> IarRecipe:
    """Return a recipe whose stubs are as framework 2 has them, and whose FlashInitEntry calls further functions.

    Args:
        called: names of the functions.
        recipe: to be changed; None for the default one.
        functions: code of further functions.
    """
    base = recipe or IarRecipe()
    room = {"FlashInitEntry": bytes(4 * len(called) + 8), "FlashWriteEntry": bytes(8), "FlashEraseWriteEntry": bytes(8)}
    made = replace(base, stubs={**base.stubs, **room}, functions={**base.functions, **functions})
    places = layout(made).functions
    stubs = {}
    for name, instructions in room.items():
        targets = [*(called if name == STUBS[0] else ()), f"Fl2{name}", "FlashBreak"]
        calls = [bl(places[name] + 4 * n, places[target]) for n, target in enumerate(targets)]
        stubs[name] = code(*(halfword for call in calls for halfword in call))
        if len(stubs[name]) != len(instructions):
            raise ValueError(name)
    return replace(made, stubs={**base.stubs, **stubs})


LOST_STUB = replace(
    calling(), stubs={**calling().stubs, "FlashWriteEntry": code(0x2000, 0x4770, 0xBF00, 0xBF00)}
)  # movs r0, #0; bx lr

INIT_TABLE = bytes(16)


def elsewhere(name: str) -> IarRecipe:
    """Return a recipe with a function at an address for which the file has no bytes."""
    return IarRecipe(omitted=(name,), extra_symbols=(ExtraSymbol(name, 0x2000_8001, 0, STT_FUNC),))


BAD = (
    Bad("IAR007", "no-bytes", iar(elsewhere("FlashBreak")), says=("FlashBreak lies at 0x20008000",)),
    Bad("IAR007", "stub-no-bytes", iar(elsewhere("FlashWriteEntry")), says=("FlashWriteEntry lies at 0x20008000",)),
    Bad(
        "IAR007", "no-loop", iar(calling(recipe=IarRecipe(break_code=code(0x4770, 0xBF00)))), says=("FlashBreak at 0x",)
    ),
    Bad("IAR007", "no-loop", iar(replace(arm_state_shaped(), break_code=RETURN_ZERO_ARM)), says=("no branch",)),
    Bad("IAR007", "break-not-reached", iar(LOST_STUB), says=("FlashWriteEntry at 0x", "does not lead to FlashBreak")),
    Bad("IAR010", "init-table-not-run", iar(IarRecipe(init_table=INIT_TABLE)), says=("16 bytes", "is not linked")),
    Bad(
        "IAR010",
        "init-table-not-run",
        iar(calling(recipe=IarRecipe(init_table=INIT_TABLE), __iar_data_init3=RETURN_ZERO)),
        says=("initialise or to zero (16 bytes)", "nothing that FlashInitEntry reaches calls __iar_data_init3"),
    ),
    Bad("IAR014", "file-access", iar(calling("fopen", fopen=RETURN_ZERO)), says=("calls fopen",)),
    Bad("IAR014", "semihosting", iar(calling("__dwrite", __dwrite=SEMIHOSTING)), says=("__dwrite calls the debugger",)),
    Bad("IAR014", "exit-by-semihosting", iar(calling("__exit", __exit=SEMIHOSTING)), says=("__exit ends the program",)),
)

GOOD = (
    Good("IAR007", iar(calling())),
    Good("IAR007", iar(IarRecipe(break_code=BRANCH_TO_SELF))),
    Good("IAR007", iar(calling(recipe=IarRecipe(break_code=PUSH_AND_BRANCH)))),
    Good("IAR007", iar(replace(arm_state_shaped(), break_code=BRANCH_TO_SELF_ARM))),
    Good("IAR007", iar(relocatable_shaped())),
    Good("IAR010", iar(calling())),
    Good(
        "IAR010",
        iar(calling("__iar_data_init3", recipe=IarRecipe(init_table=INIT_TABLE), __iar_data_init3=RETURN_ZERO)),
    ),
    Good("IAR010", iar(replace(arm_state_shaped(), init_table=INIT_TABLE))),
    Good("IAR014", iar(calling())),
    Good("IAR014", iar(calling(fopen=RETURN_ZERO, __dwrite=SEMIHOSTING))),
)
