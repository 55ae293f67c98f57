"""Rules that could not be applied, grouped by what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from loaderconv_schemas.lint import LintedFile


@dataclass(frozen=True)
class Skipped:
    """Rules that lack the same thing.

    Attributes:
        reason: one sentence that tells what is missing.
        rules: their ids, sorted.
        file_count: in how many files.
    """

    reason: str
    rules: tuple[str, ...]
    file_count: int


def skipped_rules(files: Sequence[LintedFile]) -> list[Skipped]:
    """Return the rules that were skipped, in the order in which their reasons first come."""
    rules: dict[str, set[str]] = {}
    seen: dict[str, set[int]] = {}
    for number, file in enumerate(files):
        for each in file.skipped:
            rules.setdefault(each.reason, set()).add(each.rule)
            seen.setdefault(each.reason, set()).add(number)
    return [Skipped(reason, tuple(sorted(ids)), len(seen[reason])) for reason, ids in rules.items()]
