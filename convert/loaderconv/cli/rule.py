"""`loaderconv rule`."""

from typing import TYPE_CHECKING, Annotated

import typer

from loaderconv.cli.console import print_json, print_report
from loaderconv.cli.failures import with_exit_code
from loaderconv.cli.report_format import FormatOption, ReportFormat

if TYPE_CHECKING:
    from loaderconv_schemas.rule_page import RulePage


@with_exit_code
def rule(
    id: Annotated[  # noqa: A002 - the argument's name
        str | None, typer.Argument(metavar="[ID]", help="Of the rule, or how ids begin; without it, all are listed.")
    ] = None,
    all_pages: Annotated[bool, typer.Option("--all", help="Print the pages instead of a list.")] = False,
    format: FormatOption = ReportFormat.TEXT,  # noqa: A002 - the option's name
) -> None:
    """Explain a rule of `loaderconv lint`: what it checks, why, and how to put right what it finds."""
    # Imported here so that `loaderconv --help` need not wait for the models.
    from loaderconv.report.rule_page import rule_list, rule_pages  # noqa: PLC0415
    from loaderconv_schemas.rule_page import RulePages  # noqa: PLC0415

    pages = _pages(id)
    if format is ReportFormat.JSON:
        print_json(RulePages(rules=pages).model_dump_json(indent=2, ensure_ascii=True))
    elif all_pages or (id is not None and len(pages) == 1):
        print_report(rule_pages(pages))
    else:
        print_report(rule_list(pages))


def _pages(wanted: str | None) -> "tuple[RulePage, ...]":
    """Return the pages of the rules that are meant, by id.

    Raises:
        UsageProblem: no rule's id begins so.
    """
    from loaderconv.lint.page import page_of  # noqa: PLC0415
    from loaderconv.lint.registry import all_rules  # noqa: PLC0415
    from loaderconv.lint.rule_ids import ids_for  # noqa: PLC0415

    rules = {rule.id: rule for rule in all_rules()}
    ids = rules if wanted is None else ids_for(wanted, rules, where="loaderconv rule")
    return tuple(page_of(rules[each]) for each in ids)
