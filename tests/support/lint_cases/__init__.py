"""The cases of all rules, one module for each module of rules or a few of them."""

from support.lint_cases import (
    flm_code,
    flm_descriptor,
    flm_pages,
    flm_position_independence,
    flm_routines,
    flm_sections,
    flm_sectors,
    iar_blocks,
    iar_code,
    iar_descriptions,
    iar_identity,
    iar_layout,
    iar_passes,
    iar_references,
    loader_sets,
    packs,
    stldr_code,
    stldr_descriptor,
    stldr_device,
    stldr_elf_file,
    stldr_memory,
    stldr_placement,
    stldr_routines,
    stldr_symbols,
)
from support.rule_cases import Bad, Good

MODULES = (
    iar_blocks,
    iar_code,
    iar_descriptions,
    iar_passes,
    iar_references,
    flm_code,
    flm_descriptor,
    flm_pages,
    flm_position_independence,
    flm_routines,
    flm_sections,
    flm_sectors,
    iar_identity,
    iar_layout,
    loader_sets,
    packs,
    stldr_code,
    stldr_descriptor,
    stldr_device,
    stldr_elf_file,
    stldr_memory,
    stldr_placement,
    stldr_routines,
    stldr_symbols,
)

BAD: list[Bad] = [each for module in MODULES for each in module.BAD]
GOOD: list[Good] = [each for module in MODULES for each in module.GOOD]
