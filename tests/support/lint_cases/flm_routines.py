"""Files for the rules on the kind of ELF file and on the routines."""

from support.elf_builder import ExtraSymbol
from support.elf_numbers import (
    EM_386,
    EM_RISCV,
    ET_DYN,
    ET_REL,
    PF_X,
    STB_LOCAL,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STV_DEFAULT,
)
from support.flm_recipe import ARMLINK_PROGRAM_FLAGS, routines_without
from support.lint_cases.flm_pages import flm
from support.rule_cases import Bad, Good


def in_code(name: str, value: int, kind: int = STT_FUNC, binding: int = 1) -> ExtraSymbol:
    """Return a symbol of PrgCode."""
    return ExtraSymbol(name, value, 4, kind, binding, section="PrgCode")


BAD = (
    Bad("FLM001", "not-32-bit", flm(class_bits=64), says=("64-bit",)),
    Bad("FLM001", "risc-v", flm(machine=EM_RISCV), says=("RISC-V",)),
    Bad("FLM001", "other-machine", flm(machine=EM_386), says=("x86",)),
    Bad("FLM001", "big-endian", flm(is_big_endian=True), says=("big-endian",)),
    Bad("FLM001", "not-linked", flm(file_type=ET_REL), says=("object file",)),
    Bad("FLM001", "not-executable", flm(file_type=ET_DYN), says=("e_type is 3",)),
    Bad("FLM010", "no-symbols", flm(has_symtab=False), says=("no symbol table",)),
    Bad("FLM010", "missing", flm(routines=routines_without("UnInit")), says=("UnInit",)),
    Bad("FLM010", "missing", flm(routines=routines_without("ProgramPage", "Verify")), says=("ProgramPage",)),
    Bad(
        "FLM010",
        "not-a-function",
        flm(routines=routines_without("EraseSector"), extra_symbols=(in_code("EraseSector", 1, STT_NOTYPE),)),
        says=("EraseSector", "0x0000000"),
    ),
    Bad(
        "FLM010",
        "not-a-function",
        flm(routines=routines_without("Init"), extra_symbols=(in_code("Init", 0, STT_OBJECT),)),
        says=("Init", "0x00000000"),
    ),
    Bad(
        "FLM010",
        "outside",
        flm(
            routines=routines_without("EraseSector", "EraseChip", "BlankCheck"),
            extra_symbols=(in_code("EraseSector", 0x0800_0101),),
        ),
        says=("EraseSector", "0x08000100"),
    ),
    Bad(
        "FLM010",
        "outside",
        flm(routines=routines_without("EraseChip"), extra_symbols=(ExtraSymbol("EraseChip", 0x5001, 0, STT_FUNC),)),
        says=("EraseChip", "0x00005000"),
    ),
    Bad(
        "FLM010",
        "not-a-function",
        flm(routines=routines_without("EraseChip"), extra_symbols=(ExtraSymbol("EraseChip", 0, 0, STT_NOTYPE),)),
        says=("EraseChip", "0x00000000"),
    ),
    Bad(
        "FLM010",
        "not-a-function",
        flm(routines=routines_without("Verify"), extra_symbols=(in_code("Verify", 4, STT_OBJECT),)),
        says=("Verify", "0x00000004"),
    ),
    Bad("FLM010", "not-executable", flm(program_flags=ARMLINK_PROGRAM_FLAGS & ~PF_X), says=("Init", "not executable")),
    Bad("FLM010", "no-thumb-bit", flm(is_thumb=False), says=("Init", "0x00000000")),
    Bad("FLM012", "extension", flm(extra_symbols=(in_code("Read", 1),)), says=("Read", "other tools")),
    Bad(
        "FLM012",
        "extension",
        flm(extra_symbols=(in_code("SEGGER_OPEN_Read", 1), in_code("SEGGER_OPEN_Erase", 5))),
        says=("SEGGER_OPEN_Read, SEGGER_OPEN_Erase",),
    ),
    Bad("FLM013", "local", flm(binding=STB_LOCAL, visibility=STV_DEFAULT), says=("Init, UnInit", "FlashDevice")),
    Bad(
        "FLM013",
        "local",
        flm(routines=routines_without("UnInit"), extra_symbols=(in_code("UnInit", 5, binding=STB_LOCAL),)),
        says=("global: UnInit.",),
    ),
)

GOOD = (
    Good("FLM001", flm()),
    Good("FLM010", flm()),
    Good("FLM010", flm(routines=routines_without("EraseChip", "Verify", "BlankCheck"))),
    Good("FLM010", flm(visibility=STV_DEFAULT)),
    # GNU ld makes hidden symbols local, and hosts find them all the same.
    Good("FLM010", flm(binding=STB_LOCAL, visibility=STV_DEFAULT)),
    # a driver's own function, of no interest to a host
    Good("FLM010", flm(extra_symbols=(in_code("Read", 0x0800_0101, binding=STB_LOCAL),))),
    Good(
        "FLM010",
        flm(
            routines=routines_without("Verify"),
            extra_symbols=(in_code("Verify", 4, STT_OBJECT, STB_LOCAL),),
        ),
    ),
    Good("FLM012", flm()),
    Good("FLM012", flm(extra_symbols=(in_code("Read", 1, binding=STB_LOCAL),))),
    Good("FLM012", flm(extra_symbols=(in_code("ReadId", 1), in_code("PAGE_BUFFER", 0, STT_OBJECT)))),
    Good("FLM013", flm()),
    Good("FLM013", flm(extra_symbols=(in_code("Read", 1, binding=STB_LOCAL),))),
)
