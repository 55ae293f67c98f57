"""Tells by its first bytes whether a file is worth reading, so that a folder of thousands is gone through quickly."""

from enum import IntEnum
from pathlib import Path

from loaderconv_formats.detection import is_elf

_ELF_HEADER_BYTES = 20
_CLASS_32_LITTLE_ENDIAN = b"\x01\x01"
_MACHINE_ARM = (40).to_bytes(2, "little")

_PROLOGUE_BYTES = 1 << 16
"""The root element of an XML file is looked for in so many bytes; comments of a licence may stand before it."""


class Look(IntEnum):
    """What a file may be; those that refer to others come first."""

    BOARD = 1
    FLASH = 2
    PROGRAM = 3


_ZIP_MAGIC = b"PK\3\4"

_ROOTS = {b"<flash_board": Look.BOARD, b"<flash_device": Look.FLASH}


def first_look(path: Path) -> Look | None:
    """Return what the file may be, None where it is no loader for certain or cannot be read."""
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return None
        with path.open("rb") as file:
            start = file.read(_ELF_HEADER_BYTES)
            if is_elf(start):
                return Look.PROGRAM if _is_for_arm(start) else None
            if not _may_be_xml(start):
                return None
            return _look_of_xml(start + file.read(_PROLOGUE_BYTES))
    except OSError:
        return None


def _is_for_arm(header: bytes) -> bool:
    return header[4:6] == _CLASS_32_LITTLE_ENDIAN and header[18:20] == _MACHINE_ARM


def _may_be_xml(start: bytes) -> bool:
    """Tell whether only a byte order mark and blanks stand before the first `<`, in whatever encoding."""
    text = start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return not text or text.startswith(b"<")


def _look_of_xml(start: bytes) -> Look | None:
    letters = start.replace(b"\0", b"")
    return next((look for root, look in _ROOTS.items() if root in letters), None)


def looks_like_pack(path: Path) -> bool:
    """Tell whether a file of that suffix may be a CMSIS-Pack or its description; other tools have .pack files, too."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(_PROLOGUE_BYTES)
    except OSError:
        return False
    return start.startswith(_ZIP_MAGIC) or (_may_be_xml(start[:_ELF_HEADER_BYTES]) and b"<package" in start)
