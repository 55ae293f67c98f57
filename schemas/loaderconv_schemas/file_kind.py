"""Kinds of files that hold a loader, or a part of one."""

from enum import StrEnum


class FileKind(StrEnum):
    """What a file is, whatever its name; the values are for people."""

    FLM = "a Keil flash algorithm (.FLM)"
    STLDR = "an STM32Cube external loader (.stldr)"
    IAR_EXECUTABLE = "an IAR flash loader (.out)"
    IAR_FLASH = "an IAR flash description (.flash)"
    IAR_BOARD = "an IAR board description (.board)"
