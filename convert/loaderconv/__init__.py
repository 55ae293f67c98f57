"""Reads, checks and converts flash loaders between STM32CubeProgrammer, Keil and IAR, and proves that they behave."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

if TYPE_CHECKING:
    from loaderconv.conversion.api import Wishes
    from loaderconv_formats.references.search import SearchPaths
    from loaderconv_schemas.bundle import Bundle
    from loaderconv_schemas.loader import Flavour, Loader

__version__ = "0.1.0"

__all__ = ["__version__", "convert", "read", "write"]


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


def convert(
    loader: "Loader | Bundle", to: "Flavour | str", *, pass_number: int | None = None, **wishes: "Unpack[Wishes]"
) -> "Loader":
    """Convert a loader to another flavour: its machine code stays as it is, a shim in front of it translates the calls.

    Args:
        loader: what to convert; of a bundle, as `read` returns it, offset, range and arguments of the pass count, too.
        to: "stldr", "FLM" or "IAR".
        pass_number: of a bundle with several passes the one that is meant, from 1.
        **wishes: name, RAM, geometry and the like (`loaderconv.conversion.api.Wishes`).

    Returns:
        A loader that `write` takes. Its code was read back and compared with the plan; its notices are what the plan
        warns of and requires, such as RAMstart and RAMsize of an FLM.

    Raises:
        loaderconv_schemas.errors.UsageProblem: it is open which pass is meant, or a wish makes no sense.
        loaderconv_schemas.errors.ConversionRefused: the result could not behave as the source.
        TypeError: a wish that does not exist.
    """
    from loaderconv.conversion.api import convert_loader  # noqa: PLC0415

    return convert_loader(loader, to, pass_number, **wishes)


def write(loader: "Loader | Bundle", path: str | PathLike[str], *, replace_others: bool = False) -> tuple[Path, ...]:
    """Write a loader as new, canonical files of its own flavour.

    For an IAR loader the suffix of `path` says which of its files is meant, and the others get its stem: `X.out` comes
    with an `X.flash` where the memory is known, `X.flash` with an `X.out`, `X.board` with both. Ranges, offsets and
    arguments of passes have their place in a `.board` alone. A macro file is referred to as before, and not copied.

    Args:
        loader: what to write.
        path: the file to write; an existing one is replaced.
        replace_others: existing files of another content may be replaced, too, where they get one of the other names.

    Returns:
        The files that were written, `path` first.

    Raises:
        loaderconv_schemas.errors.UsageProblem: `path` names no file, or another file would be replaced.
        loaderconv_schemas.errors.ConversionRefused: the flavour cannot hold the loader.
        loaderconv_schemas.errors.OutputNotWritten: the file system refused.
    """
    from loaderconv_formats.bundle_writer import bundle_files  # noqa: PLC0415
    from loaderconv_formats.output_file import check_not_taken, write_all_complete  # noqa: PLC0415

    files = bundle_files(loader, Path(path), comment=f"loaderconv {__version__}")
    if not replace_others:
        check_not_taken({name: data for name, data in files.items() if name != Path(path)})
    write_all_complete(files)
    return tuple(files)
