"""Makes new files of a loader's own flavour: one for an FLM or a stldr, up to three kinds for IAR.

The suffix of the file that the user names says which of IAR's files is meant; the others take its stem, so that the
references of new files lead to new files and never to those of a vendor.
"""

from collections.abc import Mapping
from pathlib import Path

from loaderconv_formats.detection import KINDS_OF_LOADERS, promised_kind
from loaderconv_formats.iar.board_file import BoardPass
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.loader_writer import new_program
from loaderconv_schemas.bundle import Bundle, Pass, PassFacts
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Flavour, Loader

FOLDER_OF_PROJECT = "$PROJ_DIR$\\"
"""What references of new files start with; a reader that knows no project finds them beside the file itself."""


def bundle_files(loader: Loader | Bundle, path: Path, *, comment: str) -> Mapping[Path, bytes]:
    """Return the files for a loader, or for the passes of a `.board`, with the one at `path` first.

    Args:
        loader: what to write.
        path: the file that the user names; for IAR its suffix tells which of the files it is.
        comment: what made the files, for `.comment`.

    Raises:
        UsageProblem: `path` names no file.
        ConversionRefused: the flavour cannot hold the loader, a pass has none, or one file cannot hold all passes.
    """
    if not path.name:
        raise UsageProblem("The output has no file name.", hint="Name a file.")
    bundle = loader if isinstance(loader, Bundle) else Bundle(passes=(Pass(loader=loader),))
    files = _Files(path, comment)
    if promised_kind(path.suffix) is FileKind.IAR_BOARD:
        files.add_board(bundle)
        return files.data
    only = _only_loader(bundle)
    _check_suffix(only, path)
    if only.flavour is not Flavour.IAR:
        files.add_program(only, path)
    elif promised_kind(path.suffix) is FileKind.IAR_FLASH:
        files.add_flash(only, path, path.with_suffix(".out"))
    else:
        files.add_executable(only)
    return files.data


def _check_suffix(loader: Loader, path: Path) -> None:
    """Refuse a suffix that promises a file of another flavour; .elf and the like promise nothing."""
    own = KINDS_OF_LOADERS[loader.flavour]
    promised = promised_kind(path.suffix)
    is_iar_description = loader.flavour is Flavour.IAR and promised is FileKind.IAR_FLASH
    if promised not in (None, own) and not is_iar_description:
        raise UsageProblem(
            f"{path.suffix} stands for {promised}, and the loader is {own}.",
            hint="Give the output the suffix of the loader's flavour; writing does not convert.",
        )


class _Files:
    """Files under construction, those that refer before those that they refer to."""

    def __init__(self, path: Path, comment: str) -> None:
        self._path = path
        self._comment = comment
        self.data: dict[Path, bytes] = {}

    def add_board(self, bundle: Bundle) -> None:
        """Add the `.board`, and for each of its loaders a `.flash` and an executable."""
        loaders = list(dict.fromkeys(map(_iar_loader, bundle.passes)))
        flashes = [self._path.with_name(f"{self._stem(number)}.flash") for number in range(len(loaders))]
        passes = [
            BoardPass(FOLDER_OF_PROJECT + flashes[loaders.index(_iar_loader(each))].name, _facts(each))
            for each in bundle.passes
        ]
        self.data[self._path] = board_file_bytes(passes, bundle.ignored)
        for loader, flash in zip(loaders, flashes, strict=True):
            self.add_flash(loader, flash, flash.with_suffix(".out"))

    def add_flash(self, loader: Loader, path: Path, executable: Path) -> None:
        """Add a `.flash`, and the executable where the loader has code. A macro file is referred to as before."""
        settings = loader.iar_settings or IarSettings(executable="")
        if loader.segments:
            settings = settings.model_copy(update={"executable": FOLDER_OF_PROJECT + executable.name})
        self.data[path] = flash_file_bytes(loader.described_device, settings)
        if loader.segments:
            self.add_program(loader, executable)

    def add_executable(self, loader: Loader) -> None:
        """Add the executable, and the `.flash` where the memory is known."""
        self.add_program(loader, self._path)
        if loader.device is not None:
            self.add_flash(loader, self._path.with_suffix(".flash"), self._path)

    def add_program(self, loader: Loader, path: Path) -> None:
        """Add the ELF file."""
        self.data[path] = new_program(loader, comment=self._comment)

    def _stem(self, number: int) -> str:
        return self._path.stem if not number else f"{self._path.stem}_{number + 1}"


def _only_loader(bundle: Bundle) -> Loader:
    """Return the loader that all passes use; what the passes say besides has its place in a `.board` alone."""
    loaders = list(dict.fromkeys(map(_loader, bundle.passes)))
    if len(loaders) > 1:
        raise ConversionRefused(
            f"The passes use {len(loaders)} loaders, which no single file holds.",
            hint="Write an IAR .board, or the loaders one by one.",
        )
    return loaders[0]


def _iar_loader(each: Pass) -> Loader:
    loader = _loader(each)
    if loader.flavour is not Flavour.IAR:
        raise ConversionRefused(
            f"{loader.identity.name} is a loader of the flavour {loader.flavour}, which no .board can name.",
            hint="Convert it to an IAR loader first.",
        )
    return loader


def _loader(each: Pass) -> Loader:
    if each.loader is None:
        raise ConversionRefused(
            "A pass has no loader, because its file could not be read.",
            hint="See the references of the bundle, for instance with loaderconv inspect.",
        )
    return each.loader


def _facts(each: Pass) -> PassFacts:
    return PassFacts(**{name: getattr(each, name) for name in PassFacts.model_fields})
