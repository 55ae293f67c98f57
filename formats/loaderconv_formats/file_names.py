"""File names as text that every model, terminal and JSON document can hold."""

import os
from pathlib import Path

from loaderconv_schemas.text import printable


def shown(path: Path | str) -> str:
    """Return a name with everything written as escapes that is not UTF-8 or not printable; Linux allows any byte."""
    name = os.fspath(path)
    try:
        return printable(os.fsencode(name).decode("utf-8", "backslashreplace"))
    except UnicodeEncodeError:  # half a surrogate pair, which is no byte of any name
        return printable(name.encode("utf-8", "backslashreplace").decode())
