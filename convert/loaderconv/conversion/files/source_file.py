"""Reads what a conversion starts from: any file of a loader, whose content tells whether the command fits."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from loaderconv.conversion.source import Source
from loaderconv_formats.detection import KINDS_OF_LOADERS, Document, Program, open_document
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.executable_image import image_of
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.bundle import read_iar_bundle
from loaderconv_formats.loader_file import loader_in
from loaderconv_formats.passes import facts_of, loader_of
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.errors import ConversionRefused, naming
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour

_FLAVOURS = {
    FileKind.FLM: Flavour.FLM,
    FileKind.STLDR: Flavour.STLDR,
    FileKind.IAR_EXECUTABLE: Flavour.IAR,
    FileKind.IAR_FLASH: Flavour.IAR,
    FileKind.IAR_BOARD: Flavour.IAR,
}


@dataclass(frozen=True)
class SourceFile:
    """A file that the user named, with everything that belongs to it.

    Attributes:
        path: the file.
        sha256: of its bytes, hex.
        image: its document; None for XML.
        bundle: the loaders for which it stands.
    """

    path: Path
    sha256: str
    image: ElfImage | None
    bundle: Bundle

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were read, which no output may replace."""
        return (self.path, *(Path(each.path) for each in self.bundle.references if each.path is not None))

    def source(self, each: Pass) -> Source:
        """Return one of its passes as the source of a conversion.

        Raises:
            ConversionRefused: the files of its loader could not be read.
        """
        loader = loader_of(each, self.bundle)
        ignored = (*self.bundle.ignored, *each.ignored)
        return Source(
            loader,
            facts=facts_of(each).model_copy(update={"ignored": ignored}),
            image=image_of(loader, self.bundle, self.image),
            file_name=shown(self.path.name),
            sha256=self.sha256,
        )


def read_source_file(path: Path, wanted: Flavour, target: Flavour, search: SearchPaths) -> SourceFile:
    """Read the file at `path`, whatever its suffix.

    Args:
        path: any file of a loader.
        wanted: the flavour that the command converts.
        target: the flavour to which it converts, for the advice where another command fits.
        search: where the other files of an IAR loader may lie.

    Raises:
        UnreadableInput: the file cannot be opened, is no loader, or is damaged.
        ConversionRefused: it is a loader of another flavour.
    """
    with naming(shown(path)):
        data = read_file_bytes(path)
        document = open_document(data)
        _check_flavour(document.kind, wanted, target)
        image = document.image if isinstance(document, Program) else None
        return SourceFile(path, hashlib.sha256(data).hexdigest(), image, _bundle(path, document, search))


def _check_flavour(kind: FileKind, wanted: Flavour, target: Flavour) -> None:
    flavour = _FLAVOURS[kind]
    if flavour is wanted:
        return
    if flavour is target:
        hint = "It has the wanted flavour already; loaderconv rewrite makes a new file of the same flavour."
    else:
        hint = f"Use loaderconv {flavour.lower()}-to-{target.lower()} for it; the content decides, not the suffix."
    raise ConversionRefused(f"The file is {kind}, not {KINDS_OF_LOADERS[wanted]}.", hint=hint)


def _bundle(path: Path, document: Document, search: SearchPaths) -> Bundle:
    if isinstance(document, Program) and document.kind is not FileKind.IAR_EXECUTABLE:
        return Bundle(passes=(Pass(loader=loader_in(document.image, document.kind, shown(path.stem))),))
    return read_iar_bundle(path, document, search)
