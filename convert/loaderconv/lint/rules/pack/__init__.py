"""Rules for CMSIS-Packs and the FLMs in them (docs/formats/flm.md, What a pack says)."""

from loaderconv.lint.rule import AnyRule
from loaderconv.lint.rules.pack import attributes, device, overlaps, target

RULES: tuple[AnyRule, ...] = (*device.RULES, *attributes.RULES, *target.RULES, *overlaps.RULES)
