"""Reads whatever file of a loader the user names, with everything that belongs to it."""

from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.detection import Document, Program, open_document, promised_kind
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.bundle import read_iar_bundle
from loaderconv_formats.loader_file import loader_in
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.errors import naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Notice


@dataclass(frozen=True)
class NamedFile:
    """A file that the user named.

    Attributes:
        data: its bytes.
        kind: what it is by its content.
        bundle: the loaders for which it stands.
    """

    data: bytes
    kind: FileKind
    bundle: Bundle


def read_bundle(path: Path, search: SearchPaths | None = None) -> Bundle:
    """Read the loader or loaders for which a file stands, whatever its suffix.

    An IAR loader is several files; it is read from whichever of them is named, as long as it is clear which others
    belong to it.

    Args:
        path: an FLM, a stldr, or an IAR `.out`, `.flash` or `.board`.
        search: folders besides the file's own in which references may be followed.

    Raises:
        UnreadableInput: the file cannot be opened, is no loader, or is damaged. Files that it refers to raise nothing:
            the bundle's references tell what came of them.
    """
    return read_named_file(path, search).bundle


def read_named_file(path: Path, search: SearchPaths | None = None) -> NamedFile:
    """Read the same, and keep what the file itself is. Arguments and errors are those of `read_bundle`."""
    with naming(shown(path)):
        data = read_file_bytes(path)
        document = open_document(data)
        bundle = _bundle(path, document, search or SearchPaths())
    kind = document.kind
    if promised_kind(path.suffix) not in (None, kind):
        notice = Notice(code="suffix-mismatch", message=f"This {path.suffix} is {kind}.")
        bundle = bundle.model_copy(update={"notices": (notice, *bundle.notices)})
    return NamedFile(data, kind, bundle)


def _bundle(path: Path, document: Document, search: SearchPaths) -> Bundle:
    if isinstance(document, Program) and document.kind is not FileKind.IAR_EXECUTABLE:
        return Bundle(passes=(Pass(loader=loader_in(document.image, document.kind, shown(path.stem))),))
    return read_iar_bundle(path, document, search)
