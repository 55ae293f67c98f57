"""Asks before memory of a board is erased."""

import sys

import typer

from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.text import printable


def confirm_erase(what: str, where: str, *, yes: bool) -> None:
    """Ask on a terminal; without one somebody must have said yes.

    Args:
        what: is erased, as the middle of a sentence.
        where: the target.
        yes: it was said on the command line.

    Raises:
        UsageProblem: nobody can be asked, or the answer is no.
    """
    if yes:
        return
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageProblem(
            f"This erases {what} on {where}, and nobody can be asked whether that is meant.",
            hint="Say so with --yes.",
        )
    try:
        agreed = typer.confirm(printable(f"Erase {what} on {where}?"), err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise UsageProblem("Nothing was erased: the answer was no.", hint="Run again, and answer y, or say --yes.")
