"""Which rules apply, by id or how ids begin."""

from collections.abc import Iterator
from typing import NoReturn

import pytest

from loaderconv.lint.registry import all_rules
from loaderconv.lint.rule import AnyRule, Problem, Rule
from loaderconv.lint.rule_ids import ids_for
from loaderconv.lint.selection import Selection
from loaderconv.lint.subjects.subject import Subject
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.lint import SkippedRule
from loaderconv_schemas.settings import LintSettings
from loaderconv_schemas.severity import Severity
from support.lint_reports import crash, finding, linted

IDS = ("FLM001", "FLM047", "STL001", "STL009", "STL020", "STL021")


def nothing(_: Subject) -> Iterator[Problem]:
    yield from ()


RULES = tuple(Rule(each, Severity.ERROR, Subject, nothing) for each in IDS)


def rules() -> tuple[AnyRule, ...]:
    return RULES


def applied(select: tuple[str, ...], ignore: tuple[str, ...]) -> list[str]:
    selection = Selection.of(LintSettings(select=select, ignore=ignore), rules)
    found = [rule.id for rule in RULES if selection.ids is None or rule.id in selection.ids]
    assert found == (list(IDS) if selection.ids is None else sorted(selection.ids))
    return found


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), IDS),
        (("STL",), (), ("STL001", "STL009", "STL020", "STL021")),
        (("STL02", "FLM047"), (), ("FLM047", "STL020", "STL021")),
        (("stl009 ",), (), ("STL009",)),
        ((), ("STL0",), ("FLM001", "FLM047")),
        ((), ("FLM", "STL009"), ("STL001", "STL020", "STL021")),
        (("STL",), ("STL02",), ("STL001", "STL009")),
        (("STL", "STL021"), ("STL02",), ("STL001", "STL009", "STL021")),
        (("STL009",), ("STL",), ("STL009",)),
        (("STL",), ("STL",), ()),
        (("STL009",), ("STL009",), ()),
        (("F", "S"), ("S", "STL00"), ("FLM001", "FLM047")),
    ],
)
def test_longest_entry_decides(select: tuple[str, ...], ignore: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    assert applied(select, ignore) == list(wanted)


def test_rules_are_not_imported_where_none_is_named() -> None:
    def fail() -> NoReturn:
        raise AssertionError

    assert Selection.of(LintSettings(), fail) == Selection()


@pytest.mark.parametrize(("option", "key"), [("--select", "select"), ("--ignore", "ignore")])
@pytest.mark.parametrize("entry", ["STL0099", "XYZ", "", "*", "STL009 STL020", "STL-E09"])
def test_entries_that_fit_no_rule(option: str, key: str, entry: str) -> None:
    settings = LintSettings().overridden_by({key: ["STL", entry]})
    with pytest.raises(UsageProblem) as caught:
        Selection.of(settings, rules)
    assert option in caught.value.message
    assert repr(entry) in caught.value.message
    assert "`loaderconv rule`" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "meant"), [("STL0O9", "STL009"), ("IAR-E23", "IAR023"), ("FML", "FLM"), ("STM", "STL"), ("stl99", "STL")]
)
def test_suggestions(text: str, meant: str) -> None:
    known = [*IDS, "IAR023", "IAR001"]
    with pytest.raises(UsageProblem) as caught:
        ids_for(text, known, where="here")
    assert caught.value.hint.startswith(f"Did you mean {meant}")


@pytest.mark.parametrize("text", ["INT001", "int001"])
def test_defects_of_loaderconv_are_no_choice(text: str) -> None:
    with pytest.raises(UsageProblem, match="INT001 is no rule"):
        Selection.of(LintSettings(ignore=(text,)), rules)


def test_all_real_rules_can_be_chosen() -> None:
    for rule in all_rules():
        selection = Selection.of(LintSettings(select=(rule.id,)))
        assert selection.ids == frozenset({rule.id})
        assert selection.excluded == {each.id for each in all_rules()} - {rule.id}


def test_what_a_rule_that_did_not_look_would_have_found() -> None:
    seen = linted("a.stldr", finding("STL009"))
    assert Selection().decided("STL009", seen)
    skipped = linted("a.stldr", skipped=[SkippedRule(rule="STL009", reason="No RAM.")])
    assert not Selection().decided("STL009", skipped)
    assert not Selection().decided("STL", skipped)
    assert Selection().decided("STL02", skipped)
    assert not Selection().decided("STL02", linted("a.stldr", crash()))
    narrowed = Selection.of(LintSettings(ignore=("STL021",)), rules)
    assert not narrowed.decided("STL02", seen)
    assert narrowed.decided("STL020", seen)
