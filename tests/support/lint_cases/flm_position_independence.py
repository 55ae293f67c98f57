"""Files for the rules on position independence."""

from support.arm_attributes import ARCH_V6_M, CPU_ARCH, POSITION_INDEPENDENT, aeabi
from support.elf_builder import ExtraSymbol, Relocation, Section
from support.elf_numbers import PF_ARM_PI, SHF_ALLOC, SHF_WRITE, STT_OBJECT, STV_DEFAULT
from support.flm_builder import build
from support.flm_recipe import FlmRecipe, gcc_shaped
from support.lint_cases.flm_pages import flm
from support.rule_cases import Bad, Good, writes

R_ARM_ABS32, R_ARM_THM_CALL, R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS = 2, 10, 47, 48
ONLY_ROPI = "BuildAttributes$$THM_ISAv4$P$D$K$B$S$7EM$PE$A:L22UL41UL21$X:L11UL01UL11$S22US41US21$~STKCKD$ROPI$EBA8"
GOT = Section(".got", flags=SHF_ALLOC | SHF_WRITE, data=bytes(12) + b"\x1c\0\0\0", alignment=4)
EMPTY_GOT = Section(".got", flags=SHF_ALLOC | SHF_WRITE, data=bytes(12), alignment=4)

TABLE = ExtraSymbol("ops", 0x1C, 8, STT_OBJECT, section="PrgData")
PERIPHERAL = ExtraSymbol("FLASH_BASE", 0x4002_2000, visibility=STV_DEFAULT)


def keeping(*relocations: Relocation) -> FlmRecipe:
    """Return a recipe as --emit-relocs leaves it."""
    return FlmRecipe(extra_symbols=(TABLE, PERIPHERAL), relocations=relocations)


BAD = (
    # as the stldr that ships as an FLM in STM32L4xx_DFP was built: constants may move, variables may not
    Bad("FLM030", "data", flm(program_flags=PF_ARM_PI | 7, build_attributes=ONLY_ROPI), says=("0x0000001c", "r9")),
    Bad("FLM030", "code", flm(program_flags=7, build_attributes=""), says=("code",)),
    Bad(
        "FLM030",
        "code",
        writes("built.FLM", build(gcc_shaped(aeabi({CPU_ARCH: ARCH_V6_M})))),
        says=("another address",),
    ),
    Bad(
        "FLM031",
        "absolute-relocation",
        writes("built.FLM", build(keeping(Relocation("PrgData", 0x1C, R_ARM_ABS32, "Init")))),
        says=("PrgData", "in 1 place (", "R_ARM_ABS32", "0x0000001c"),
    ),
    Bad(
        "FLM031",
        "absolute-relocation",
        writes(
            "built.FLM",
            build(
                keeping(
                    Relocation("PrgCode", 0, R_ARM_THM_MOVW_ABS_NC, "ops"),
                    Relocation("PrgCode", 4, R_ARM_THM_MOVT_ABS, "ops"),
                )
            ),
        ),
        says=("PrgCode", "in 2 places (", "R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS"),
    ),
    Bad("FLM031", "got", flm(program_sections=(GOT,), zi_size_bytes=0), says=(".got", "16 bytes")),
    Bad(
        "FLM032",
        "shared-segment",
        writes("built.FLM", build(gcc_shaped(aeabi(POSITION_INDEPENDENT)))),
        says=("0x0000001c", "0x00000000"),
    ),
)

GOOD = (
    Good("FLM030", flm()),
    # stripped to the API, as cturvey's are: the flags are left
    Good("FLM030", flm(build_attributes="", comment=b"")),
    Good("FLM030", flm(program_flags=7)),
    Good("FLM030", flm(program_flags=PF_ARM_PI | 7, build_attributes="", rw=b"", zi_size_bytes=0)),
    Good("FLM030", writes("built.FLM", build(gcc_shaped(aeabi(POSITION_INDEPENDENT))))),
    Good("FLM031", flm()),
    Good(
        "FLM031",
        writes(
            "built.FLM",
            build(
                keeping(
                    Relocation("PrgCode", 0, R_ARM_THM_CALL, "UnInit"),
                    Relocation("PrgCode", 8, R_ARM_ABS32, "FLASH_BASE"),
                    Relocation("DevDscr", 0x24, R_ARM_ABS32, "ops"),
                )
            ),
        ),
    ),
    Good("FLM031", flm(program_sections=(EMPTY_GOT,), zi_size_bytes=0)),
    Good("FLM032", flm()),
    Good("FLM032", flm(arm_attributes=aeabi(POSITION_INDEPENDENT), program_flags=7)),
)
