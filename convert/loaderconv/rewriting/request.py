"""What the user asks of a rewrite."""

from dataclasses import dataclass

from loaderconv_formats.detection import promised_kind
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.file_kind import FileKind

_PROMISES = (FileKind.STLDR, FileKind.FLM, FileKind.IAR_FLASH, FileKind.IAR_BOARD)
"""Kinds whose suffix says what they are; `.out` and `.elf` may be anything."""


@dataclass(frozen=True)
class RewriteRequest:
    """How a file is wanted.

    Attributes:
        stem: of the output's name, which an stldr gets as its DeviceName.
        suffix: of the output's name.
        name: name for the descriptor; None for the flavour's default.
        without_debug_info: leave debug information out.
    """

    stem: str
    suffix: str
    name: str | None = None
    without_debug_info: bool = False

    @property
    def wants_stldr(self) -> bool:
        """The output is named as an stldr."""
        return promised_kind(self.suffix) is FileKind.STLDR

    def check_suffix(self, kind: FileKind) -> None:
        """Raise UsageProblem where the output is named as another kind of file than it will be."""
        promised = promised_kind(self.suffix)
        if promised in _PROMISES and promised is not kind:
            raise UsageProblem(
                f"The file is {kind} and stays one; {self.suffix} stands for {promised}.",
                hint="Give OUT the suffix of IN, or convert: see the commands that loaderconv --help lists.",
            )
