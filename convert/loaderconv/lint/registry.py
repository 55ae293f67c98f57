"""All rules. A rule that is not listed here does not exist; tests compare the lists with the folders."""

from loaderconv.lint.rule import AnyRule
from loaderconv.lint.subjects.subject import RuleSet, Subject


def all_rules() -> tuple[AnyRule, ...]:
    """Return every rule, by id."""
    rules = {rule.id: rule for rule_set in RuleSet for rule in _LISTS[rule_set]()}
    return tuple(rules[each] for each in sorted(rules))


def rules_for(subject: Subject) -> tuple[AnyRule, ...]:
    """Return the rules that may look at a subject; only their modules are imported, for speed."""
    return _LISTS[subject.rule_set]()


def _stldr_rules() -> tuple[AnyRule, ...]:
    from loaderconv.lint.rules import misnamed  # noqa: PLC0415 - each kind of file takes its own rules
    from loaderconv.lint.rules.stldr import RULES  # noqa: PLC0415

    return (*misnamed.RULES, *RULES)


def _flm_rules() -> tuple[AnyRule, ...]:
    from loaderconv.lint.rules import misnamed  # noqa: PLC0415 - each kind of file takes its own rules
    from loaderconv.lint.rules.flm import RULES  # noqa: PLC0415

    return (*misnamed.RULES, *RULES)


def _iar_rules() -> tuple[AnyRule, ...]:
    from loaderconv.lint.rules import misnamed  # noqa: PLC0415 - each kind of file takes its own rules
    from loaderconv.lint.rules.iar import RULES  # noqa: PLC0415

    return (*misnamed.RULES, *RULES)


def _pack_rules() -> tuple[AnyRule, ...]:
    from loaderconv.lint.rules.pack import RULES  # noqa: PLC0415

    return RULES


def _rules_for_sets() -> tuple[AnyRule, ...]:
    from loaderconv.lint.rules.together import RULES  # noqa: PLC0415

    return RULES


_LISTS = {
    RuleSet.STLDR: _stldr_rules,
    RuleSet.FLM: _flm_rules,
    RuleSet.IAR: _iar_rules,
    RuleSet.PACK: _pack_rules,
    RuleSet.TOGETHER: _rules_for_sets,
}
