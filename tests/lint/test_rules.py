"""Every rule finds what it is for, finds only that, and finds nothing in a good file."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from loaderconv.lint.page import page_of
from loaderconv.lint.registry import all_rules
from loaderconv.lint.rule import AnyRule
from loaderconv.lint.runner import Outcome
from support.expected_findings import expected_lines, lines_of
from support.lint_cases import BAD, GOOD
from support.rule_cases import Bad, Good, check

RULES = all_rules()
RULE_FOLDER = Path(inspect.getfile(page_of)).parent / "rules"
BY_FINDING = {key: [case for case in BAD if str(case) == key] for key in sorted({str(case) for case in BAD})}


@pytest.mark.parametrize("cases", BY_FINDING.values(), ids=BY_FINDING.keys())
def test_bad_files_break_only_their_rule(cases: list[Bad], tmp_path: Path) -> None:
    """All files that make one finding, which together get what is committed for users to rely on."""
    lines: set[str] = set()
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = check(case.write(folder), case.facts)
        assert_breaks_only_its_rule(case, outcome)
        lines |= lines_of(case.rule, outcome)
    prefix = [cases[0].rule, cases[0].code]
    assert sorted(lines) == [line for line in expected_lines() if line.split()[:2] == prefix]


def assert_breaks_only_its_rule(case: Bad, outcome: Outcome) -> None:
    found = [each for each in outcome.findings if each.rule == case.rule]
    assert [each.code for each in found] == [case.code] * len(found)
    assert found, [each.message for each in outcome.findings]
    assert {each.rule for each in outcome.findings} - {case.rule, *case.also} == set()
    assert all(words in found[0].message for words in case.says), found[0].message
    for each in found:
        assert each.message.endswith("."), each.message
        assert each.fix.endswith("."), each.fix
    for each in outcome.findings:
        assert each.is_fixable or "--fix" not in each.fix, each.fix


def test_every_expected_line_has_a_bad_file() -> None:
    assert {"-".join(line.split()[:2]) for line in expected_lines()} == BY_FINDING.keys()


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_good_file_keeps_its_rule(case: Good, tmp_path: Path) -> None:
    outcome = check(case.write(tmp_path), case.facts)
    assert case.rule not in {each.rule for each in outcome.skipped}
    assert [each.message for each in outcome.findings if each.rule == case.rule] == []


def test_every_rule_has_a_good_file() -> None:
    assert {each.rule for each in GOOD} == {rule.id for rule in RULES}


def test_every_finding_has_a_bad_file() -> None:
    made = {(rule.id, code) for rule in RULES for code in codes_of(rule)}
    assert {(case.rule, case.code) for case in BAD} == made


def codes_of(rule: AnyRule) -> set[str]:
    """Return the codes that stand in the rule's function, and in the functions of its module that it calls."""
    module = ast.parse(Path(inspect.getfile(rule.check)).read_text("utf-8"))
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    wanted, seen = [rule.check.__name__], set()
    codes: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Name):
                wanted.append(node.id)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{rule.id}: the code of a problem is a literal"
                codes.add(str(code.value))
    return codes


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_documented(rule: AnyRule) -> None:
    page = page_of(rule)
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.id)
    assert len(page.title) <= 90
    assert codes_of(rule), f"{rule.id} finds nothing"


def test_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_module_is_registered() -> None:
    """The lists name every module below `rules`, and each rule that is defined there."""
    listed = {Path(inspect.getfile(rule.check)) for rule in RULES}
    assert listed == {path for path in RULE_FOLDER.rglob("*.py") if path.name != "__init__.py"}
    defined = sum(path.read_text("utf-8").count("\n@rule(") for path in listed)
    assert len(RULES) == defined
