"""Rules for Keil flash algorithms (docs/formats/flm.md)."""

from loaderconv.lint.rule import AnyRule
from loaderconv.lint.rules.flm import (
    constant_results,
    descriptor,
    device,
    identity,
    image_layout,
    mask_rom,
    pages,
    position_independence,
    privileged_code,
    ram,
    routines,
    sections,
    sectors,
    simulated_memory,
    simulated_run,
)

RULES: tuple[AnyRule, ...] = (
    *identity.RULES,
    *routines.RULES,
    *constant_results.RULES,
    *sections.RULES,
    *image_layout.RULES,
    *position_independence.RULES,
    *descriptor.RULES,
    *device.RULES,
    *pages.RULES,
    *sectors.RULES,
    *ram.RULES,
    *privileged_code.RULES,
    *mask_rom.RULES,
    *simulated_run.RULES,
    *simulated_memory.RULES,
)
