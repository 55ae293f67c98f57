"""Finds the IAR files that refer to a file, among those in its folder."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.board_file import read_board_file
from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.references.resolve import resolve
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.xml.document import XmlDocument, parse_xml
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Notice

_MAX_ENTRIES = 10_000
"""Vendors keep a family's files in one folder; the largest surveyed one has a few hundred."""

_SUFFIXES = {FileKind.IAR_FLASH: ".flash", FileKind.IAR_BOARD: ".board"}
_ROOTS = {FileKind.IAR_FLASH: "flash_device", FileKind.IAR_BOARD: "flash_board"}


class Neighbours:
    """The files in one folder that refer to others.

    Attributes:
        folder: where they lie.
    """

    def __init__(self, path: Path, search: SearchPaths) -> None:
        self.folder = path.parent
        self._search = search

    def only(self, kind: FileKind, *, naming: Path) -> Path | None:
        """Return the one file of a kind that refers to `naming`, None where there is none or more than one."""
        found = self._referring(kind, naming)
        return found[0] if len(found) == 1 else None

    def note(self, kind: FileKind, *, naming: Path) -> tuple[Notice, ...]:
        """Return why there is no such file, for the user to choose."""
        found = [shown(path.name) for path in self._referring(kind, naming)]
        if not found:
            message = f"No {_SUFFIXES[kind]} file beside it refers to it, so nothing says which memory it serves."
            return (Notice(code="no-description", message=message),)
        message = f"{len(found)} files refer to it ({', '.join(found)}): name the one that is meant."
        return (Notice(code="several-descriptions", message=message),)

    def _referring(self, kind: FileKind, naming: Path) -> list[Path]:
        return [path for path, document in self._documents(kind, naming) if self._names(kind, path, document, naming)]

    def _documents(self, kind: FileKind, naming: Path) -> Iterator[tuple[Path, XmlDocument]]:
        """Yield the files of a kind that may hold the name of `naming`; the others need no parsing."""
        candidates = [path for path in self._entries() if path.suffix.lower() == _SUFFIXES[kind]]
        for path in sorted(candidates):
            try:
                data = read_file_bytes(path)
                if _may_hold(data, naming.name):
                    document = parse_xml(data)
                    if document.root.name == _ROOTS[kind]:
                        yield path, document
            except LoaderConvError:
                continue

    def _entries(self) -> list[Path]:
        """Return what lies in the folder; nothing where it cannot be listed, since only the named file is needed."""
        try:
            return list(islice(self.folder.iterdir(), _MAX_ENTRIES))
        except OSError:
            return []

    def _names(self, kind: FileKind, path: Path, document: XmlDocument, naming: Path) -> bool:
        try:
            if kind is FileKind.IAR_FLASH:
                spelled = [read_flash_file(document, shown(path.stem)).settings.executable]
            else:
                spelled = [each.loader_spelled for each in read_board_file(document).passes]
        except LoaderConvError:
            return False
        found = (resolve(each, named_in=path, search=self._search).path for each in spelled)
        return any(each is not None and each.samefile(naming) for each in found)


def _may_hold(data: bytes, name: str) -> bool:
    """Tell whether a file may hold a name; XML can spell characters otherwise, and every encoding its own way."""
    return not name.isascii() or b"&" in data or name.lower().encode() in data.lower()
