"""What the repository says of the rules: docs/rules.md, and a table in README.md. `make rules-docs` renews both."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from loaderconv.lint.page import page_of
from loaderconv.lint.registry import all_rules
from loaderconv.report.rule_page import hosts_text
from loaderconv.report.rule_text import escaped, rule_markdown
from loaderconv_schemas.host import Verdict
from loaderconv_schemas.rule_page import RulePage
from loaderconv_schemas.severity import Severity

BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"
"""Between these lines of README.md stands the table."""

_RULES_PACKAGE = "loaderconv.lint.rules"
_TITLE_START = "Rules for "
_HOST_WORDS = (("rejected by", Verdict.REJECTED), ("accepted with a loss by", Verdict.LOSS))


@dataclass(frozen=True)
class RuleGroup:
    """The rules of a flavour.

    Attributes:
        title: what they are for.
        pages: by id.
    """

    title: str
    pages: tuple[RulePage, ...]


def rule_groups() -> tuple[RuleGroup, ...]:
    """Return all rules by the package in which they are, by the ids of the first of each."""
    groups: dict[str, list[RulePage]] = {}
    for rule in all_rules():
        flavour = rule.check.__module__.removeprefix(f"{_RULES_PACKAGE}.").partition(".")[0]
        groups.setdefault(flavour, []).append(page_of(rule))
    return tuple(RuleGroup(_title(flavour), tuple(pages)) for flavour, pages in groups.items())


def _title(flavour: str) -> str:
    """Return what the rules of a package are for, as its docstring says."""
    first_line = (import_module(f"{_RULES_PACKAGE}.{flavour}").__doc__ or "").partition("\n")[0]
    return first_line.removeprefix(_TITLE_START).partition(" (")[0].rstrip(".")


def rules_page(groups: Sequence[RuleGroup]) -> str:
    """Return docs/rules.md: a table of the rules of each flavour, and the page of each rule."""
    return "\n".join([*_head(groups), *(line for group in groups for line in _group(group))])


def _head(groups: Sequence[RuleGroup]) -> Iterator[str]:
    yield "# Rules of loaderconv lint"
    yield ""
    yield f"{sum(len(group.pages) for group in groups)} rules. `make rules-docs` writes this page from the rules,"
    yield "`loaderconv rule ID` prints one. [ci.md](ci.md) tells how to choose rules, and how to live with findings."
    yield ""
    yield "Severity and hosts are those that a rule's findings usually have. A single finding may differ, for instance"
    yield "where the rule meets a mild form of the defect; reports tell what holds for each."
    yield ""


def _group(group: RuleGroup) -> Iterator[str]:
    yield f"## {_TITLE_START}{group.title}"
    yield ""
    yield "| id | usual severity | what holds in a good file | usually rejected by | usually a loss with | fixable |"
    yield "|---|---|---|---|---|---|"
    for page in group.pages:
        rejected, loss = (hosts_text(page.effects, verdict) for verdict in (Verdict.REJECTED, Verdict.LOSS))
        fixable = "yes" if page.is_fixable else ""
        yield (
            f"| [{page.id}](#{page.id.lower()}) | {page.severity} | {escaped(page.title)} "
            f"| {rejected} | {loss} | {fixable} |"
        )
    yield ""
    for page in group.pages:
        yield from (f"### {page.id}", "", f"{escaped(page.title)}.", "", f"{_usually(page)}.", "")
        yield from (rule_markdown(page), "")


def _usually(page: RulePage) -> str:
    """Return severity and hosts of a rule as they are when a finding says nothing else."""
    hosts = ((words, hosts_text(page.effects, verdict)) for words, verdict in _HOST_WORDS)
    return "; ".join((f"Usually: {page.severity}", *(f"{words} {names}" for words, names in hosts if names)))


def rules_table(groups: Sequence[RuleGroup]) -> str:
    """Return the table of README.md: how many rules there are for what, and how their ids begin."""
    lines = ["| rules for | ids | errors | warnings | notes | fixable |", "|---|---|---|---|---|---|"]
    for group in groups:
        ids = ", ".join(sorted({f"{page.id[:3]}..." for page in group.pages}))
        counts = [sum(page.severity is severity for page in group.pages) for severity in Severity]
        fixable = sum(page.is_fixable for page in group.pages)
        cells = [group.title.partition(":")[0], ids, *map(str, counts), str(fixable)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def with_table(text: str, table: str) -> str:
    """Return the text of README.md with another table between its markers.

    Raises:
        ValueError: it has no such markers.
    """
    before, begin, rest = text.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(f"{END}\n")
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN} ... {END}")
    return f"{before}{begin}{table}{end}{after}"


def write_documents(repository: Path) -> None:
    """Write both documents of a repository anew."""
    groups = rule_groups()
    readme = repository / "README.md"
    (repository / "docs" / "rules.md").write_text(rules_page(groups), "utf-8", newline="\n")
    readme.write_text(with_table(readme.read_text("utf-8"), rules_table(groups)), "utf-8", newline="\n")


if __name__ == "__main__":
    write_documents(Path(sys.argv[1]))
