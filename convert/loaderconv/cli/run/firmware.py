"""The firmware file of a command, within the limits of the loader's memory."""

import re

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.work import allowed_range
from loaderconv.programming.limits import check_within, refuse_protected_pieces
from loaderconv.simulation.subject import Subject
from loaderconv_formats.firmware.image import FirmwareImage
from loaderconv_formats.firmware.reader import read_firmware
from loaderconv_schemas.errors import UsageProblem

_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{1,8}")


def firmware(arguments: RunArguments, subject: Subject) -> FirmwareImage:
    """Return the image that is meant.

    Raises:
        UsageProblem: `--address` is no address, or something lies outside of the memory or of `--range`.
        UnreadableInput: the file cannot be read.
    """
    image = read_firmware(arguments.image, _address(arguments.address))
    device = subject.loader.described_device
    check_within([piece.range for piece in image.pieces], device, allowed_range(arguments))
    refuse_protected_pieces(image, device)
    return image


def _address(text: str | None) -> int | None:
    if text is None:
        return None
    if not _ADDRESS.fullmatch(text.strip()):
        raise UsageProblem(
            f"--address {text!r} is no address.", hint="Write it in hexadecimal, for instance 0x08000000."
        )
    return int(text, 16)
