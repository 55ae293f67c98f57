"""A file that was rewritten, before it is on disk."""

from dataclasses import dataclass

from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.rewriting import Change


@dataclass(frozen=True)
class Rewritten:
    """The bytes of the output and how they came about.

    Attributes:
        data: the bytes.
        kind: of input and output.
        changes: what differs from the input beyond the layout.
        checks: what was read back and compared, one sentence each.
    """

    data: bytes
    kind: FileKind
    changes: tuple[Change, ...]
    checks: tuple[str, ...]
