"""docs/rules.md and the table in README.md say what the rules say."""

import re
from pathlib import Path

import pytest

from loaderconv.lint.registry import all_rules
from loaderconv.rule_documents import (
    BEGIN,
    END,
    RuleGroup,
    rule_groups,
    rules_page,
    rules_table,
    with_table,
    write_documents,
)
from loaderconv_schemas.severity import Severity
from support.lint_reports import LOSS, page

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text("utf-8")
RENEW = "renew it with `make rules-docs`, and read what changed"


def test_rules_page_is_the_committed_one() -> None:
    committed = (REPOSITORY / "docs" / "rules.md").read_text("utf-8")
    assert committed == rules_page(rule_groups()), RENEW


def test_table_in_the_readme_is_the_committed_one() -> None:
    assert with_table(README, rules_table(rule_groups())) == README, RENEW


def test_make_target_is_there() -> None:
    assert "\nrules-docs:" in (REPOSITORY / "Makefile").read_text("utf-8")


def test_every_rule_is_in_one_group() -> None:
    groups = rule_groups()
    assert sorted(page.id for group in groups for page in group.pages) == [rule.id for rule in all_rules()]
    assert len({group.title for group in groups}) == len(groups)
    assert all(group.title for group in groups)


def test_headings_are_those_of_groups_and_rules() -> None:
    """Nothing in a rule's text becomes a heading."""
    text = re.sub(r"^```text\n.*?^```$", "", rules_page(rule_groups()), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ .*$", text, flags=re.MULTILINE)
    wanted = ["# Rules of loaderconv lint"]
    for group in rule_groups():
        wanted += [f"## Rules for {group.title}", *(f"### {page.id}" for page in group.pages)]
    assert headings == wanted


def test_every_row_has_all_cells() -> None:
    for text in (rules_page(rule_groups()), rules_table(rule_groups())):
        tables = re.findall(r"(?:^\|.*\|\n)+", text, flags=re.MULTILINE)
        assert tables
        for table in tables:
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_pages_tell_what_is_usual() -> None:
    """Single findings may have another severity, or other hosts."""
    text = rules_page([RuleGroup("x", (page(effects=(LOSS,)),))])
    assert "A single finding may differ" in text
    assert "\nUsually: error; accepted with a loss by pyocd.\n" in text
    assert "\nUsually: note.\n" in rules_page([RuleGroup("x", (page(severity=Severity.NOTE, effects=()),))])


def test_counts_add_up() -> None:
    rows = [row.split("|")[3:-1] for row in rules_table(rule_groups()).splitlines()[2:]]
    assert sum(int(cell) for row in rows for cell in row[:3]) == len(all_rules())


def test_both_documents_are_renewed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    write_documents(tmp_path)
    assert (tmp_path / "docs" / "rules.md").read_text("utf-8") == rules_page(rule_groups())
    table = rules_table(rule_groups())
    assert (tmp_path / "README.md").read_text("utf-8") == f"before\n{BEGIN}\n{table}{END}\nafter\n"


@pytest.mark.parametrize("text", ["", f"{BEGIN}\n", f"{END}\n"])
def test_readme_without_markers(text: str) -> None:
    with pytest.raises(ValueError, match="rules:begin"):
        with_table(text, "")
