"""Reads a loader that is one ELF file from disk: document and meaning together."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.detection import is_elf, kind_of_program, kind_of_xml, open_xml
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_schemas.errors import UnreadableInput, naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Loader, Notice


@dataclass(frozen=True)
class LoaderFile:
    """A file that was read.

    Attributes:
        image: the document, with everything the file holds.
        loader: its meaning.
        sha256: of its bytes, hex.
    """

    image: ElfImage
    loader: Loader
    sha256: str


def read_loader_file(path: Path) -> LoaderFile:
    """Read the loader at `path`, whatever its suffix.

    Raises:
        UnreadableInput: the file cannot be opened, is no loader, or is damaged.
    """
    with naming(shown(path)):
        return parse_loader(read_file_bytes(path), shown(path.stem))


def parse_loader(data: bytes, name: str) -> LoaderFile:
    """Read a loader from the bytes of a file whose name without suffix is `name`.

    Raises:
        UnreadableInput: no loader, or damaged.
    """
    if not is_elf(data):
        raise UnreadableInput(
            f"The file is {kind_of_xml(open_xml(data))}: it describes a loader and holds no code.",
            hint="Name the loader's executable, which the file refers to.",
        )
    image = read_elf(data)
    return LoaderFile(image, loader_in(image, kind_of_program(image), name), hashlib.sha256(data).hexdigest())


def loader_in(image: ElfImage, kind: FileKind, name: str) -> Loader:
    """Return the meaning of a document that is known to be a loader of a kind, under the name of its file.

    Raises:
        UnreadableInput: damaged.
    """
    loader = _reader(kind)(image, name)
    if not image.trailing_bytes:
        return loader
    notice = Notice(
        code="trailing-bytes",
        message=f"{image.trailing_bytes} bytes behind the end of the ELF file belong to no part of it; ignored.",
    )
    return loader.model_copy(update={"notices": (*loader.notices, notice)})


def _reader(kind: FileKind) -> Callable[[ElfImage, str], Loader]:
    """Return the reader for a kind of file; only that one is imported, for speed."""
    if kind is FileKind.FLM:
        from loaderconv_formats.flm.reader import read_flm  # noqa: PLC0415

        return read_flm
    if kind is FileKind.STLDR:
        from loaderconv_formats.stldr.reader import read_stldr  # noqa: PLC0415

        return read_stldr
    from loaderconv_formats.iar.executable import read_iar_executable  # noqa: PLC0415

    return read_iar_executable
