"""Kinds of files that hold a loader, or a part of one."""

from enum import Enum


class FileKind(Enum):
    """What a file is, whatever its name. Values are for programs, `str` is for people."""

    FLM = "flm"
    STLDR = "stldr"
    IAR_EXECUTABLE = "iar_executable"
    IAR_FLASH = "iar_flash"
    IAR_BOARD = "iar_board"

    def __str__(self) -> str:
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    FileKind.FLM: "a Keil flash algorithm (.FLM)",
    FileKind.STLDR: "an STM32Cube external loader (.stldr)",
    FileKind.IAR_EXECUTABLE: "an IAR flash loader (.out)",
    FileKind.IAR_FLASH: "an IAR flash description (.flash)",
    FileKind.IAR_BOARD: "an IAR board description (.board)",
}
