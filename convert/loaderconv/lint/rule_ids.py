"""Ids of rules as users write them: whole, or how they begin, in capitals or not."""

from collections.abc import Collection
from difflib import get_close_matches

from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.lint import CRASH

_LETTERS = 3


def as_prefix(text: str) -> str:
    """Return what a user wrote in the spelling of ids."""
    return text.strip().upper()


def ids_for(text: str, known: Collection[str], *, where: str) -> tuple[str, ...]:
    """Return the ids that begin as a user wrote, sorted.

    Args:
        text: an id or how ids begin.
        known: the ids of all rules.
        where: what the user wrote it into, such as `--select`.

    Raises:
        UsageProblem: there is none.
    """
    prefix = as_prefix(text)
    found = sorted(each for each in known if prefix and each.startswith(prefix))
    if not found:
        raise _unknown(text, prefix, known, where)
    return tuple(found)


def _unknown(text: str, prefix: str, known: Collection[str], where: str) -> UsageProblem:
    if prefix == CRASH:
        return UsageProblem(
            f"{where}: {CRASH} is no rule; it tells of a defect of loaderconv itself, and cannot be chosen or ignored.",
            hint="Report it, with the file if you may.",
        )
    close = get_close_matches(prefix, [*sorted(known), *sorted({each[:_LETTERS] for each in known})], n=1)
    suggestion = f"Did you mean {close[0]}? " if close else ""
    return UsageProblem(
        f"{where}: no rule's id begins with {text!a}.", hint=f"{suggestion}`loaderconv rule` lists all rules."
    )
