"""What `loaderconv rewrite` did."""

from loaderconv_schemas.base import FORMAT_VERSION, ByteCount, FormatVersion, Model
from loaderconv_schemas.file_kind import FileKind


class Change(Model):
    """One thing that the output has otherwise than the input.

    Attributes:
        code: short stable name, such as `descriptor-size`.
        message: one sentence with the old and the new value.
    """

    code: str
    message: str


class RewriteReport(Model):
    """A file that was written anew in its own flavour.

    Attributes:
        source_file: the input as the user named it.
        source_sha256: of the input, hex.
        kind: of both files.
        changes: what differs beyond the layout; empty where only the layout does, or nothing.
        output: path as the user gave it; None for a dry run.
        output_size_bytes: size of the output; None for a dry run.
        output_sha256: of the output, hex; None for a dry run.
        checks: what was re-read and compared, one sentence each; empty for a dry run.
    """

    version: FormatVersion = FORMAT_VERSION
    source_file: str
    source_sha256: str
    kind: FileKind
    changes: tuple[Change, ...]
    output: str | None = None
    output_size_bytes: ByteCount | None = None
    output_sha256: str | None = None
    checks: tuple[str, ...] = ()
