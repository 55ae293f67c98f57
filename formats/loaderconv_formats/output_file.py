"""Puts an output in place: complete and checked, or not at all."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.file_names import shown
from loaderconv_formats.interrupts import interrupts_held
from loaderconv_schemas.errors import OutputNotWritten, UsageProblem


def check_destination(source: Path, output: Path, *, replace: bool) -> None:
    """Refuse an output path that cannot be meant, before any work is done.

    Raises:
        UsageProblem: no such folder, the input itself, a folder, or an existing file without `replace`.
        OutputNotWritten: the file system does not take such a name.
    """
    try:
        _refuse(source, output, replace=replace)
    except OSError as problem:
        raise OutputNotWritten(
            f"{shown(output)} cannot be written: {problem.strerror or problem}.", hint="Choose another output."
        ) from problem


def _refuse(source: Path, output: Path, *, replace: bool) -> None:
    """Raise UsageProblem, or OSError where the path cannot even be looked up."""
    if not output.parent.is_dir():
        raise UsageProblem(f"There is no folder {shown(output.parent)}.", hint="Create it, or choose another output.")
    if not output.exists() and not output.is_symlink():
        return
    if source.exists() and output.exists() and output.samefile(source):
        raise UsageProblem("The output is the input itself.", hint="Choose another output; the input is never changed.")
    if not output.is_file():
        raise UsageProblem(f"{shown(output)} is not a regular file.", hint="Choose another output.")
    if not replace:
        raise UsageProblem(
            f"{shown(output)} exists already.", hint="Choose another output, or replace it with --force."
        )


def check_not_taken(files: Mapping[Path, bytes]) -> None:
    """Refuse to replace files that the user did not name, unless they hold the same bytes already.

    Raises:
        UsageProblem: one exists with another content.
    """
    for path, data in files.items():
        if path.exists() and not (path.is_file() and path.read_bytes() == data):
            raise UsageProblem(
                f"{shown(path)} exists already, and belongs to the loader that is written.",
                hint="Write to another name or folder, or allow to replace it as well.",
            )


def write_complete(output: Path, data: bytes) -> None:
    """Write one file, as `write_all_complete` does.

    Raises:
        OutputNotWritten: the file system refused, or gives other bytes back; nothing was left behind.
    """
    write_all_complete({output: data})


def write_all_complete(files: Mapping[Path, bytes]) -> None:
    """Write files under temporary names, read them back, and only then move all of them into place.

    The first file is moved last, so that it never refers to one that is not there. A Ctrl-C that comes meanwhile waits
    until the files are there whole: it could otherwise come between the making of a temporary file and the moment in
    which its removal is certain.

    Args:
        files: bytes by place; an existing file is replaced at the last moment, a link stays a link.

    Raises:
        OutputNotWritten: the file system refused, or gives other bytes back; no new file was left behind.
    """
    staged: list[_Staged] = []
    new: list[Path] = []
    with interrupts_held():
        try:
            for output, data in files.items():
                with _telling(output):
                    _stage(output, data, staged)
            for each in reversed(staged):
                is_new = not each.destination.exists()
                with _telling(each.output):
                    each.temporary.replace(each.destination)
                new += [each.destination] if is_new else []
        except OutputNotWritten:
            _remove(new)
            raise
        finally:
            _remove([each.temporary for each in staged])


def _remove(paths: Iterable[Path]) -> None:
    """Remove what is there."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Staged:
    """A file that waits for its place.

    Attributes:
        output: as the caller named it.
        destination: where it goes; links are followed.
        temporary: where it is.
    """

    output: Path
    destination: Path
    temporary: Path


@contextmanager
def _telling(output: Path) -> Iterator[None]:
    """Turn what the file system says into the error that a user reads."""
    try:
        yield
    except (OSError, ValueError, RuntimeError) as problem:  # a NUL in the name; links that lead in a circle
        raise OutputNotWritten(
            f"{shown(output)} could not be written: {getattr(problem, 'strerror', None) or problem}.",
            hint="Check free space and permissions, and that no other program holds the file open.",
        ) from problem


def _stage(output: Path, data: bytes, staged: list[_Staged]) -> None:
    """Write beside the destination under another name, which goes into `staged` before anything can fail."""
    destination = output.resolve()
    if destination.exists() and not destination.is_file():
        raise OSError("there is something that is no regular file")
    descriptor, name = tempfile.mkstemp(prefix=".loaderconv-", suffix=".part", dir=destination.parent)
    temporary = Path(name)
    staged.append(_Staged(output, destination, temporary))
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _compare(temporary, data)
    temporary.chmod(destination.stat().st_mode & 0o777 if destination.exists() else _mode_for_new_files())


def _compare(path: Path, data: bytes) -> None:
    if path.read_bytes() != data:
        raise OSError("the bytes read back are not those written")


def _mode_for_new_files() -> int:
    """Return the permissions that a file created without further ado would have."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
