"""Takes the bytes of a file from disk, bounded, whatever the path leads to."""

from pathlib import Path

from loaderconv_schemas.errors import UnreadableInput

MAX_FILE_BYTES = 16 << 20
"""No loader of 1,500 surveyed is larger than 3 MB; this bounds what a wrong file name can cost."""


def read_file_bytes(path: Path) -> bytes:
    """Return the bytes of a file, at most one more than MAX_FILE_BYTES, so that parsers can tell that it is too large.

    Raises:
        UnreadableInput: it cannot be opened, or is no regular file.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnreadableInput("It is not a regular file.", hint="Name a loader file.")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: a name with a NUL
        raise UnreadableInput(
            f"The file cannot be read: {getattr(problem, 'strerror', None) or problem}.",
            hint="Check the path and its permissions.",
        ) from problem
