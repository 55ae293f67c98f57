"""What a conversion starts from: a loader, the file that holds it, and the pass of a `.board` that uses it."""

from dataclasses import dataclass, field

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.loader_file import LoaderFile
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Loader


@dataclass(frozen=True)
class Source:
    """A loader to convert.

    Attributes:
        loader: the loader.
        facts: the part of an image for which its host uses it, and with which offset and arguments.
        image: its document; None for a loader that was not read from a file.
        file_name: of the input, without its folder.
        sha256: of the input, hex; None for a loader that was not read from a file.
    """

    loader: Loader
    facts: PassFacts = field(default_factory=PassFacts)
    image: ElfImage | None = None
    file_name: str = ""
    sha256: str | None = None


def source_of(file: LoaderFile, file_name: str) -> Source:
    """Return a loader that is one file as a source."""
    return Source(file.loader, image=file.image, file_name=file_name, sha256=file.sha256)
