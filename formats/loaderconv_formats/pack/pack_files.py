"""The files of a pack: members of an archive, or files on disk beside a description. Nothing outside is looked at."""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol
from zipfile import ZipFile, ZipInfo

from loaderconv_formats.file_bytes import MAX_FILE_BYTES, read_file_bytes
from loaderconv_formats.pack.members import Absence, Found, NotFound, parts_of
from loaderconv_formats.pack.pack_file import (
    MAX_PDSC_BYTES,
    BoundedFile,
    description_in,
    is_archive,
    read_description,
    read_member,
    told_as_damage,
    unreadable,
)
from loaderconv_formats.references.resolver import Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.bundle import ReferenceState
from loaderconv_schemas.errors import UnreadableInput

MAX_TOTAL_BYTES = 128 << 20
"""What is taken out of one pack together; the loaders of the largest real ones have about 40 MB."""


class PackFiles(Protocol):
    """The description of a pack, and the files that it names."""

    @property
    def description(self) -> bytes:
        """The bytes of the `.pdsc` file."""

    @property
    def description_member(self) -> str | None:
        """Path of the `.pdsc` file in its archive; None where it is a file on disk."""

    def find(self, spelled: str) -> Found | NotFound:
        """Return what a path in the description stands for, whatever its case. Nothing is read."""

    def full_member(self, found: Found) -> str:
        """Return the path of a file in the archive; where there is none, in the folder of the description."""

    def read(self, found: Found) -> bytes:
        """Return the bytes of a file.

        Raises:
            UnreadableInput: it cannot be read, is packed in an unusual way, or is too large.
        """


@contextmanager
def open_pack_files(path: Path) -> Iterator[PackFiles]:
    """Give the files of a `.pack`, or of the pack to which a `.pdsc` file belongs; the content tells which it is.

    Raises:
        UnreadableInput: it cannot be opened, is a damaged archive, or holds not one description of bearable size.
    """
    try:
        if path.exists() and not path.is_file():
            raise UnreadableInput("It is not a regular file.", hint="Name a .pack or .pdsc file.")
        file = BoundedFile(io.FileIO(path))
    except (OSError, ValueError) as problem:  # ValueError: a name with a NUL
        raise unreadable(problem) from problem
    with file:
        if not is_archive(file):
            yield FolderFiles(path, read_description(file))
            return
        with told_as_damage():
            archive = ZipFile(file)
            files = ArchiveFiles(archive)
        with archive:
            yield files


class ArchiveFiles:
    """The files of an archive; paths are relative to the folder of its description."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._bytes_left = MAX_TOTAL_BYTES
        description = description_in(archive)
        self.description: bytes = read_member(archive, description, MAX_PDSC_BYTES)
        self.description_member: str = _slashed(description)
        base = self._base = PurePosixPath(self.description_member).parent.parts
        self._infos: dict[str, list[ZipInfo]] = {}
        self._alike: dict[str, set[str]] = {}
        for info in archive.infolist():
            parts = parts_of(_slashed(info))
            if parts is None or _slashed(info).endswith("/") or parts[: len(base)] != base:
                continue
            name = "/".join(parts[len(base) :])
            self._infos.setdefault(name, []).append(info)
            self._alike.setdefault(_folded(name), set()).add(name)

    def find(self, spelled: str) -> Found | NotFound:
        """Return what a path in the description stands for."""
        parts = parts_of(spelled)
        if parts is None:
            return _outside(spelled)
        name = "/".join(parts)
        if name in self._infos:
            return Found(name, is_spelled_so=True)
        alike = sorted(self._alike.get(_folded(name), ()))
        if len(alike) == 1:
            return Found(alike[0], is_spelled_so=False)
        return _missing(spelled, alike)

    def full_member(self, found: Found) -> str:
        """Return the path of a file in the archive."""
        return "/".join((*self._base, found.path))

    def read(self, found: Found) -> bytes:
        """Return the bytes of a file."""
        infos = self._infos[found.path]
        if len(infos) > 1:
            raise UnreadableInput(
                f"The archive holds {quoted(found.path)} {len(infos)} times, and each host may take another one.",
                hint="Make the pack anew, with each file once.",
            )
        with told_as_damage():
            data = read_member(self._archive, infos[0], min(MAX_FILE_BYTES, self._bytes_left))
        self._bytes_left -= len(data)
        return data


class FolderFiles:
    """The files in the folder of a description and below; links that lead out are not followed."""

    description_member: str | None = None

    def __init__(self, path: Path, description: bytes) -> None:
        self.description = description
        self._path = path
        self._folder = Path(path.parent.absolute()).resolve()
        self._resolver = Resolver(SearchPaths(roots=(self._folder,)))

    def find(self, spelled: str) -> Found | NotFound:
        """Return what a path in the description stands for."""
        parts = parts_of(spelled)
        if parts is None:
            return _outside(spelled)
        if not parts:
            return _missing(spelled)
        # The dot keeps a name that starts with a dollar from being taken for a variable.
        resolution = self._resolver.resolve("/".join((".", *parts)), named_in=self._folder / self._path.name)
        if resolution.state is ReferenceState.OUTSIDE:
            return NotFound(Absence.OUTSIDE, resolution.note or "")
        if resolution.path is None:
            return NotFound(Absence.MISSING, resolution.note or "")
        relative = resolution.path.relative_to(self._folder).as_posix()
        return Found(relative, is_spelled_so=resolution.note is None)

    def full_member(self, found: Found) -> str:
        """Return the path of a file in the folder of the description."""
        return found.path

    def read(self, found: Found) -> bytes:
        """Return the bytes of a file."""
        return read_file_bytes(self._folder / found.path)


def _slashed(info: ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower()


def _outside(spelled: str) -> NotFound:
    return NotFound(Absence.OUTSIDE, f"{quoted(spelled)} leads out of the pack.")


def _missing(spelled: str, alike: Sequence[str] = ()) -> NotFound:
    if alike:
        names = " and ".join(quoted(name) for name in alike[:2])
        return NotFound(Absence.MISSING, f"{quoted(spelled)} may be {names}, which differ in case only.")
    return NotFound(Absence.MISSING, f"There is no {quoted(spelled)} in the pack.")
