"""What the user asks of a rewrite."""

from dataclasses import dataclass

from loaderconv_formats.detection import promised_kind
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.file_kind import FileKind

_LINKED_AS_OUT = frozenset({FileKind.IAR_EXECUTABLE, FileKind.STLDR})
"""IAR's linker calls both `.out`."""


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
        """Raise UsageProblem where the output is named as another kind of file than it will be, or has no name."""
        if not self.suffix and promised_kind(self.stem) is not None:
            raise UsageProblem(
                f"OUT is a suffix without a name: {self.stem}.",
                hint=f"Put a name in front of it, such as NAME{self.stem}.",
            )
        promised = promised_kind(self.suffix)
        is_linked = promised is FileKind.IAR_EXECUTABLE and kind in _LINKED_AS_OUT
        if promised not in (None, kind) and not is_linked:
            raise UsageProblem(
                f"The file is {kind} and stays one; {self.suffix} stands for {promised}.",
                hint="Give OUT the suffix of IN, or convert: see the commands that loaderconv --help lists.",
            )
