"""Finds the IAR files that refer to a file, among those in its folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from loaderconv_formats.detection import open_xml, promised_kind
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.board_file import read_board_file
from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.references.allowed_folders import NOT_FOLLOWED, real_path
from loaderconv_formats.references.resolver import Resolver
from loaderconv_formats.xml.document import XmlDocument
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Notice

_MAX_ENTRIES = 10_000

_MAX_CANDIDATES = 1_000
"""Vendors keep a family's files in one folder; the largest surveyed one has a few hundred."""

_MAX_TOLD = 5
"""How many files are named; hundreds of names help nobody to choose."""

_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark and blanks."""


@dataclass(frozen=True)
class Referring:
    """The files that refer to a file.

    Attributes:
        files: in order of their names.
        notices: why it is open which one is meant, and which files were left out that may refer to it, too.
    """

    files: tuple[Path, ...]
    notices: tuple[Notice, ...]

    @property
    def only(self) -> Path | None:
        """The one file; None where there is none, or more than one."""
        return self.files[0] if len(self.files) == 1 else None


def descriptions_of(executable: Path, resolver: Resolver) -> Referring:
    """Return the `.flash` files beside an executable that refer to it."""
    found = _look_beside(executable, FileKind.IAR_FLASH, _executable_in, resolver)
    name = shown(executable.name)
    notices = []
    if not found.files:
        message = f"No .flash file beside {name} is known to refer to it, so nothing says which memory it serves."
        notices.append(Notice(code="no-description", message=message))
    elif len(found.files) > 1:
        message = f"{len(found.files)} .flash files refer to {name} ({_told(found.files)}): name the one that is meant."
        notices.append(Notice(code="several-descriptions", message=message))
    return Referring(found.files, (*notices, *found.notices))


def boards_of(flash: Path, resolver: Resolver) -> Referring:
    """Return the `.board` files beside a `.flash` that use it; many a `.flash` has none."""
    found = _look_beside(flash, FileKind.IAR_BOARD, _loaders_in, resolver)
    name = shown(flash.name)
    notices = []
    if len(found.files) > 1:
        message = f"{len(found.files)} .board files use {name} ({_told(found.files)}): name the one that is meant."
        notices.append(Notice(code="several-boards", message=message))
    return Referring(found.files, (*notices, *found.notices))


def _executable_in(document: XmlDocument) -> Iterable[str]:
    return [read_flash_file(document, "").settings.executable]


def _loaders_in(document: XmlDocument) -> Iterable[str]:
    return [each.loader_spelled for each in read_board_file(document).passes]


_NamesIn = Callable[[XmlDocument], Iterable[str]]
"""Returns the names in a document that may stand for the file. Raises UnreadableInput."""


def _look_beside(target: Path, kind: FileKind, names_in: _NamesIn, resolver: Resolver) -> Referring:
    """Look into the files of a kind that lie beside another one."""
    entries = _entries(target.parent)
    candidates = sorted(path for path in entries if promised_kind(path.suffix) is kind)
    files: list[Path] = []
    unreadable: dict[Path, str] = {}
    for path in candidates[:_MAX_CANDIDATES]:
        try:
            if _refers(path, target, names_in, resolver):
                files.append(path)
        except LoaderConvError as problem:
            unreadable[path] = problem.message
    notices = [*_on_unreadable(unreadable, target)]
    if len(entries) > _MAX_ENTRIES or len(candidates) > _MAX_CANDIDATES:
        message = f"Too many files lie beside {shown(target.name)} to look into all; others may refer to it, too."
        notices.append(Notice(code="too-many-neighbours", message=message))
    return Referring(tuple(files), tuple(notices))


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder; nothing where it cannot be listed, since only the named file is needed."""
    try:
        return list(islice(folder.iterdir(), _MAX_ENTRIES + 1))
    except OSError:
        return []


def _refers(path: Path, target: Path, names_in: _NamesIn, resolver: Resolver) -> bool:
    """Tell whether a file refers to another one beside it.

    Raises:
        LoaderConvError: that is not known, as the file may not be opened, or may hold the name and is damaged.
    """
    real = real_path(path)
    if real is None or not resolver.allowed_from(path.parent).permit(real):
        raise UnreadableInput(f"It is a link {NOT_FOLLOWED}", hint="Follow it with --follow, if it is to be trusted.")
    data = read_file_bytes(path)
    if not _may_hold(data, target.name):
        return False
    found = (resolver.resolve(each, named_in=path).path for each in names_in(open_xml(data)))
    return any(each is not None and each.samefile(target) for each in found)


def _may_hold(data: bytes, name: str) -> bool:
    """Tell whether a file may hold a name: others need no parsing, and do not matter where they are damaged.

    XML can spell characters otherwise, and every encoding its own way. Zeros are those of UTF-16, which is not read.
    """
    if name.isascii() and name.lower().encode() in data.lower().replace(b"\0", b""):
        return True
    return data.lstrip(_BEFORE_XML).startswith(b"<") and (b"&" in data or not name.isascii())


def _on_unreadable(reasons: dict[Path, str], target: Path) -> Iterator[Notice]:
    """Yield why files were left out that may refer to a file."""
    name = shown(target.name)
    for path, reason in islice(reasons.items(), _MAX_TOLD):
        message = f"{shown(path.name)} may refer to {name}, but is left out: {reason}"
        yield Notice(code="unreadable-neighbour", message=message)
    if len(reasons) > _MAX_TOLD:
        message = f"{len(reasons) - _MAX_TOLD} more files may refer to {name}, but are left out as well."
        yield Notice(code="unreadable-neighbour", message=message)


def _told(files: Sequence[Path]) -> str:
    """Return the names of the first files, and how many more there are."""
    names = ", ".join(shown(path.name) for path in files[:_MAX_TOLD])
    return names if len(files) <= _MAX_TOLD else f"{names} and {len(files) - _MAX_TOLD} more"
