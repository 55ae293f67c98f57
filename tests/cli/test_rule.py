"""`loaderconv rule`: pages, lists, JSON."""

import json

import pytest

from loaderconv.lint.page import page_of
from loaderconv.lint.registry import all_rules
from loaderconv.report.rule_page import rule_list, rule_pages
from loaderconv_schemas.rule_page import RulePages
from loaderconv_schemas.severity import Severity
from support.command import assert_failure, invoke, run
from support.desk import USAGE
from support.lint_reports import MARKUP, page
from support.rendering import rendered, without_blanks

IDS = [rule.id for rule in all_rules()]


@pytest.mark.parametrize("spelling", ["STL009", "stl009"])
def test_page_of_a_rule(spelling: str) -> None:
    outcome = run("rule", spelling, env={"COLUMNS": "80"})
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    first = outcome.stdout.splitlines()[0]
    assert first == "STL009: StorageInfo has 200 bytes (SECTOR_NUM is 10)"
    described = page_of(next(rule for rule in all_rules() if rule.id == "STL009"))
    printed = without_blanks(outcome.stdout)
    for text in (described.what, described.why, described.example, described.fix, described.source):
        assert without_blanks(text) in printed
    assert max(map(len, outcome.stdout.splitlines())) <= 80


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_page_fits_into_80_columns(rule: object) -> None:
    text = rendered(rule_pages([page_of(rule)]))  # type: ignore[arg-type]
    assert max(map(len, text.splitlines())) <= 80


def test_list_of_all() -> None:
    outcome = run("rule", env={"COLUMNS": "200"})
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    heading, *lines = outcome.stdout.splitlines()
    assert heading == "What must hold; a rule tells where it does not:"
    rows = [line.split(maxsplit=2) for line in lines]
    assert rows == [[page.id, page.severity.value, page.title] for page in map(page_of, all_rules())]


def test_list_of_a_prefix() -> None:
    rows = invoke("rule", "stl").stdout.splitlines()
    starts = [row.split()[0] for row in rows if row.split()[0] in IDS]
    assert starts == [each for each in IDS if each.startswith("STL")]


@pytest.mark.parametrize("arguments", [[], ["FLM"]], ids=["all", "prefix"])
def test_all_pages(arguments: list[str]) -> None:
    text = run("rule", *arguments, "--all").stdout
    wanted = [each for each in IDS if each.startswith("".join(arguments))]
    assert [line[:6] for line in text.splitlines() if line[:6] in IDS and line[6:8] == ": "] == wanted


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [([], IDS), (["--all"], IDS), (["FLM047"], ["FLM047"]), (["FLM04"], [each for each in IDS if each[:5] == "FLM04"])],
    ids=" ".join,
)
def test_json(arguments: list[str], wanted: list[str]) -> None:
    outcome = invoke("rule", *arguments, "--format", "json")
    assert outcome.exit_code == 0
    assert outcome.stdout.isascii()
    assert [each["id"] for each in json.loads(outcome.stdout)["rules"]] == wanted
    pages = RulePages.model_validate_json(outcome.stdout)
    assert all(each == page_of(rule) for each in pages.rules for rule in all_rules() if rule.id == each.id)


@pytest.mark.parametrize(("wanted", "hint"), [("FML047", "FLM047"), ("STM", "STL"), ("", "lists all"), ("[red]", "")])
@pytest.mark.parametrize("options", [[], ["--format", "json"], ["--all"]], ids=["text", "json", "all"])
def test_unknown_rule(wanted: str, hint: str, options: list[str]) -> None:
    outcome = invoke("rule", wanted, *options)
    assert_failure(outcome, USAGE)
    assert hint in outcome.stderr
    assert repr(wanted) in outcome.stderr


def test_no_colours_where_nobody_wants_them() -> None:
    assert "\x1b[" in run("rule", "FLM047", env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[3" not in run("rule", "FLM047", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert "\x1b" not in run("rule", "FLM047").stdout


class TestText:
    def test_paragraphs_flow_and_lists_stay(self) -> None:
        text = "One line\nof two.\n\nA list:\n- first\n- second,\ngoes on\n    indented = 1\n1. third\n* fourth"
        lines = [line.strip() for line in rendered(rule_pages([page(what=text)])).splitlines()]
        start = lines.index("What it checks") + 1
        assert lines[start : start + 8] == [
            "One line of two.",
            "",
            "A list:",
            "- first",
            "- second, goes on",
            "indented = 1",
            "1. third",
            "* fourth",
        ]

    def test_examples_keep_their_lines(self) -> None:
        example = "#define A 1\n#define B 2\n  int x;"
        text = rendered(rule_pages([page(example=example)]))
        assert "  #define A 1\n  #define B 2\n    int x;\n" in text

    def test_facts(self) -> None:
        text = rendered(rule_pages([page(needs=("a RAM map", "symbols"))]))
        assert "Needs      a RAM map, symbols" in text
        assert "Loss with  pyocd" in text
        assert "Fixable    by loaderconv lint --fix" in text
        bare = rendered(rule_pages([page(needs=(), effects=(), is_fixable=False)]))
        assert not any(word in bare for word in ("Needs", "Loss", "Rejected", "Fixable"))

    def test_nothing_is_markup(self) -> None:
        text = rendered(rule_pages([page(title=MARKUP, why=MARKUP)]), width=200)
        assert text.count(MARKUP) == 2
        assert MARKUP in rendered(rule_list([page(title=MARKUP)]), width=200)

    def test_list_is_aligned(self) -> None:
        pages = [page("STL009", Severity.ERROR, title="One"), page("STL010", Severity.WARNING, title="Two")]
        assert rendered(rule_list(pages)).partition("\n")[2] == "  STL009  error    One\n  STL010  warning  Two\n"
