"""Folders with files that name each other, and proof that nothing else was looked at."""

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_LOOKING = ("stat", "lstat", "readlink", "scandir", "listdir", "open")


def put_files(folder: Path, *names: str) -> None:
    """Make files, with the folders that they need; each holds its own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")


@contextmanager
def looking_only_in(*allowed: Path) -> Iterator[None]:
    """Fail where a path outside of these folders is looked up, listed or opened, and where any file is opened.

    Folders above the allowed ones may be looked up, not listed: resolving the links in a path takes that.
    """
    folders = [Path(os.path.realpath(folder)) for folder in allowed]

    def guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Any, *args: Any, **options: Any) -> Any:
            assert "open" not in name, f"{path} was opened"
            place = Path(os.path.normpath(Path(os.fsdecode(path)).absolute()))
            inside = any(place.is_relative_to(folder) for folder in folders)
            above = "stat" in name and any(folder.is_relative_to(place) for folder in folders)
            assert inside or above, f"{name} on {place}"
            return function(path, *args, **options)

        return look

    with pytest.MonkeyPatch.context() as patches:
        for name in _LOOKING:
            patches.setattr(os, name, guarded(name, getattr(os, name)))
        for module in (builtins, io):
            patches.setattr(module, "open", guarded("open", open))
        yield
