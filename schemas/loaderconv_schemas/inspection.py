"""What `loaderconv inspect` tells of files."""

from enum import StrEnum

from pydantic import Field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import FORMAT_VERSION, Address, ByteCount, FormatVersion, Model
from loaderconv_schemas.bundle import BundleFacts, PassFacts
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import LoaderFacts
from loaderconv_schemas.memory import Part
from loaderconv_schemas.unread import UnreadFile


class Use(StrEnum):
    """What a part of the target's RAM is for."""

    CODE = "code"
    DATA = "data"
    ZEROS = "zero-initialised data"
    PARAMETERS = "parameter block"
    STACK = "stack"
    BUFFER = "buffer"
    INSTALLED = "filled by Init"
    HOST = "host's own"


class MemoryUse(Model):
    """One row of a memory map.

    Attributes:
        use: what it is for.
        range: link addresses.
    """

    use: Use
    range: AddressRange


class SegmentSummary(Model):
    """A segment without its bytes.

    Attributes:
        part: what it is to the loader.
        address: link address of the first byte.
        file_size_bytes: bytes that the file holds.
        memory_size_bytes: bytes in RAM.
        writable: the linker marked it so.
        executable: likewise.
        sha256: of the file's bytes, hex.
    """

    part: Part
    address: Address
    file_size_bytes: ByteCount
    memory_size_bytes: ByteCount
    writable: bool
    executable: bool
    sha256: str


class InspectedLoader(LoaderFacts):
    """A loader as a person asks about it.

    Attributes:
        segments: what the file holds, by link address.
        memory_map: the RAM that the loader takes while it runs, in address order, as far as the file or its host's
            habits tell. Rows do not overlap.
    """

    segments: tuple[SegmentSummary, ...]
    memory_map: tuple[MemoryUse, ...]


class InspectedPass(PassFacts):
    """One loader and the part of an image for which a host uses it.

    Attributes:
        loader: None where its file could not be read.
    """

    loader: InspectedLoader | None


class InspectedFile(BundleFacts):
    """A file and everything that belongs to it.

    Attributes:
        path: as the user named it, or as it was found.
        kind: what it is by its content.
        size_bytes: size of this file.
        sha256: of this file, hex.
        passes: one for an FLM or a stldr, one for each pass of a `.board` file.
    """

    path: str
    kind: FileKind
    size_bytes: ByteCount
    sha256: str
    passes: tuple[InspectedPass, ...]


class InspectReport(Model):
    """The files of one call.

    Attributes:
        files: those that were read, in the order in which they were named or found.
        unread: those that were named and could not be read.
        skipped: how many files in folders and matches of patterns are no loaders.
    """

    version: FormatVersion = FORMAT_VERSION
    files: tuple[InspectedFile, ...]
    unread: tuple[UnreadFile, ...] = ()
    skipped: int = Field(default=0, ge=0)
