"""Which rules apply: `select` and `ignore`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from loaderconv.lint.registry import all_rules
from loaderconv.lint.rule import AnyRule
from loaderconv.lint.rule_ids import as_prefix, ids_for
from loaderconv_schemas.lint import CRASH, LintedFile
from loaderconv_schemas.settings import LintSettings

_NOT_NAMED = -1

_TOGETHER = "SET"
"""How the ids of rules begin that compare loaders: from one file nobody can tell whether the others were there."""


@dataclass(frozen=True)
class Selection:
    """The rules that apply in a run.

    Of all entries of `select` and `ignore` with which a rule's id begins, the longest decides, and of two equals that
    of `ignore`. An empty `select` stands for all rules.

    Attributes:
        ids: of the rules that apply; None for all.
        excluded: ids of the others.
    """

    ids: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: LintSettings, rules: Callable[[], Iterable[AnyRule]] = all_rules) -> Self:
        """Return what the settings choose.

        Args:
            settings: those of the file, with the options of the command line.
            rules: gives all rules; called only where the settings name any, for it imports them all.

        Raises:
            UsageProblem: an entry fits no rule.
        """
        if not settings.select and not settings.ignore:
            return cls()
        known = frozenset(rule.id for rule in rules())
        for option, entries in (("--select", settings.select), ("--ignore", settings.ignore)):
            for entry in entries:
                ids_for(entry, known, where=option)
        ids = frozenset(each for each in known if _applies(each, settings))
        return cls(ids, known - ids)

    def decided(self, prefix: str, file: LintedFile) -> bool:
        """Tell whether all rules with such ids looked at a file, so that what they did not find is not there."""
        if prefix.startswith(_TOGETHER) or any(finding.rule == CRASH for finding in file.findings):
            return False
        return not any(each.startswith(prefix) for each in (*self.excluded, *(skip.rule for skip in file.skipped)))


def _applies(rule_id: str, settings: LintSettings) -> bool:
    selected = _longest(rule_id, settings.select) if settings.select else 0
    return selected > _longest(rule_id, settings.ignore)


def _longest(rule_id: str, entries: Iterable[str]) -> int:
    """Return the length of the longest entry with which an id begins."""
    prefixes = map(as_prefix, entries)
    return max((len(each) for each in prefixes if rule_id.startswith(each)), default=_NOT_NAMED)
