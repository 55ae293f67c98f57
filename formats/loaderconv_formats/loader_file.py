"""Reads a loader file from disk: document and meaning together."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.detection import DESCRIPTIONS, detect_flavour
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import MAX_FILE_BYTES, read_elf
from loaderconv_formats.file_names import shown
from loaderconv_formats.flm.reader import read_flm
from loaderconv_formats.stldr.reader import read_stldr
from loaderconv_schemas.errors import UnreadableInput, naming
from loaderconv_schemas.loader import Flavour, Loader

_READERS: dict[Flavour, Callable[[ElfImage, str], Loader]] = {
    Flavour.FLM: read_flm,
    Flavour.STLDR: read_stldr,
}


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
        return parse_loader(_read_bytes(path), shown(path.stem))


def parse_loader(data: bytes, name: str) -> LoaderFile:
    """Read a loader from the bytes of a file whose name without suffix is `name`.

    Raises:
        UnreadableInput: no loader, or damaged.
    """
    image = read_elf(data)
    flavour = detect_flavour(image)
    if flavour is None:
        raise UnreadableInput(
            "The file is an Arm program, but not a flash loader: it has no FlashDevice, StorageInfo or theFlashParams.",
            hint="Name the loader itself; if it is one, its symbol table was stripped and no host can use it.",
        )
    reader = _READERS.get(flavour)
    if reader is None:
        raise UnreadableInput(
            f"The file is {DESCRIPTIONS[flavour]}, which this version does not read.",
            hint="This version reads .FLM and .stldr files.",
        )
    return LoaderFile(image, reader(image, name), hashlib.sha256(data).hexdigest())


def _read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableInput("It is not a regular file.", hint="Name a loader file.")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise UnreadableInput(
            f"The file cannot be read: {problem.strerror or problem}.", hint="Check the path and its permissions."
        ) from problem
