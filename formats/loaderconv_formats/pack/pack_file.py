"""Takes the description out of a pack. A `.pack` is a ZIP archive with one `.pdsc` file at its top."""

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.errors import UnreadableInput

MAX_PDSC_BYTES = 64 << 20
"""The largest real descriptions have about 20 MB."""

MAX_EXPANSION = 250
"""How many times larger than its packed form a file may be; real ones are packed to a tenth or twentieth."""

SMALL_MEMBER_BYTES = 1 << 20
"""Below this no expansion harms."""

MAX_DIRECTORY_BYTES = 8 << 20
"""The list of an archive's files is read as a whole; it takes about 100 bytes a file."""

_ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
_ENCRYPTED = 0x1
_FOLDER_MARK = re.compile(r"[/\\]")
_PACK_HINT = "Take the pack anew from where it was published."
_UNPACK_HINT = "Unpack it, and name the .pdsc file."


class BoundedFile(io.BufferedReader):
    """A file from which nobody gets more at once than MAX_DIRECTORY_BYTES, whatever the archive's numbers say."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, at most MAX_DIRECTORY_BYTES."""
        wanted = MAX_DIRECTORY_BYTES if size is None or size < 0 else min(size, MAX_DIRECTORY_BYTES)
        return super().read(wanted)


def read_pdsc(path: Path) -> bytes:
    """Return the bytes of a `.pdsc` file, or of the one in a `.pack` file; the content tells which it is.

    Raises:
        UnreadableInput: it cannot be opened, is a damaged archive, or holds not one description of bearable size.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnreadableInput("It is not a regular file.", hint="Name a .pack or .pdsc file.")
        with BoundedFile(io.FileIO(path)) as file:
            if is_archive(file):
                with told_as_damage(), ZipFile(file) as archive:
                    return read_member(archive, description_in(archive), MAX_PDSC_BYTES)
            return read_description(file)
    except (OSError, ValueError) as problem:  # ValueError: a name with a NUL
        raise unreadable(problem) from problem


def is_archive(file: BoundedFile) -> bool:
    """Tell whether a file starts like a ZIP archive."""
    return file.peek(4).startswith(_ZIP_STARTS)


def read_description(file: BoundedFile) -> bytes:
    """Return the bytes of a `.pdsc` file.

    Raises:
        UnreadableInput: more than a description has.
    """
    data = _read_at_most(file, MAX_PDSC_BYTES + 1)
    if len(data) > MAX_PDSC_BYTES:
        raise UnreadableInput(
            f"The description has {len(data)} bytes or more; it is read up to {MAX_PDSC_BYTES}.",
            hint="Name a .pack or .pdsc file; real descriptions have at most about 20 MB.",
        )
    return data


@contextmanager
def told_as_damage() -> Iterator[None]:
    """Turn whatever a damaged archive makes zipfile raise into UnreadableInput."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise UnreadableInput(
            f"The archive is damaged or incomplete: {quoted(str(problem))}.", hint=_PACK_HINT
        ) from problem


def unreadable(problem: Exception) -> UnreadableInput:
    """Return what is said of a file that the system does not give."""
    return UnreadableInput(
        f"The file cannot be read: {getattr(problem, 'strerror', None) or problem}.",
        hint="Check the path and its permissions.",
    )


def read_member(archive: ZipFile, info: ZipInfo, max_bytes: int) -> bytes:
    """Return a file of an archive.

    Raises:
        UnreadableInput: encrypted, packed in an unusual way, or more than `max_bytes` or than it pretends to have.
    """
    _check_sizes(info, max_bytes)
    with archive.open(info) as member:
        data = member.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise _too_large(info, max_bytes)
    return data


def description_in(archive: ZipFile) -> ZipInfo:
    """Return the one description at the top, or else the one anywhere below."""
    found = [info for info in archive.infolist() if info.filename.lower().endswith(".pdsc")]
    at_top = [info for info in found if _FOLDER_MARK.search(info.filename) is None]
    chosen = at_top or found
    if not chosen:
        raise UnreadableInput("The archive holds no .pdsc file.", hint="Name a CMSIS-Pack (.pack), or a .pdsc file.")
    if len(chosen) > 1:
        names = " and ".join(quoted(info.filename) for info in chosen[:2])
        raise UnreadableInput(
            f"The archive holds {len(chosen)} .pdsc files, for instance {names}.",
            hint="Unpack it, and name the .pdsc file that describes your chip.",
        )
    return chosen[0]


def _check_sizes(info: ZipInfo, max_bytes: int) -> None:
    """Raise UnreadableInput for a member whose unpacking would cost more than it is worth."""
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableInput(f"{quoted(info.filename)} is encrypted.", hint=_UNPACK_HINT)
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise UnreadableInput(
            f"{quoted(info.filename)} is packed by method {info.compress_type}; packs use deflate.",
            hint=_UNPACK_HINT,
        )
    if info.file_size > max_bytes:
        raise _too_large(info, max_bytes)
    if info.file_size > max(SMALL_MEMBER_BYTES, MAX_EXPANSION * info.compress_size):
        raise UnreadableInput(
            f"{quoted(info.filename)} would grow from {info.compress_size} to {info.file_size} bytes, more than "
            f"{MAX_EXPANSION} times.",
            hint="No real file of a pack is packed so well; take the pack anew from where it was published.",
        )


def _read_at_most(file: BoundedFile, size: int) -> bytes:
    pieces = io.BytesIO()
    while pieces.tell() < size and (piece := file.read(size - pieces.tell())):
        pieces.write(piece)
    return pieces.getvalue()


def _too_large(info: ZipInfo, max_bytes: int) -> UnreadableInput:
    return UnreadableInput(
        f"{quoted(info.filename)} has {info.file_size} bytes or more; it is read up to {max_bytes}.",
        hint="Take the pack anew from where it was published; real files of that kind are smaller.",
    )
