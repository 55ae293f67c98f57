"""Which pass of a `.board` is meant, and what it says besides its loader."""

from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_schemas.bundle import Bundle, FileRole, Pass, PassFacts, ReferenceState
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from loaderconv_schemas.loader import Loader

_FOUND = (ReferenceState.RESOLVED, ReferenceState.BY_NAME)


def chosen_pass(bundle: Bundle, number: int | None, *, several_hint: str) -> Pass:
    """Return the pass that is meant.

    Args:
        bundle: what the input stands for.
        number: which one, from 1; None: the only one.
        several_hint: what to do where there are several and no number.

    Raises:
        UsageProblem: there are several and nothing says which, or there is none of that number.
    """
    count = len(bundle.passes)
    if number is not None and not 1 <= number <= count:
        raise UsageProblem(
            f"There is no pass {number}: the loader has {count} pass{'' if count == 1 else 'es'}.",
            hint=f"Choose from {_listed(bundle)}.",
        )
    if number is None and count > 1:
        raise UsageProblem(f"The loader has {count} passes: {_listed(bundle)}.", hint=several_hint)
    return bundle.passes[(number or 1) - 1]


def loader_of(each: Pass, bundle: Bundle) -> Loader:
    """Return the loader of a pass, with what was odd about the files around it.

    Raises:
        ConversionRefused: its files could not be read; the message tells why.
    """
    if each.loader is None:
        raise ConversionRefused(
            f"The pass has no loader that could be read: {_why(bundle)}.",
            hint="Name the folder with --toolkit-dir or --define; loaderconv inspect shows what refers to what.",
        )
    return each.loader.model_copy(update={"notices": (*bundle.notices, *each.loader.notices)})


def facts_of(each: Pass) -> PassFacts:
    """Return what a pass says besides its loader."""
    return PassFacts(**{name: getattr(each, name) for name in PassFacts.model_fields})


def _listed(bundle: Bundle) -> str:
    return "; ".join(f"{number}: {_described(each)}" for number, each in enumerate(bundle.passes, start=1))


def _described(each: Pass) -> str:
    where = "all addresses" if each.range is None else str(each.range)
    return f"{where}, {'no loader' if each.loader is None else short_ascii(each.loader.identity.name)}"


def _why(bundle: Bundle) -> str:
    reasons = [
        f"{quoted(reference.spelled)} is {reference.state}{'' if reference.note is None else f' ({reference.note})'}"
        for reference in bundle.references
        if reference.role is FileRole.FLASH and reference.state not in _FOUND
    ]
    return "; ".join(reasons)
