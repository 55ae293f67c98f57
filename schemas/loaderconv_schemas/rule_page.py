"""What there is to know of a rule: its page."""

from loaderconv_schemas.base import FORMAT_VERSION, FormatVersion, Model
from loaderconv_schemas.lint_hosts import HostEffect
from loaderconv_schemas.severity import Severity


class RulePage(Model):
    """A rule of `loaderconv lint`.

    Attributes:
        id: three letters and three digits; never reused.
        title: what it checks, in one line.
        severity: of its findings, unless one says otherwise.
        checks: kind of file that it looks at.
        needs: facts without which it is skipped.
        what: what it checks.
        why: why that matters.
        example: a file that breaks it, as an author sees it.
        fix: how to put it right.
        source: where the knowledge comes from.
        effects: what hosts make of its findings, unless one says otherwise.
        is_fixable: `lint --fix` can put its findings right, or some of them.
    """

    id: str
    title: str
    severity: Severity
    checks: str
    needs: tuple[str, ...]
    what: str
    why: str
    example: str
    fix: str
    source: str
    effects: tuple[HostEffect, ...]
    is_fixable: bool


class RulePages(Model):
    """All rules, in the order of their ids.

    Attributes:
        rules: their pages.
    """

    version: FormatVersion = FORMAT_VERSION
    rules: tuple[RulePage, ...]
