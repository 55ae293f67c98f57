"""Reads, checks and converts flash loaders between STM32CubeProgrammer, Keil and IAR, and proves that they behave."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaderconv_formats.references.search import SearchPaths
    from loaderconv_schemas.bundle import Bundle
    from loaderconv_schemas.loader import Loader

__version__ = "0.1.0"

__all__ = ["__version__", "read", "write"]


def read(path: str | PathLike[str], search: "SearchPaths | None" = None) -> "Bundle":
    """Read a `.stldr`, an `.FLM`, or any file of an IAR loader, whatever its suffix.

    Args:
        path: the file.
        search: for IAR files, folders besides the file's own in which references may be followed.

    Returns:
        One pass for each loader; IAR `.board` files have several.

    Raises:
        loaderconv_schemas.errors.UnreadableInput: the file cannot be opened, is no loader, or is damaged.
    """
    # Imported here so that `loaderconv --help` need not wait for the models; likewise below.
    from loaderconv_formats.bundle_reader import read_bundle  # noqa: PLC0415

    return read_bundle(Path(path), search)


def write(loader: "Loader | Bundle", path: str | PathLike[str]) -> tuple[Path, ...]:
    """Write a loader as new, canonical files of its own flavour.

    Args:
        loader: what to write. An IAR loader becomes its executable and the `.flash` file beside it that describes it;
            a bundle of passes becomes a `.board` with all that it refers to.
        path: the file to write; an existing one is replaced. The others get their names from the loader and lie beside.

    Returns:
        The files that were written, `path` first.

    Raises:
        loaderconv_schemas.errors.ConversionRefused: the flavour cannot hold the loader.
        loaderconv_schemas.errors.OutputNotWritten: the file system refused.
    """
    from loaderconv_formats.bundle_writer import bundle_files  # noqa: PLC0415
    from loaderconv_formats.output_file import write_all_complete  # noqa: PLC0415

    files = bundle_files(loader, Path(path), comment=f"loaderconv {__version__}")
    write_all_complete(files)
    return tuple(files)
