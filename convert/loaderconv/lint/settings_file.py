"""The settings of `lint`: `loaderconv.toml`, or `[tool.loaderconv]` in `pyproject.toml`."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaderconv.lint.settings_problems import check_keys, in_words
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from loaderconv_schemas.settings import LintSettings

OWN_NAME = "loaderconv.toml"
SHARED_NAME = "pyproject.toml"
"""Names of settings files; where both are in a folder, the first counts."""

_TOOL = "tool"
_TABLE = "loaderconv"
_TITLE = f"[{_TOOL}.{_TABLE}]"
_LINE = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)
_NO_SETTINGS = "Correct it, or do without it: --no-config."


def load_settings(explicit: Path | None, start: Path) -> tuple[LintSettings, Path | None]:
    """Return the settings and the file that has them; the defaults and None where there is no such file.

    Paths in the settings are returned with the folder of the file before them. The patterns of `per-file-ignores` stay
    relative to it.

    Args:
        explicit: file that the user named; no other is looked for then.
        start: folder from which one is looked for upwards, up to the root of the repository (a folder with `.git`).

    Raises:
        UsageProblem: a file that cannot be read, is no TOML, or says what is no setting.
    """
    path, table = (None, None) if explicit is None else (explicit, _named_table(explicit))
    if path is None:
        path, table = _found(start)
    if path is None or table is None:
        return LintSettings(), None
    return _settings(table, path), path


def _named_table(path: Path) -> Mapping[str, Any]:
    table = _table_in(path)
    if table is None:
        raise UsageProblem(f"{shown(path)} has no table {_TITLE}.", hint=f"Add it, or name a {OWN_NAME}.")
    return table


def _found(start: Path) -> tuple[Path | None, Mapping[str, Any] | None]:
    folder = start.absolute()
    for parent in (folder, *folder.parents):
        for path in (parent / OWN_NAME, parent / SHARED_NAME):
            table = _table_in(path) if os.path.isfile(path) else None  # noqa: PTH113 - Path's may raise
            if table is not None:
                return path, table
        if os.path.lexists(parent / ".git"):
            break
    return None, None


def _table_in(path: Path) -> Mapping[str, Any] | None:
    """Return the table with the settings; None where a pyproject.toml has none."""
    document = _document(path)
    if path.name != SHARED_NAME:
        return document
    tools = document.get(_TOOL, {})
    table = tools.get(_TABLE) if isinstance(tools, Mapping) else None
    if table is not None and not isinstance(table, Mapping):
        raise UsageProblem(
            f"{shown(path)}: {_TOOL}.{_TABLE} is not a table.", hint=f"Write {_TITLE}, and the keys below."
        )
    return table


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_file_bytes(path).decode("utf-8-sig"))
    except UnreadableInput as problem:
        raise UsageProblem(f"The settings {shown(path)}: {problem.message}", hint=_NO_SETTINGS) from None
    except UnicodeDecodeError as problem:
        raise UsageProblem(
            f"{shown(path)} is not UTF-8: byte 0x{problem.object[problem.start]:02x} at offset {problem.start}.",
            hint="Save it as UTF-8.",
        ) from None
    except tomllib.TOMLDecodeError as problem:
        raise _syntax_problem(path, str(problem)) from None
    except RecursionError:
        raise UsageProblem(f"{shown(path)} is nested too deeply.", hint=_NO_SETTINGS) from None


def _syntax_problem(path: Path, text: str) -> UsageProblem:
    match = _LINE.fullmatch(text)
    place, what = (f", line {match['line']}", match["what"]) if match else ("", text.rstrip("."))
    return UsageProblem(f"{shown(path)}{place}: the file is no TOML: {what}.", hint=_NO_SETTINGS)


def _settings(table: Mapping[str, Any], path: Path) -> LintSettings:
    check_keys(table, shown(path))
    with in_words(shown(path)):
        settings = LintSettings.model_validate(table)
    _check_rules(settings, shown(path))
    folder = path.parent
    return settings.model_copy(
        update={
            "pack": tuple(folder / each for each in settings.pack),
            "baseline": settings.baseline and folder / settings.baseline,
            "toolkit_dir": settings.toolkit_dir and folder / settings.toolkit_dir,
            "define": {name: folder / value for name, value in settings.define.items()},
        }
    )


def _check_rules(settings: LintSettings, source: str) -> None:
    """Raise UsageProblem where an entry fits no rule. All rules are imported only where some are named."""
    entries = [("select", each) for each in settings.select] + [("ignore", each) for each in settings.ignore]
    entries += [("per-file-ignores", each) for ignore in settings.per_file_ignores for each in ignore.rules]
    if not entries:
        return
    from loaderconv.lint.registry import all_rules  # noqa: PLC0415
    from loaderconv.lint.rule_ids import ids_for  # noqa: PLC0415

    known = frozenset(rule.id for rule in all_rules())
    for key, entry in entries:
        ids_for(entry, known, where=f"{source}: {key}")
