"""Files for the rules on the code of an FLM."""

from support.flm_builder import build
from support.flm_recipe import RETURN_ZERO, FlmRecipe, routines_without
from support.rule_cases import Bad, Good, Write, writes
from support.thumb import code, words

RETURN_ONE = code(0x2001, 0x4770)  # movs r0, #1; bx lr

WORKING = code(0x6801, 0x2000, 0x4770)  # ldr r1, [r0]; movs r0, #0; bx lr

RETURN_SUM = code(0x1840, 0x4770)  # adds r0, r0, r1; bx lr

UNOPTIMISED_ZERO = code(
    0xB480,  # push {r7}
    0xB083,  # sub sp, #12
    0xAF00,  # add r7, sp, #0
    0x6078,  # str r0, [r7, #4]
    0x2300,  # movs r3, #0
    0x4618,  # mov r0, r3
    0x370C,  # adds r7, #12
    0x46BD,  # mov sp, r7
    0xBC80,  # pop {r7}
    0x4770,  # bx lr
)

# ldr r1, [pc, #4]; movs r0, #0; str r0, [r1, #8]; bx lr
WRITE_VTOR = code(0x4901, 0x2000, 0x6088, 0x4770) + words(0xE000_ED00)

# movw r1, #0xed08; movt r1, #0xe000; movs r0, #0; str r0, [r1]; bx lr
WRITE_VTOR_BY_MOVES = code(0xF64E, 0x5108, 0xF2CE, 0x0100, 0x2000, 0x6008, 0x4770)

# ldr r1, [pc, #4]; movs r0, #0; ldr r2, [r1, #8]; bx lr
READ_VTOR = code(0x4901, 0x2000, 0x688A, 0x4770) + words(0xE000_ED00)

# ldr r1, [pc, #8]; lsrs r2, r0, #5; str.w r0, [r1, r2, lsl #2]; movs r0, #0; bx lr
ENABLE_IRQ = code(0x4902, 0x0942, 0xF841, 0x0022, 0x2000, 0x4770) + words(0xE000_E100)

# the same with ICER, which disables interrupts
DISABLE_IRQ = ENABLE_IRQ.replace(words(0xE000_E100), words(0xE000_E180))

# vmov s0, r0; movs r0, #0; bx lr
USE_FPU = code(0xEE00, 0x0A10, 0x2000, 0x4770)

# mov.w r1, #0xe000e000; mov.w r0, #0xf00000; str.w r0, [r1, #0xd88]; vmov s0, r0; movs r0, #0; bx lr
ENABLE_AND_USE_FPU = code(
    0xF04F, 0x21E0, 0xF44F, 0x0070, 0xF8C1, 0x0D88, 0xEE00, 0x0A10, 0x2000, 0x4770
)  # fmt: skip

# movs r0, #3; bkpt 0xab (the library's _ttywrch); bkpt 0xab; b . (its _sys_exit)
EXIT_BY_SEMIHOSTING = code(0x2003, 0xBEAB, 0xBEAB, 0xE7FE)

# ldr r0, [pc, #4]; movs r0, #0; bx lr; nop; then a literal whose bytes look like BKPT, CPSIE
LITERAL_LIKE_CODE = code(0x4801, 0x2000, 0x4770, 0xBF00) + words(0xB662_BEAB)

# push {r4, lr}; ldr r1, [pc, #8]; ldr r1, [r1, #16]; ldr r1, [r1, #4]; blx r1; pop {r4, pc}
CALL_ROM_API = code(0xB510, 0x4902, 0x6909, 0x6849, 0x4788, 0xBD10) + words(0x1302_FC00)

# push {r4, lr}; ldr r4, [pc, #4]; blx r4; pop {r4, pc}
CALL_IAP = code(0xB510, 0x4C01, 0x47A0, 0xBD10) + words(0x1FFF_1FF1)

# movs r2, #1; lsls r2, r2, #21; ldr r2, [r2, #28]; ldr r2, [r2, #16]; ldr r2, [r2, #4]; bx r2 (i.MX RT1060)
JUMP_INTO_ROM = code(0x2201, 0x0552, 0x69D2, 0x6912, 0x6852, 0x4710)

# push {r4, lr}; ldr r4, [pc, #8]; add r4, r9; ldr r4, [r4]; blx r4; pop {r4, pc}
CALL_BY_VARIABLE = code(0xB510, 0x4C02, 0x444C, 0x6824, 0x47A0, 0xBD10) + words(0x0000_1000)


def flm(**changes: bytes) -> Write:
    """Return what writes an FLM with the code of some routines changed."""
    routines = {**routines_without(), **changes}
    return writes("built.FLM", build(FlmRecipe(routines=routines)))


