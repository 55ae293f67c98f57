"""File names as text that every model, terminal and JSON document can hold."""

import os
from pathlib import Path

from loaderconv_schemas.text import printable


def shown(path: Path | str) -> str:
    """Return a name with everything written as escapes that is not UTF-8 or not printable; Linux allows any byte."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))
