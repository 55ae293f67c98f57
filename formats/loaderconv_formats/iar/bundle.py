"""Follows the references of IAR files: `.board`, `.flash`, `.out`, `.mac` (docs/formats/iar.md).

Only the file that the user named must be readable. What is wrong with the others is told in the bundle's references.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv_formats.detection import identify
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.board_file import BoardPass, read_board_file
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.iar.neighbours import Neighbours
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.references.resolve import Resolution, resolve
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.bundle import Bundle, FileRole, Pass, Reference, ReferenceState
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour, Identity, Loader, Notice
from loaderconv_schemas.memory import Placement, PlacementKind, RamNeed


def read_iar_bundle(path: Path, kind: FileKind, data: bytes, search: SearchPaths) -> Bundle:
    """Return the bundle to which an IAR file belongs.

    Args:
        path: the file that the user named.
        kind: what it is.
        data: its bytes.
        search: where references may be followed; the file's own folder is always one of these places.

    Raises:
        UnreadableInput: this file is damaged.
    """
    search = replace(search, roots=(path.parent, *search.roots))
    chain = _Chain(search)
    if kind is FileKind.IAR_BOARD:
        return chain.board(path, data)
    neighbours = Neighbours(path, search)
    if kind is FileKind.IAR_FLASH:
        return _through_board(chain, neighbours, path) or chain.flash_alone(path, data)
    described = neighbours.only(FileKind.IAR_FLASH, naming=path)
    if described is None:
        return chain.executable_alone(path, data, neighbours.note(FileKind.IAR_FLASH, naming=path))
    return _through_board(chain, neighbours, described) or chain.flash_alone(described, read_file_bytes(described))


def _through_board(chain: "_Chain", neighbours: Neighbours, flash: Path) -> Bundle | None:
    """Return those passes of the only `.board` beside that use a `.flash`; None where there is not exactly one."""
    board = neighbours.only(FileKind.IAR_BOARD, naming=flash)
    if board is None:
        return None
    return chain.board(board, read_file_bytes(board), only_flash=flash)


@dataclass(frozen=True)
class _Described:
    """A `.flash` file with its loader and the references that were followed for it."""

    loader: Loader
    references: tuple[Reference, ...]


class _Chain:
    """Reads files along their references; a `.flash` that several passes name is read once."""

    def __init__(self, search: SearchPaths) -> None:
        self._search = search
        self._described: dict[Path, _Described] = {}

    def board(self, path: Path, data: bytes, *, only_flash: Path | None = None) -> Bundle:
        """Return the passes of a `.board`, or those of them that use one `.flash`."""
        board = read_board_file(parse_xml(data))
        passes: list[Pass] = []
        references: dict[Reference, None] = {}
        for each in board.passes:
            found = resolve(each.loader_spelled, named_in=path, search=self._search)
            if only_flash is not None and (found.path is None or not found.path.samefile(only_flash)):
                continue
            reference, described = self._flash_of(each, path, found)
            passes.append(Pass(**dict(each.facts), loader=described.loader if described else None))
            references[reference] = None
            references.update(dict.fromkeys(described.references if described else ()))
        return Bundle(passes=tuple(passes), references=tuple(references), ignored=board.ignored, notices=board.notices)

    def flash_alone(self, path: Path, data: bytes) -> Bundle:
        """Return the loader of a `.flash`, for all of its device."""
        described = self._describe(path, data)
        return Bundle(passes=(Pass(loader=described.loader),), references=described.references)

    def executable_alone(self, path: Path, data: bytes, notices: tuple[Notice, ...]) -> Bundle:
        """Return the loader in an executable that nothing describes."""
        return Bundle(passes=(Pass(loader=parse_loader(data, shown(path.stem)).loader),), notices=notices)

    def _flash_of(self, each: BoardPass, board: Path, found: Resolution) -> tuple[Reference, _Described | None]:
        reference = _reference(FileRole.FLASH, board, each.loader_spelled, found)
        if found.path is None:
            return reference, None
        try:
            if found.path not in self._described:
                data = read_file_bytes(found.path)
                _expect(data, FileKind.IAR_FLASH)
                self._described[found.path] = self._describe(found.path, data)
            return reference, self._described[found.path]
        except LoaderConvError as problem:
            return _unreadable(reference, problem), None

    def _describe(self, path: Path, data: bytes) -> _Described:
        flash = read_flash_file(parse_xml(data), shown(path.stem))
        reference, code = self._executable_of(flash, path)
        references = [reference]
        if flash.settings.macro is not None:
            found = resolve(flash.settings.macro, named_in=path, search=self._search)
            references.append(_reference(FileRole.MACRO, path, flash.settings.macro, found))
        loader = code or _without_code(shown(path.stem), reference)
        return _Described(
            loader.model_copy(
                update={
                    "device": flash.device,
                    "iar_settings": flash.settings,
                    "notices": (*loader.notices, *flash.notices),
                }
            ),
            tuple(references),
        )

    def _executable_of(self, flash: FlashFile, path: Path) -> tuple[Reference, Loader | None]:
        spelled = flash.settings.executable
        if flash.settings.is_macro_loader:
            return _macros_only(path, spelled), None
        found = resolve(spelled, named_in=path, search=self._search)
        reference = _reference(FileRole.EXECUTABLE, path, spelled, found)
        if found.path is None:
            return reference, None
        try:
            data = read_file_bytes(found.path)
            _expect(data, FileKind.IAR_EXECUTABLE)
            return reference, parse_loader(data, shown(found.path.stem)).loader
        except LoaderConvError as problem:
            return _unreadable(reference, problem), None


def _expect(data: bytes, wanted: FileKind) -> None:
    """Raise LoaderConvError where a file is something else than its role asks for."""
    kind = identify(data)
    if kind is not wanted:
        raise LoaderConvError(f"It is {kind}, not {wanted}.", hint="Correct the reference.")


def _reference(role: FileRole, named_in: Path, spelled: str, found: Resolution) -> Reference:
    return Reference(
        role=role,
        named_in=shown(named_in),
        spelled=spelled,
        state=found.state,
        path=None if found.path is None else shown(found.path),
        note=found.note,
    )


def _unreadable(reference: Reference, problem: LoaderConvError) -> Reference:
    note = " ".join(filter(None, (problem.message, reference.note)))
    return reference.model_copy(update={"state": ReferenceState.UNREADABLE, "note": note})


def _macros_only(path: Path, spelled: str) -> Reference:
    return Reference(
        role=FileRole.EXECUTABLE,
        named_in=shown(path),
        spelled=spelled,
        state=ReferenceState.MACROS_ONLY,
        note="The loader is a set of C-SPY macros; there is no machine code.",
    )


def _without_code(name: str, reference: Reference) -> Loader:
    """Return a loader of which only the description is there."""
    return Loader(
        flavour=Flavour.IAR,
        identity=Identity(name=name),
        device=None,
        entry_points=(),
        segments=(),
        placement=Placement(kind=PlacementKind.NO_CODE, alignment_bytes=1),
        ram=RamNeed(image_bytes=0, page_buffer_bytes=0),
        notices=(Notice(code="no-code", message=f"There is no machine code: {reference.state}."),),
    )
