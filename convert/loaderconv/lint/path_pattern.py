"""Patterns for paths, as in a .gitignore file, and the paths that they are compared with."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from loaderconv_schemas.lint import LintedFile

_PIECES = re.compile(r"(?s)(?P<folders>(?<![^/])\*\*/)|(?P<all>(?<![^/])\*\*$)|(?P<some>\*+)|(?P<one>\?)|(?P<char>.)")
_EXPRESSIONS = {"folders": "(?:.*/)?", "all": ".*", "some": "[^/]*", "one": "[^/]"}
_OUTSIDE = ".."


@dataclass(frozen=True)
class PathPattern:
    """A pattern for paths with slashes.

    `*` and `?` stand for what is between slashes, `**` for any folders. Without a slash, a pattern fits a name in any
    folder. What fits a folder or a pack fits all that is in it. On Windows, capitals do not matter.

    Attributes:
        text: the pattern.
    """

    text: str

    def fits(self, place: str) -> bool:
        """Tell whether a path fits the pattern."""
        return self._expression.fullmatch(place) is not None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        text = self.text.rstrip("/")
        start = "" if "/" in text else "(?:.*/)?"
        pieces = _PIECES.finditer(text.removeprefix("./").removeprefix("/"))
        body = "".join(_EXPRESSIONS.get(piece.lastgroup or "", re.escape(piece[0])) for piece in pieces)
        return re.compile(f"{start}{body}(?:/.*)?", _case_rule() | re.DOTALL)


def _case_rule() -> re.RegexFlag:
    return re.NOFLAG if os.path.normcase("A") == "A" else re.IGNORECASE


def place_of(file: LintedFile, folder: Path) -> str:
    """Return where a file is, relative to a folder, with slashes: the same on every machine that has the tree.

    A file inside of a pack stands behind the pack's name. What is outside of the folder starts with `..`, or is an
    absolute path where it is on another drive. Links count as what they are called; only where that leads out of the
    folder, they are resolved.
    """
    place = _relative(os.path.abspath(file.path), os.path.abspath(folder))  # noqa: PTH100 - links stay as they are
    if place.startswith(_OUTSIDE):
        parent, name = os.path.split(os.path.abspath(file.path))  # noqa: PTH100
        resolved = _relative(os.path.join(os.path.realpath(parent), name), os.path.realpath(folder))  # noqa: PTH118
        place = place if resolved.startswith(_OUTSIDE) else resolved
    return place if file.member is None else f"{place}/{file.member}"


def _relative(path: str, folder: str) -> str:
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return PurePath(path).as_posix()
