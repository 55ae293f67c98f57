"""Rules of `lint` as text: a page, several, or a list."""

import re
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from loaderconv.report.blocks import grid, heading, plain
from loaderconv.report.rule_text import rule_sections
from loaderconv_schemas.host import Verdict
from loaderconv_schemas.lint_hosts import HostEffect
from loaderconv_schemas.rule_page import RulePage

_ITEM = re.compile(r"[-*] |\d+\. ")
_INDENT = (0, 0, 0, 2)


def rule_list(pages: Sequence[RulePage]) -> RenderableType:
    """Return a line for each rule below a heading: id, severity, title."""
    rows = [(page.id, page.severity.value, page.title) for page in pages]
    return Group(plain("What must hold; a rule tells where it does not:", "bold"), grid(rows))


def rule_pages(pages: Sequence[RulePage]) -> RenderableType:
    """Return the pages, one below the other."""
    blocks: list[RenderableType] = []
    for number, page in enumerate(pages):
        blocks += [Text("\n")] if number else []
        blocks += _page(page)
    return Group(*blocks)


def _page(page: RulePage) -> Iterator[RenderableType]:
    yield plain(f"{page.id}: {page.title}", "bold")
    yield Text()
    yield grid([("Severity", page.severity.value), ("Looks at", page.checks), *_facts(page)])
    for title, text in rule_sections(page):
        yield heading(title)
        yield Padding(plain(text if text == page.example else _flowing(text)), _INDENT, expand=False)


def _facts(page: RulePage) -> Iterator[tuple[str, str]]:
    if page.needs:
        yield "Needs", ", ".join(page.needs)
    for title, verdict in (("Rejected by", Verdict.REJECTED), ("Loss with", Verdict.LOSS)):
        if hosts := hosts_text(page.effects, verdict):
            yield title, hosts
    if page.is_fixable:
        yield "Fixable", "by loaderconv lint --fix, all or some of its findings"


def hosts_text(effects: Sequence[HostEffect], verdict: Verdict) -> str:
    """Return the hosts on which a rule's findings have an effect, separated by commas."""
    return ", ".join(effect.host.value for effect in effects if effect.verdict is verdict)


def _flowing(text: str) -> str:
    """Return text with its paragraphs on one line each, so that a terminal breaks them at its own width.

    What is indented, and the items of lists, keep their lines.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        starts_anew = not line or line[0].isspace() or _ITEM.match(line)
        if lines and lines[-1] and not starts_anew and not lines[-1][0].isspace():
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)
