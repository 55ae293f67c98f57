"""Rules for loaders of one device that were built for several hosts."""

from loaderconv.lint.rule import AnyRule
from loaderconv.lint.rules.together import geometry, names, place

RULES: tuple[AnyRule, ...] = (*place.RULES, *geometry.RULES, *names.RULES)
