"""The `.flash` and the `.board` around a converted IAR executable, and the names that they have for each other."""

from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.bundle_writer import FOLDER_OF_PROJECT
from loaderconv_formats.detection import open_xml, promised_kind
from loaderconv_formats.file_names import shown
from loaderconv_formats.iar.board_file import BoardFile, BoardPass, read_board_file
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.references.search import TOOLKIT_DIR
from loaderconv_formats.references.spelled_path import parse_spelled
from loaderconv_formats.references.unusable_names import why_unusable
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import LoaderConvError, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.iar import IarSettings


@dataclass(frozen=True)
class IarPaths:
    """Where the three files of an IAR loader go.

    Attributes:
        executable: the program.
        flash: the description of the memory.
        board: the pass that uses it.
    """

    executable: Path
    flash: Path
    board: Path


def iar_paths(output: Path) -> IarPaths:
    """Return the places of all three files, whichever of them the user named; any other suffix is the program's."""
    match promised_kind(output.suffix):
        case FileKind.IAR_FLASH:
            return IarPaths(output.with_suffix(".out"), output, output.with_suffix(".board"))
        case FileKind.IAR_BOARD:
            return IarPaths(output.with_suffix(".out"), output.with_suffix(".flash"), output)
        case _:
            return IarPaths(output, output.with_suffix(".flash"), output.with_suffix(".board"))


def described_by(paths: IarPaths, device: Device, toolkit_dir: Path | None) -> dict[Path, bytes]:
    """Return the `.board` and the `.flash`, read back and compared with what they are to say.

    Args:
        paths: of all three files.
        device: the memory, by the name of the `.flash`.
        toolkit_dir: what `$TOOLKIT_DIR$` stands for; files inside of it are referred to by that name.

    Raises:
        UsageProblem: no IAR file can refer to a file of such a name.
        ConversionRefused: a value that a file cannot hold.
    """
    settings = IarSettings(executable=_spelled(paths.executable, toolkit_dir), aggregate=True)
    only = BoardPass(_spelled(paths.flash, toolkit_dir), PassFacts(range=device.range))
    flash, board = flash_file_bytes(device, settings), board_file_bytes([only], ())
    _compare(read_flash_file(open_xml(flash), device.name), FlashFile(device, settings, ()), paths.flash)
    _compare(read_board_file(open_xml(board)), BoardFile((only,), (), ()), paths.board)
    return {paths.board: board, paths.flash: flash}


def _spelled(path: Path, toolkit_dir: Path | None) -> str:
    """Return the name by which a new file refers to another one."""
    spelled = FOLDER_OF_PROJECT + path.name
    if toolkit_dir is not None:
        folder, toolkit = path.parent.resolve(), toolkit_dir.resolve()
        if folder.is_relative_to(toolkit):
            spelled = "\\".join((f"${TOOLKIT_DIR}$", *folder.relative_to(toolkit).parts, path.name))
    parsed = parse_spelled(spelled)
    reason = why_unusable(spelled, parsed)
    if reason is not None or parsed.components[-1:] != (path.name,):
        raise UsageProblem(
            f"IAR files cannot refer to {shown(path.name)}{'' if reason is None else f': {reason}'}",
            hint="Give the output another name.",
        )
    return spelled


def _compare(found: object, planned: object, path: Path) -> None:
    if found != planned:
        raise LoaderConvError(
            f"{shown(path)} would not say what was planned.",
            hint="This is a defect of loaderconv; nothing was written. Please report it with the input file.",
        )
