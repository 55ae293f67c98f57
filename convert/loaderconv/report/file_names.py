"""How files are named for programs that read a report: relative to a folder, with slashes."""

import ntpath
import posixpath
from pathlib import PurePath, PureWindowsPath
from urllib.parse import quote


def relative_name(path: str, folder: PurePath) -> str | None:
    """Return a path below a folder as one relative to it, without `./`; None for any other.

    Args:
        path: as the user named it; relative ones are relative to the folder.
        folder: an absolute path, of the system that the path is of; nothing is looked up.
    """
    absolute = _absolute(path, folder)
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else None


def artifact_uri(path: str, folder: PurePath) -> str:
    """Return the URI of a file: relative to a folder, absolute where the file is outside of it.

    `../` would be wrong there: code scanning takes relative URIs as relative to the root of the repository, while it
    brings absolute ones below that root into the right form.
    """
    name = relative_name(path, folder)
    if name is not None:
        return quote(name)
    absolute = _absolute(path, folder)
    text = quote(absolute.as_posix(), safe="/:")
    if absolute.drive.startswith("\\\\"):  # a share of a Windows server
        return f"file:{text}"
    return f"file://{'' if text.startswith('/') else '/'}{text}"


def shown_name(path: str, folder: PurePath) -> str:
    """Return how GitHub wants a file named: relative to a folder, as it is where the file is outside of it."""
    return relative_name(path, folder) or path


def _absolute(path: str, folder: PurePath) -> PurePath:
    rules = ntpath if isinstance(folder, PureWindowsPath) else posixpath
    return type(folder)(rules.normpath(folder / path))
