"""`-o`: a report in a file, whatever the terminal."""

import os
from pathlib import Path

from loaderconv_formats.file_names import shown
from loaderconv_formats.output_file import write_complete
from loaderconv_schemas.errors import OutputNotWritten


def write_report(path: Path, text: str) -> None:
    """Write a report as UTF-8 with the line ends that it has, complete or not at all; a device takes it as it comes.

    Raises:
        OutputNotWritten: a folder, or the file system refused; nothing was left behind.
    """
    if os.path.isdir(path):  # noqa: PTH112 - Path's may raise
        raise OutputNotWritten(f"{shown(path)} is a folder.", hint="Name a file in it.")
    if not os.path.exists(path) or os.path.isfile(path):  # noqa: PTH110, PTH113
        write_complete(path, text.encode())
        return
    try:
        path.write_bytes(text.encode())
    except OSError as problem:
        raise OutputNotWritten(
            f"{shown(path)} does not take the report: {problem.strerror}.", hint="Name a file instead."
        ) from problem
