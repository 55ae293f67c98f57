"""What a linker makes of a plan."""

from dataclasses import dataclass

from loaderconv_formats.elf.image import ElfImage
from loaderconv_schemas.loader import Loader


@dataclass(frozen=True)
class Linked:
    """A converted loader.

    Attributes:
        loader: its meaning.
        document: its ELF file, with names that the meaning does not keep.
    """

    loader: Loader
    document: ElfImage
