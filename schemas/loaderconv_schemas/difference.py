"""What `loaderconv diff` tells of two files."""

from enum import StrEnum

from loaderconv_schemas.base import FORMAT_VERSION, FormatVersion, Model
from loaderconv_schemas.file_kind import FileKind


class Unit(StrEnum):
    """What a number counts."""

    BYTES = "byte"
    ADDRESS = "address"
    MILLISECONDS = "millisecond"


class Difference(Model):
    """One fact in which two loaders differ.

    Attributes:
        aspect: what, in words ("page size").
        left: its value in the first file; None where it has none.
        right: its value in the second file.
        unit: of both; None for words and plain counts.
    """

    aspect: str
    left: int | str | None
    right: int | str | None
    unit: Unit | None = None


class ComparedFile(Model):
    """One side of a comparison.

    Attributes:
        path: as the user named it.
        kind: what it is by its content.
    """

    path: str
    kind: FileKind


class DiffReport(Model):
    """Two files, compared on what they mean.

    Attributes:
        left: the first file.
        right: the second file.
        differences: in the order of the model; empty where the loaders mean the same.
        identical: the two files are equal byte for byte.
        not_compared: what could not be compared, because a file that belongs to it was not read; one sentence each.
    """

    version: FormatVersion = FORMAT_VERSION
    left: ComparedFile
    right: ComparedFile
    differences: tuple[Difference, ...]
    identical: bool
    not_compared: tuple[str, ...] = ()
