"""Files for the rules on the ELF file as a whole, and on its name."""

from dataclasses import replace

from support.elf_numbers import EM_RISCV
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe
from support.lint_cases.stldr_descriptor import stldr
from support.rule_cases import Bad, Good, Write, writes
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe, keil_shaped, routines_without


def named(name: str, **changes: object) -> Write:
    """Return what writes the default stldr under another name, which is also its DeviceName."""
    recipe = StldrRecipe(device_name=name.rpartition(".")[0].encode())
    return writes(name, build(replace(recipe, **changes)))  # type: ignore[arg-type]


def patched(offset: int, value: int) -> Write:
    """Return what writes the default stldr with another byte in its ELF header."""
    data = bytearray(build(StldrRecipe()))
    data[offset] = value
    return writes("built.stldr", bytes(data))


MISNAMED = writes(
    "MX25LM51245G_STM32L4R9I-DISCO-KEIL.FLM",
    build(
        replace(
            keil_shaped(),
            routines=routines_without("Read"),
            program_flags=7,
            descriptor_flags=4,
            descriptor_address=0x2000_6000,
            descriptor_symbol_size_bytes=200,
            device_name=b"MX25LM51245G_STM32L4R9I-DISCO-KEIL",
            page_size_bytes=0x1000,
            size_bytes=0x400_0000,
            groups=((1024, 0x1_0000),),
            build_attributes="BuildAttributes$$THM_ISAv4$E$P$D$K$B$S$7EM$PE$A:L22UL41UL21$X:L11$S22US41US21$ROPI$EBA8",
        )
    ),
)
"""As STM32L4xx_DFP ships it: PrgCode at 0x20000004, StorageInfo in DevInfo at 0x20006000, ROPI only."""

BAD = (
    # The real file's descriptor is in RAM, and it has no entry point.
    Bad("FLM002", "stldr", MISNAMED, says=("StorageInfo", "SectorErase"), also=("STL012", "STL038")),
    Bad("FLM002", "iar", writes("built.FLM", build_iar(IarRecipe())), says=("theFlashParams", "FlashInitEntry")),
    Bad("STL017", "flm", writes("built.stldr", build_flm(FlmRecipe())), says=("FlashDevice", "ProgramPage")),
    Bad("STL017", "iar", writes("built.stldr", build_iar(IarRecipe())), says=("theFlashParams", "FlashInitEntry")),
    Bad("STL001", "class", patched(4, 2), says=("class is 2",)),
    Bad("STL001", "byte-order", patched(5, 2), says=("byte order is 2",)),
    Bad("STL001", "machine", patched(18, EM_RISCV), says=("RISC-V", "243")),
    Bad("STL001", "type", patched(16, 1), says=("an object file", "e_type 1")),
    Bad("STL002", "no-symbols", stldr(has_symbols=False), says=("no symbols",)),
    Bad(
        "STL039",
        "near-zero",
        stldr(code_address=0x100, entry=0x101),
        says=("0x00000100", "below 0x01000000"),
    ),
    Bad("STL039", "dynamic", stldr(dynamic=bytes(8)), says=(".dynamic",)),
    Bad("STL040", "suffix", named("built.bin"), says=("'built.bin'",)),
    Bad("STL040", "suffix", named("built.axf"), says=("'built.axf'",)),
    Bad("STL040", "odd-character", named("W25Q128 v2.stldr"), says=("a blank",)),
    Bad("STL040", "odd-character", named("W25Q128(2).stldr"), says=("'('",)),
    Bad(
        "STL041",
        "debug-info",
        stldr(extra_sections=((".debug_info", bytes(600_000)), (".debug_str", bytes(50_000)))),
        says=("650,000 of",),
    ),
)

GOOD = (
    Good("FLM002", stldr()),
    Good("FLM002", writes("built.FLM", build_flm(FlmRecipe()))),
    Good("STL017", stldr()),
    Good("STL017", writes("built.out", build_iar(IarRecipe()))),
    Good("STL001", stldr()),
    Good("STL002", stldr()),
    Good("STL039", stldr()),
    Good("STL040", named("CLIVEONE-W25Q64_STM32F4XX-PF10.v1+2.stldr")),
    Good("STL041", stldr(extra_sections=((".debug_info", bytes(400_000)),))),
)
