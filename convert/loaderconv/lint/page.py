"""A rule's page: the sections of its docstring."""

import inspect
import re

from loaderconv.lint.rule import AnyRule
from loaderconv_schemas.lint_hosts import HostEffect
from loaderconv_schemas.rule_page import RulePage

SECTIONS = ("What it checks", "Why it matters", "Example", "How to fix", "Source")
"""The parts of a page, in this order; before them stands a title of one line."""

_HEADING = re.compile(rf"^({'|'.join(SECTIONS)}):\n", re.MULTILINE)


def page_of(rule: AnyRule) -> RulePage:
    """Return the page of a rule.

    Raises:
        ValueError: a section is missing, empty, or out of order.
    """
    title, *pieces = _HEADING.split(inspect.cleandoc(rule.docstring))
    texts = {
        heading: inspect.cleandoc("\n" + text).strip() for heading, text in zip(pieces[::2], pieces[1::2], strict=True)
    }
    if tuple(pieces[::2]) != SECTIONS or not all(texts.values()) or not title.strip():
        raise ValueError(f"the docstring of {rule.id} needs a title and the sections {', '.join(SECTIONS)}")
    return RulePage(
        id=rule.id,
        title=title.strip().rstrip("."),
        severity=rule.severity,
        checks=inspect.cleandoc(rule.subject.__doc__ or "").partition("\n")[0].partition(" (")[0].rstrip("."),
        needs=tuple(fact.value for fact in rule.needs),
        what=texts["What it checks"],
        why=texts["Why it matters"],
        example=texts["Example"],
        fix=texts["How to fix"],
        source=texts["Source"],
        effects=tuple(HostEffect(host=host, verdict=verdict) for host, verdict in rule.hosts.items()),
        is_fixable=rule.is_fixable,
    )
