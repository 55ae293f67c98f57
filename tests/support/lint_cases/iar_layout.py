"""Files for the rules on where an IAR executable's parts lie."""

from dataclasses import replace
from pathlib import Path

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv_schemas.address_range import AddressRange
from support.arm_attributes import CPU_ARCH, CPU_ARCH_PROFILE, PROFILE_M, aeabi
from support.elf_builder import ExtraSymbol
from support.elf_numbers import STB_LOCAL, STT_FUNC, STT_OBJECT
from support.iar_recipe import (
    RETURN_ZERO,
    IarRecipe,
    arm_state_shaped,
    overlay_shaped,
    relocatable_shaped,
    sparse_shaped,
)
from support.iar_texts import flash_text
from support.lint_cases.iar_identity import iar
from support.paths import FIXTURES
from support.rule_cases import Bad, Good, Write, writes

ARCH_V8_M_MAINLINE = 17

PARAMETERS = "theFlashParams"


def fixture(name: str) -> Write:
    """Return what writes one of our own loaders."""
    return writes(name, (FIXTURES / "iar/config/flashloader/Strict" / name).read_bytes())


def with_flash(recipe: IarRecipe, *elements: str) -> Write:
    """Return what writes an executable, and a `.flash` file that refers to it."""

    def write(folder: Path) -> Path:
        (folder / "memory.flash").write_bytes(flash_text("<exe>built.out</exe>", *elements))
        return iar(recipe)(folder)

    return write


def parameters_at(address: int) -> Write:
    """Return what writes an executable whose parameter block no section holds."""
    return iar(omitted=(PARAMETERS,), extra_symbols=(ExtraSymbol(PARAMETERS, address, 20, STT_OBJECT),))


def parameters_of(size_bytes: int) -> Write:
    """Return what writes an executable whose symbol says another size than the room that there is."""
    return iar(
        omitted=(PARAMETERS,),
        extra_symbols=(ExtraSymbol(PARAMETERS, 0x2000_F008, size_bytes, STT_OBJECT, section="P1-P2 zi "),),
    )


def ram(*ranges: tuple[int, int]) -> UserFacts:
    """Return what the user says of RAM: start and size of each range."""
    return UserFacts(ram=RamMap([AddressRange(start=start, size_bytes=size) for start, size in ranges], "--ram"))


def hole_in_code() -> IarRecipe:
    """Return a relocatable loader of which the buffer is a hole between code and data, full of zeros."""
    return replace(relocatable_shaped(), buffer=(0x400, 0x4000), data_address=0x4000)


def on_secure_side() -> IarRecipe:
    """Return a loader linked at the secure alias of the RAM, as ST's for Cortex-M33 are."""
    return IarRecipe(
        code_address=0x3000_0000,
        buffer=(0x3000_0800, 0x3000_F000),
        data_address=0x3000_F000,
        arm_attributes=aeabi({CPU_ARCH: ARCH_V8_M_MAINLINE, CPU_ARCH_PROFILE: PROFILE_M}),
    )


def helped_overlay() -> IarRecipe:
    """Return a loader with FlashInit in the buffer, and a function behind it that FlashInit calls."""
    recipe = overlay_shaped()
    functions = {**recipe.functions, "FlashInit": RETURN_ZERO * 2}
    helper = ExtraSymbol("read_id", 0x2000_0805, 4, STT_FUNC, STB_LOCAL, section="A0_2")
    return replace(recipe, functions=functions, extra_symbols=(helper,))


