"""Reads a firmware file of whatever format."""

import re
from collections.abc import Iterable
from pathlib import Path

from loaderconv_formats.elf import constants as c
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_formats.firmware.intel_hex import read_intel_hex
from loaderconv_formats.firmware.merging import merged
from loaderconv_formats.firmware.program_file import read_program
from loaderconv_schemas.errors import UnreadableInput, UsageProblem, naming

MAX_FIRMWARE_BYTES = 256 << 20
"""The size of the largest file that is read: the largest memory that serial flash loaders serve has 256 MiB."""

_INTEL_HEX = re.compile(rb"\s*:[0-9A-Fa-f]{10}")
"""A first record, of at least a length, an address, a type and a checksum."""

_OTHER_FORMATS = (
    (re.compile(rb"\s*S[0-9][0-9A-Fa-f]{6}"), "an S-record file"),
    (re.compile(rb"UF2\n"), "a UF2 file"),
)
_SUFFIXES_OF_OTHERS = (".hex", ".ihex", ".ihx", ".elf", ".axf", ".out")


def read_firmware(path: Path, address: int | None) -> FirmwareImage:
    """Return what a file says is to be programmed. The contents tell ELF and Intel HEX; the rest is binary.

    A binary has the suffix .bin, or another one that is no name of those formats and an address.

    Args:
        path: an ELF, Intel HEX or binary file.
        address: of the first byte of a binary file; None for the formats that hold addresses themselves.

    Raises:
        UsageProblem: an address is missing or not wanted, or the library for Intel HEX is not installed.
        UnreadableInput: no such file, not one of these formats, damaged, too large, or without bytes to program.
    """
    with naming(path):
        data = read_file_bytes(path, MAX_FIRMWARE_BYTES)
        if len(data) > MAX_FIRMWARE_BYTES:
            raise UnreadableInput(
                f"The file has more than {MAX_FIRMWARE_BYTES >> 20} MiB.", hint="Name the firmware file itself."
            )
        return FirmwareImage(path.name, merged(_pieces(data, path.suffix.lower(), address)))


def _pieces(data: bytes, suffix: str, address: int | None) -> Iterable[FirmwarePiece]:
    if data.startswith(c.ELF_MAGIC):
        _refuse_address(address, "An ELF file")
        return read_program(data)
    if _INTEL_HEX.match(data):
        _refuse_address(address, "An Intel HEX file")
        return read_intel_hex(data)
    return _binary(data, suffix, address)


def _refuse_address(address: int | None, what: str) -> None:
    if address is not None:
        raise UsageProblem(f"{what} holds its addresses itself.", hint="Leave the address out.")


def _binary(data: bytes, suffix: str, address: int | None) -> list[FirmwarePiece]:
    for pattern, what in _OTHER_FORMATS:
        if pattern.match(data):
            raise UnreadableInput(
                f"It is {what}, which is not read.", hint="Convert the ELF file instead: objcopy -O ihex."
            )
    if suffix in _SUFFIXES_OF_OTHERS or (suffix != ".bin" and address is None):
        raise UnreadableInput(
            "It is neither an ELF nor an Intel HEX file.",
            hint="A binary file needs the suffix .bin, and the address of its first byte.",
        )
    if address is None:
        raise UsageProblem(
            "A binary file does not say where it belongs.", hint="Give the address of its first byte: --address."
        )
    return [FirmwarePiece(address, data)] if data else []
