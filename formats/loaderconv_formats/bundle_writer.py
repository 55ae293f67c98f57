"""Makes new files of a loader's own flavour: one for an FLM or a stldr, up to three kinds for IAR."""

from pathlib import Path, PureWindowsPath

from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.iar.board_file import BoardPass
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.loader_writer import loader_document
from loaderconv_schemas.bundle import Bundle, Pass, PassFacts
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Flavour, Loader

FOLDER_OF_PROJECT = "$PROJ_DIR$\\"
"""What references of new files start with; a reader that knows no project finds them beside the file itself."""


def bundle_files(loader: Loader | Bundle, path: Path, *, comment: str) -> dict[Path, bytes]:
    """Return the files for a loader, or for the passes of a `.board`, with the one at `path` first.

    Args:
        loader: what to write.
        path: the file that the user names. The others lie beside it.
        comment: what made the files, for `.comment`.

    Raises:
        ConversionRefused: the flavour cannot hold the loader, or a pass has none.
    """
    bundle = loader if isinstance(loader, Bundle) else Bundle(passes=(Pass(loader=loader),))
    files = _Files(comment)
    first = bundle.passes[0]
    if len(bundle.passes) > 1 or bundle.ignored or _facts(first) != PassFacts():
        files.add_board(bundle, path)
    elif _loader_of(first).flavour is not Flavour.IAR:
        files.add_program(_loader_of(first), path)
    elif path.suffix.lower() == ".flash":
        files.add_flash(_loader_of(first), path)
    else:
        files.add_executable(_loader_of(first), path)
    return files.data


class _Files:
    """Files under construction, those that refer before those that they refer to."""

    def __init__(self, comment: str) -> None:
        self._comment = comment
        self.data: dict[Path, bytes] = {}

    def add_board(self, bundle: Bundle, path: Path) -> None:
        """Add a `.board`, and for each of its passes a `.flash` and an executable."""
        self._add(path, b"")
        passes = []
        for each in bundle.passes:
            loader = _loader_of(each)
            flash = path.with_name(f"{loader.described_device.name}.flash")
            self.add_flash(loader, flash)
            passes.append(BoardPass(FOLDER_OF_PROJECT + flash.name, _facts(each)))
        self.data[path] = board_file_bytes(passes, bundle.ignored)

    def add_flash(self, loader: Loader, path: Path) -> None:
        """Add a `.flash`, and the executable where the loader has code."""
        settings = loader.iar_settings or IarSettings(executable=f"{FOLDER_OF_PROJECT}{loader.identity.name}.out")
        self._add(path, flash_file_bytes(loader.described_device, settings))
        if loader.segments:
            self.add_program(loader, path.with_name(PureWindowsPath(settings.executable).name))

    def add_executable(self, loader: Loader, path: Path) -> None:
        """Add an executable, and the `.flash` where the memory is known."""
        self.add_program(loader, path)
        if loader.device is not None:
            settings = loader.iar_settings or IarSettings(executable="")
            if PureWindowsPath(settings.executable).name != path.name:
                settings = settings.model_copy(update={"executable": FOLDER_OF_PROJECT + path.name})
            self._add(path.with_suffix(".flash"), flash_file_bytes(loader.device, settings))

    def add_program(self, loader: Loader, path: Path) -> None:
        """Add the ELF file."""
        self._add(path, write_elf(loader_document(loader, comment=self._comment)))

    def _add(self, path: Path, data: bytes) -> None:
        if self.data.get(path, data) != data:
            raise ConversionRefused(
                f"Two different files would have the name {path.name}.",
                hint="Give the loaders' devices and executables different names, or write them one by one.",
            )
        self.data[path] = data


def _loader_of(each: Pass) -> Loader:
    if each.loader is None:
        raise ConversionRefused(
            "A pass has no loader, because its file could not be read.",
            hint="See the references of the bundle, for instance with loaderconv inspect.",
        )
    return each.loader


def _facts(each: Pass) -> PassFacts:
    return PassFacts(**each.model_dump(include=set(PassFacts.model_fields)))
