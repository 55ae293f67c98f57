"""Reads whatever file of a loader the user names, with everything that belongs to it."""

from pathlib import Path

from loaderconv_formats.detection import identify, promised_kind
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.bundle import read_iar_bundle
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.errors import naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Notice

_IAR_KINDS = (FileKind.IAR_EXECUTABLE, FileKind.IAR_FLASH, FileKind.IAR_BOARD)


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
    with naming(shown(path)):
        data = read_file_bytes(path)
        kind = identify(data)
        if kind in _IAR_KINDS:
            bundle = read_iar_bundle(path, kind, data, search or SearchPaths())
        else:
            bundle = Bundle(passes=(Pass(loader=parse_loader(data, shown(path.stem)).loader),))
    promised = promised_kind(path.suffix)
    if promised in (None, kind):
        return bundle
    notice = Notice(code="suffix-mismatch", message=f"This {path.suffix} is {kind}.")
    return bundle.model_copy(update={"notices": (notice, *bundle.notices)})
