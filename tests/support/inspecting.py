"""Runs `loaderconv inspect` and judges what it says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.command import Outcome, invoke
from support.paths import FIXTURES

COMMAND = "inspect"

FLM = FIXTURES / "strict_flm.FLM"
STLDR = FIXTURES / "strict_stldr.stldr"
IAR = FIXTURES / "iar"
"""The folder for which $TOOLKIT_DIR$ stands in our own IAR files."""

BOARD, FLASH, OUT = (IAR / "config/flashloader/Strict" / f"strict_iar.{suffix}" for suffix in ("board", "flash", "out"))


def inspect(*arguments: str | Path) -> Outcome:
    """Inspect in this process, in a window in which no line is broken."""
    return invoke(COMMAND, *arguments, env={"COLUMNS": "400"})


def as_json(*arguments: str | Path) -> tuple[int, Any]:
    """Return exit code and document; nothing else may have been said."""
    outcome = invoke(COMMAND, *arguments, "--format", "json")
    assert outcome.stderr == ""
    return outcome.exit_code, json.loads(outcome.stdout)


def names(document: Mapping[str, Any], key: str = "files") -> list[str]:
    """Return the names of the files in a report, without their folders."""
    return [Path(each["path"]).name for each in document[key]]


def put(folder: Path, **contents: bytes) -> None:
    """Write files; in their names __ stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name.replace("__", ".")).write_bytes(data)
