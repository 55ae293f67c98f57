"""Follows the references of IAR files: `.board`, `.flash`, `.out`, `.mac` (docs/formats/iar.md).

Only the file that the user named must be readable. What is wrong with the others is told in the bundle's references.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv_formats.detection import Document, Program, open_document, open_xml
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.board_file import BoardPass, read_board_file
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.iar.neighbours import Neighbours
from loaderconv_formats.loader_file import loader_in
from loaderconv_formats.references.resolve import Resolution, resolve
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.xml.document import XmlDocument
from loaderconv_schemas.bundle import Bundle, FileRole, Pass, Reference, ReferenceState
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour, Identity, Loader, Notice
from loaderconv_schemas.memory import Placement, PlacementKind, RamNeed


def read_iar_bundle(path: Path, document: Document, search: SearchPaths) -> Bundle:
    """Return the bundle to which an IAR file belongs.

    Args:
        path: the file that the user named.
        document: what is in it.
        search: where references may be followed; the file's own folder is always one of these places.

    Raises:
        UnreadableInput: this file is damaged.
    """
    search = replace(search, roots=(path.parent, *search.roots))
    chain = _Chain(search)
    neighbours = Neighbours(path, search)
    if isinstance(document, Program):
        flash = neighbours.only(FileKind.IAR_FLASH, naming=path)
        if flash is None:
            return chain.executable_alone(path, document, neighbours.note(FileKind.IAR_FLASH, naming=path))
        return _through_board(chain, neighbours, flash) or chain.flash_alone(flash, _open_again(flash))
    if document.kind is FileKind.IAR_BOARD:
        return chain.board(path, document.xml)
    return _through_board(chain, neighbours, path) or chain.flash_alone(path, document.xml)


def _through_board(chain: "_Chain", neighbours: Neighbours, flash: Path) -> Bundle | None:
    """Return those passes of the only `.board` beside that use a `.flash`; None where there is not exactly one."""
    board = neighbours.only(FileKind.IAR_BOARD, naming=flash)
    return None if board is None else chain.board(board, _open_again(board), only_flash=flash)


def _open_again(path: Path) -> XmlDocument:
    """Return a file beside the named one, which was found to be XML."""
    return open_xml(read_file_bytes(path))


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

    def board(self, path: Path, document: XmlDocument, *, only_flash: Path | None = None) -> Bundle:
        """Return the passes of a `.board`, or those of them that use one `.flash`."""
        board = read_board_file(document)
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

    def flash_alone(self, path: Path, document: XmlDocument) -> Bundle:
        """Return the loader of a `.flash`, for all of its device."""
        described = self._describe(path, document)
        return Bundle(passes=(Pass(loader=described.loader),), references=described.references)

    def executable_alone(self, path: Path, program: Program, notices: tuple[Notice, ...]) -> Bundle:
        """Return the loader in an executable that nothing describes."""
        return Bundle(passes=(Pass(loader=loader_in(program.image, program.kind, shown(path.stem))),), notices=notices)

    def _flash_of(self, each: BoardPass, board: Path, found: Resolution) -> tuple[Reference, _Described | None]:
        reference = _reference(FileRole.FLASH, board, each.loader_spelled, found)
        if found.path is None:
            return reference, None
        try:
            if found.path not in self._described:
                self._described[found.path] = self._describe(found.path, _flash_document(found.path))
            return reference, self._described[found.path]
        except LoaderConvError as problem:
            return _unreadable(reference, problem), None

    def _describe(self, path: Path, document: XmlDocument) -> _Described:
        flash = read_flash_file(document, shown(path.stem))
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
            program = _executable_document(found.path)
            return reference, loader_in(program.image, program.kind, shown(found.path.stem))
        except LoaderConvError as problem:
            return _unreadable(reference, problem), None


def _flash_document(path: Path) -> XmlDocument:
    """Return a `.flash`. Raises LoaderConvError where the file is something else."""
    document = open_document(read_file_bytes(path))
    if isinstance(document, Program) or document.kind is not FileKind.IAR_FLASH:
        raise _another_kind(document, FileKind.IAR_FLASH)
    return document.xml


def _executable_document(path: Path) -> Program:
    """Return an IAR executable. Raises LoaderConvError where the file is something else."""
    document = open_document(read_file_bytes(path))
    if not isinstance(document, Program) or document.kind is not FileKind.IAR_EXECUTABLE:
        raise _another_kind(document, FileKind.IAR_EXECUTABLE)
    return document


def _another_kind(document: Document, wanted: FileKind) -> LoaderConvError:
    return UnreadableInput(f"It is {document.kind}, not {wanted}.", hint="Correct the reference.")


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
