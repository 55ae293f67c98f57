"""Takes the bytes of a file from disk, bounded, whatever the path leads to."""

import os
from pathlib import Path

from loaderconv_schemas.errors import UnreadableInput

MAX_FILE_BYTES = 16 << 20
"""No loader of 1,500 surveyed is larger than 3 MB; this bounds what a wrong file name can cost."""


def read_file_bytes(path: Path, limit_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a file, at most one more than the limit, so that parsers can tell that it is too large.

    Raises:
        UnreadableInput: it cannot be opened, or is no regular file.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnreadableInput("It is not a regular file.", hint="Name a file.")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # 0 for some files that hold bytes
            return file.read(min(limit_bytes, max(size, MAX_FILE_BYTES)) + 1)  # memory is taken for all of it
    except (OSError, ValueError) as problem:  # ValueError: a name with a NUL
        raise UnreadableInput(
            f"The file cannot be read: {getattr(problem, 'strerror', None) or problem}.",
            hint="Check the path and its permissions.",
        ) from problem