BAD = (
    Bad(
        "FLM011", "blank-check-says-blank", flm(EraseSector=WORKING, EraseChip=WORKING), says=("BlankCheck answers 0",)
    ),
    Bad(
        "FLM011",
        "blank-check-says-blank",
        flm(EraseSector=WORKING, EraseChip=WORKING, BlankCheck=UNOPTIMISED_ZERO),
        says=("BlankCheck answers 0",),
    ),
    Bad(
        "FLM011",
        "erase-chip-does-nothing",
        flm(EraseSector=WORKING, BlankCheck=RETURN_ONE),
        says=("EraseChip answers 0",),
    ),
    Bad(
        "FLM011",
        "erase-chip-always-fails",
        flm(EraseSector=WORKING, BlankCheck=RETURN_ONE, EraseChip=RETURN_ONE),
        says=("EraseChip answers 1",),
    ),
    Bad("FLM011", "verify-always-fails", flm(ProgramPage=WORKING), says=("Verify answers 0",)),
    Bad("FLM011", "verify-compares-nothing", flm(ProgramPage=WORKING, Verify=RETURN_SUM), says=("compares nothing",)),
    Bad("FLM072", "vtor-written", flm(Init=WRITE_VTOR), says=("Init writes VTOR at 0x00000004",)),
    Bad("FLM072", "vtor-written", flm(Init=WRITE_VTOR_BY_MOVES), says=("Init writes VTOR at 0x0000000a",)),
    Bad("FLM072", "nvic-written", flm(Init=ENABLE_IRQ), says=("Init enables an interrupt", "0x00000004")),
    Bad(
        "FLM072",
        "cpsie",
        flm(Init=code(0xB662, 0x2000, 0x4770)),  # cpsie i; movs r0, #0; bx lr
        says=("Init enables interrupts with CPSIE at 0x00000000.",),
    ),
    Bad(
        "FLM072",
        "wfi",
        flm(Init=code(0xBF30, 0xBF30, 0x2000, 0x4770)),  # wfi; wfi; movs r0, #0; bx lr
        says=("WFI at 0x00000000 (2 places in all)",),
    ),
    Bad("FLM072", "wfe", flm(Init=code(0xBF20, 0x2000, 0x4770)), says=("WFE",)),  # wfe; movs r0, #0; bx lr
    Bad("FLM072", "bkpt", flm(Init=code(0xBEAB, 0x2000, 0x4770)), says=("BKPT",)),  # bkpt 0xab; movs r0, #0; bx lr
    Bad("FLM072", "bkpt", flm(Init=code(0xBE00, 0x2000, 0x4770)), says=("Init can reach a BKPT at 0x00000000.",)),
    Bad(
        "FLM072",
        "exit-by-semihosting",
        flm(Init=EXIT_BY_SEMIHOSTING),
        says=("Init ends the program by semihosting (BKPT 0xAB) at 0x00000004.",),
    ),
    Bad("FLM072", "floating-point", flm(Init=USE_FPU), says=("uses the FPU", "0x00000000")),
    Bad(
        "FLM073",
        "self-branch",
        flm(Init=code(0xB100, 0xE7FE, 0x4770)),  # cbz r0, .+4; b .; bx lr
        says=("Init can end in a branch to itself at 0x00000002.",),
    ),
    Bad("FLM074", "mask-rom", flm(Init=CALL_ROM_API), says=("through a pointer at 0x1302fc10", "at 0x00000008")),
    Bad("FLM074", "mask-rom", flm(Init=JUMP_INTO_ROM), says=("a pointer at 0x0020001c",)),
    Bad("FLM074", "mask-rom", flm(Init=CALL_IAP), says=("calls code at 0x1fff1ff1",)),
)

ALL_WORKING = {"EraseSector": WORKING, "EraseChip": WORKING, "ProgramPage": WORKING, "Verify": WORKING}

GOOD = (
    Good("FLM011", flm(**ALL_WORKING, BlankCheck=WORKING)),
    Good("FLM011", flm(**ALL_WORKING, BlankCheck=RETURN_ONE)),
    Good("FLM011", flm(EraseSector=RETURN_ZERO, EraseChip=RETURN_ZERO)),
    Good("FLM072", flm(Init=READ_VTOR)),
    Good("FLM072", flm(Init=DISABLE_IRQ)),
    Good("FLM072", flm(Init=ENABLE_AND_USE_FPU)),
    Good("FLM072", flm(Init=LITERAL_LIKE_CODE)),
    Good("FLM073", flm()),
    Good("FLM073", flm(Init=EXIT_BY_SEMIHOSTING)),
    Good("FLM073", flm(Init=code(0x4770, 0xE7FE))),  # bx lr; b . - which nothing reaches
    Good("FLM074", flm()),
    Good("FLM074", flm(Init=CALL_BY_VARIABLE)),
)
