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
from loaderconv_formats.iar.neighbours import boards_of, descriptions_of
from loaderconv_formats.loader_file import loader_in
from loaderconv_formats.references.resolver import Resolution, Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.xml.document import XmlDocument
from loaderconv_formats.xml.quoting import short_ascii
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
    resolver = Resolver(replace(search, roots=(path.parent, *search.roots)))
    chain = _Chain(resolver)
    if isinstance(document, Program):
        return _of_executable(chain, path, document, resolver)
    if document.kind is FileKind.IAR_BOARD:
        return chain.board(path, document.xml)
    return _of_flash(chain, path, document.xml, resolver)


def _of_executable(chain: "_Chain", path: Path, program: Program, resolver: Resolver) -> Bundle:
    """Return what the only `.flash` beside an executable stands for; the executable alone where there is not one."""
    descriptions = descriptions_of(path, resolver)
    if descriptions.only is None:
        bundle = chain.executable_alone(path, program)
    else:
        bundle = _of_flash(chain, descriptions.only, _open_again(descriptions.only), resolver)
    return _with_notices(bundle, descriptions.notices)


def _of_flash(chain: "_Chain", path: Path, document: XmlDocument, resolver: Resolver) -> Bundle:
    """Return what the only `.board` beside a `.flash` says of it; the `.flash` alone where there is not one."""
    boards = boards_of(path, resolver)
    if boards.only is None:
        bundle = chain.flash_alone(path, document)
    else:
        bundle = chain.board(boards.only, _open_again(boards.only), only_flash=path)
    return _with_notices(bundle, boards.notices)


def _open_again(path: Path) -> XmlDocument:
    """Return a file beside the named one, which was found to be XML."""
    return open_xml(read_file_bytes(path))


def _with_notices(bundle: Bundle, notices: tuple[Notice, ...]) -> Bundle:
    return bundle.model_copy(update={"notices": (*notices, *bundle.notices)})


@dataclass(frozen=True)
class _Described:
    """A `.flash` file with its loader and the references that were followed for it."""

    loader: Loader
    references: tuple[Reference, ...]


class _Chain:
    """Reads files along their references; one that several others name is read once."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._described: dict[Path, _Described | str] = {}
        self._loaders: dict[Path, Loader | str] = {}

    def board(self, path: Path, document: XmlDocument, *, only_flash: Path | None = None) -> Bundle:
        """Return the passes of a `.board`, or those of them that use one `.flash`."""
        board = read_board_file(document)
        passes: list[Pass] = []
        references: dict[Reference, None] = {}
        for each in board.passes:
            found = self._resolver.resolve(each.loader_spelled, named_in=path)
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

    def executable_alone(self, path: Path, program: Program) -> Bundle:
        """Return the loader in an executable that nothing describes."""
        return Bundle(passes=(Pass(loader=loader_in(program.image, program.kind, shown(path.stem))),))

    def _flash_of(self, each: BoardPass, board: Path, found: Resolution) -> tuple[Reference, _Described | None]:
        reference = _reference(FileRole.FLASH, board, each.loader_spelled, found)
        if found.path is None:
            return reference, None
        described = self._described_in(found.path)
        if isinstance(described, str):
            return _unreadable(reference, described), None
        return reference, described

    def _described_in(self, path: Path) -> _Described | str:
        """Return what is in a `.flash`, or why it cannot be read."""
        if path not in self._described:
            try:
                self._described[path] = self._describe(path, _flash_document(path))
            except LoaderConvError as problem:
                self._described[path] = problem.message
        return self._described[path]

    def _describe(self, path: Path, document: XmlDocument) -> _Described:
        flash = read_flash_file(document, shown(path.stem))
        reference, code = self._executable_of(flash, path)
        references = [reference]
        if flash.settings.macro is not None:
            found = self._resolver.resolve(flash.settings.macro, named_in=path)
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
        found = self._resolver.resolve(spelled, named_in=path)
        reference = _reference(FileRole.EXECUTABLE, path, spelled, found)
        if found.path is None:
            return reference, None
        loader = self._loader_in(found.path)
        if isinstance(loader, str):
            return _unreadable(reference, loader), None
        return reference, loader

    def _loader_in(self, path: Path) -> Loader | str:
        """Return what is in an executable, or why it cannot be read."""
        if path not in self._loaders:
            try:
                program = _executable_document(path)
                self._loaders[path] = loader_in(program.image, program.kind, shown(path.stem))
            except LoaderConvError as problem:
                self._loaders[path] = problem.message
        return self._loaders[path]


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


def _unreadable(reference: Reference, reason: str) -> Reference:
    note = " ".join(filter(None, (reason, reference.note)))
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
        notices=(Notice(code="no-code", message=f"{short_ascii(reference.spelled)} was not read: {reference.state}."),),
    )
