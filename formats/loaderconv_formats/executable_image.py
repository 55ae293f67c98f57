"""The ELF document behind a loader that was read, wherever in the files of its bundle it is."""

from collections.abc import Iterator
from pathlib import Path

from loaderconv_formats.detection import is_elf, kind_of_program
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.loader_file import loader_in
from loaderconv_schemas.bundle import Bundle, FileRole
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Loader


def image_of(loader: Loader, bundle: Bundle, named: ElfImage | None) -> ElfImage | None:
    """Return the document of a loader's executable, None where none of the files is that one any more.

    Args:
        loader: one of the bundle's.
        bundle: what the user's file stands for.
        named: the document of that file itself; None for XML.
    """
    return next((image for image in _images(bundle, named) if _has_bytes_of(image, loader)), None)


def _images(bundle: Bundle, named: ElfImage | None) -> Iterator[ElfImage]:
    if named is not None:
        yield named
    for reference in bundle.references:
        if reference.role is FileRole.EXECUTABLE and reference.path is not None:
            image = _image_at(Path(reference.path))
            if image is not None:
                yield image


def _image_at(path: Path) -> ElfImage | None:
    """Return the document of a file that was read before; None where it is gone, or something else by now."""
    try:
        data = read_file_bytes(path)
        return read_elf(data) if is_elf(data) else None
    except LoaderConvError:
        return None


def _has_bytes_of(image: ElfImage, loader: Loader) -> bool:
    try:
        return loader_in(image, kind_of_program(image), loader.identity.name).segments == loader.segments
    except LoaderConvError:
        return False