BAD = (
    Bad("IAR003", "size", iar(parameters_size_bytes=16), says=("16 bytes instead of 20",)),
    Bad("IAR003", "no-st-size", parameters_of(0), says=("no size", "0x2000f008")),
    Bad("IAR003", "unaligned", iar(data_address=0x2000_F002), says=("0x2000f00a", "not aligned to 4")),
    Bad(
        "IAR003",
        "in-buffer",
        iar(data=b"", buffer=(0x2000_0800, 0x2000_F014)),
        says=("theFlashParams at 0x2000f000", "0x20000800..0x2000f013"),
    ),
    Bad("IAR003", "no-memory", parameters_at(0x4000_1000), says=("0x40001000", "peripherals")),
    Bad("IAR003", "no-section", parameters_at(0x2000_FF00), says=("0x2000ff00", "no section")),
    # FlashHC32F334_otp.out
    Bad("IAR004", "empty", iar(buffer=(0x2000_0800, 0x2000_0800)), says=("0 bytes", "0x20000800")),
    Bad("IAR004", "reversed", iar(buffer=(0x2000_F000, 0x2000_0800)), says=("0x20000800", "before", "0x2000f000")),
    Bad("IAR005", "thumb-bit", iar(relocatable_shaped()), says=("FlashBufferStart is 0x00001001", "Thumb bit")),
    Bad(
        "IAR005",
        "function",
        iar(
            omitted=("FlashBufferEnd",),
            extra_symbols=(ExtraSymbol("FlashBufferEnd", 0x2000_F000, 0, STT_FUNC, section="P2 rw"),),
        ),
        says=("FlashBufferEnd has the type FUNC",),
    ),
    Bad(
        "IAR006",
        "overwritten",
        iar(buffer=(0x2000_0040, 0x2000_F000)),
        says=("FlashWriteEntry and ", "0x20000040..0x2000efff"),
    ),
    Bad("IAR006", "overwritten", iar(buffer=(0x2000_F100, 0x2000_F300)), says=("The stack (CSTACK)",)),
    Bad("IAR006", "overwritten", iar(buffer=(0x2000_0800, 0x2000_F008)), says=("loads at 0x2000f000",)),
    Bad(
        "IAR006",
        "overwritten",
        iar(
            replace(
                overlay_shaped(),
                buffer=(0x2000_0800, 0x2000_F008),
                extra_symbols=(ExtraSymbol("state", 0x2000_F004, 4, STT_OBJECT, STB_LOCAL, section="P2 rw"),),
            )
        ),
        says=("state would be overwritten",),
    ),
    Bad("IAR006", "init-in-buffer", iar(overlay_shaped()), says=("FlashInit lies in the buffer", "0x20000800")),
    Bad("IAR006", "init-in-buffer", iar(helped_overlay()), says=("FlashInit lies in the buffer",)),
    # RTL8195A
    Bad(
        "IAR008",
        "no-stack",
        iar(has_vector_table=False, omitted=("CSTACK$$Base", "CSTACK$$Limit")),
        says=("neither CSTACK$$Limit nor a vector table", "RamBottom$$Limit is 0x2000f478"),
    ),
    Bad("IAR008", "stacks-differ", iar(vector_stack_word=0x2001_0000), says=("0x20010000", "CSTACK$$Limit 0x2000f478")),
    Bad("IAR008", "unaligned", iar(stack_size_bytes=0x404), says=("0x2000f47c", "no multiple of 8")),
    # FlashHC32F46x.out of levizh: start-up code; Adesto's loaders: 0
    Bad("IAR009", "entry", iar(entry=0x2000_04C5), says=("0x200004c5", "FlashInitEntry is at 0x20000040")),
    Bad("IAR009", "entry", iar(entry=0), says=("0x00000000", "FlashInitEntry is at 0x20000040")),
    Bad(
        "IAR009",
        "vector",
        iar(vector_start_word=0x2000_04C5),
        says=("Word 1", "0x200004c5", "FlashInitEntry is at 0x20000040"),
    ),
    Bad(
        "IAR012",
        "outside-ram",
        iar(),
        says=("Section P2 rw, 0x2000f000 to 0x2000f007", "RAM of --ram, and 2 more"),
        facts=ram((0x2000_0000, 0xF000)),
    ),
    Bad(
        "IAR012",
        "two-rams",
        iar(sparse_shaped()),
        says=("Code at 0x00000040", "buffer at 0x20200000"),
        facts=ram((0, 0x1_0000), (0x2020_0000, 0x1_0000)),
    ),
)

GOOD = (
    Good("IAR003", iar()),
    Good("IAR003", iar(are_parameters_in_file=True)),
    Good("IAR003", iar(relocatable_shaped())),
    Good("IAR003", iar(sparse_shaped())),
    Good("IAR004", iar()),
    Good("IAR004", iar(hole_in_code())),
    Good("IAR005", iar()),
    Good("IAR006", iar()),
    Good("IAR006", iar(hole_in_code())),
    Good("IAR006", iar(sparse_shaped())),
    Good("IAR006", fixture("strict_iar_relocatable.out")),
    Good("IAR008", iar()),
    Good("IAR008", iar(relocatable_shaped())),
    Good("IAR008", iar(has_vector_table=False)),
    Good("IAR008", iar(omitted=("CSTACK$$Base", "CSTACK$$Limit"))),
    Good("IAR008", iar(arm_state_shaped())),
    Good("IAR009", iar()),
    Good("IAR009", iar(replace(arm_state_shaped(), entry=0))),
    Good("IAR009", iar(has_vector_table=False)),
    Good("IAR012", iar(), facts=ram((0x2000_0000, 0x1_0000))),
    Good("IAR012", iar(), facts=ram((0x2000_8000, 0x8000), (0x2000_0000, 0x8000))),
    Good("IAR012", iar(on_secure_side()), facts=ram((0x2000_0000, 0x1_0000))),
)
