"""What is wrong with settings, in the words of the person who wrote them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.host import Host
from loaderconv_schemas.settings import FileIgnore, LintSettings
from loaderconv_schemas.severity import Severity

_RULES = 'a list of rule ids or how they begin, such as ["STL", "FLM047"]'
_PATH = "a path in quotes"
_IGNORES = "per-file-ignores"

_WANTED = {
    "select": _RULES,
    "ignore": _RULES,
    "fail-on": f"one of {', '.join(Severity)}",
    "chip": 'the name of a chip, such as "STM32H743"',
    "ram": 'BASE:SIZE in quotes, such as "0x20000000:32K"',
    "pack": 'a list of paths, such as ["packs/Vendor.pack"]',
    "for": f"a list with any of {', '.join(Host)}",
    "baseline": _PATH,
    "toolkit-dir": _PATH,
    "define": "a table of names and paths in quotes",
    "follow": "true or false",
    _IGNORES: "a list of tables with path, rules and reason",
}
"""What each key takes."""

_WANTED_IN_IGNORE = {
    "path": 'a pattern for paths, such as "vendor/**/*.FLM"',
    "rules": f"{_RULES}, not empty",
    "reason": "a sentence that says why",
}
"""What each key of an ignore takes."""


def check_keys(table: Mapping[str, Any], source: str) -> None:
    """Refuse keys that are no settings.

    Args:
        table: what the file holds.
        source: how messages name the file.

    Raises:
        UsageProblem: there is such a key; the hint names the one that may be meant.
    """
    _check_keys(table, LintSettings, source)
    ignores = table.get(_IGNORES)
    for number, entry in enumerate(ignores if isinstance(ignores, list) else [], start=1):
        if isinstance(entry, Mapping):
            _check_keys(entry, FileIgnore, f"{source}: {_IGNORES}, entry {number}")


def _check_keys(table: Mapping[str, Any], model: type[BaseModel], source: str) -> None:
    known = [field.alias or name for name, field in model.model_fields.items()]
    for key in table:
        if key not in known:
            close = get_close_matches(key.replace("_", "-").lower(), known, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"The keys are {', '.join(known)}."
            raise UsageProblem(f"{source}: there is no setting {key!a}.", hint=hint)


@contextmanager
def in_words(source: str) -> Iterator[None]:
    """Turn what pydantic says of settings into the error that their author reads.

    Raises:
        UsageProblem: always where pydantic's ValidationError came.
    """
    try:
        yield
    except ValidationError as problem:
        raise _problem(problem.errors(include_url=False)[0], source) from None


def _problem(fault: ErrorDetails, source: str) -> UsageProblem:
    key, *place = fault["loc"]
    if key == _IGNORES and len(place) > 1:
        number, name = int(place[0]) + 1, str(place[1])
        source, wanted = f"{source}: {_IGNORES}, entry {number}", _WANTED_IN_IGNORE[name]
        if fault["type"] == "missing":
            return UsageProblem(f"{source} has no {name}.", hint=f"{name} is {wanted}.")
    else:
        name, wanted = str(key), _WANTED[str(key)]
    return UsageProblem(f"{source}: {name} is not {wanted}.", hint=_hint(fault["input"], name))


def _hint(found: object, key: str) -> str:
    choices = _CHOICES.get(key, ())
    close = get_close_matches(found, choices, n=1) if isinstance(found, str) and found not in choices else []
    return f"Did you mean {close[0]!r}?" if close else f"It holds {_in_toml(found)}."


_CHOICES = {"fail-on": tuple(map(str, Severity)), "for": tuple(map(str, Host))}


def _in_toml(value: object) -> str:
    """Return what somebody wrote, in the words of TOML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"{value!a}" if value.strip() else "an empty text"
        case int() | float() | date() | time():
            return f"{value}, which is no text"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "a table"
