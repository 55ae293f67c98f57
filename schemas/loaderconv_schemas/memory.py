"""Where a loader's bytes lie, and what they need of the target's RAM."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Address, ByteCount, Model


class Part(StrEnum):
    """What a segment is to the loader."""

    CODE = "code"
    DATA = "data"
    DESCRIPTOR = "descriptor"


class Segment(Model):
    """Bytes of a loader at the address for which they were linked.

    Attributes:
        part: code, writable data, or the descriptor, which no host downloads.
        address: link address of the first byte.
        data: the bytes that the file holds.
        memory_size_bytes: bytes in RAM; what `data` does not cover starts as zero.
        writable: the linker marked it so; code and data may share one segment flag.
        executable: likewise.
    """

    part: Part
    address: Address
    data: bytes
    memory_size_bytes: ByteCount
    writable: bool
    executable: bool

    @model_validator(mode="after")
    def _memory_holds_the_data(self) -> Self:
        if self.memory_size_bytes < len(self.data):
            raise ValueError("a segment cannot be smaller in memory than in the file")
        return self

    @property
    def range(self) -> AddressRange:
        """The addresses that the segment takes in memory."""
        return AddressRange(start=self.address, size_bytes=self.memory_size_bytes)


class PlacementKind(StrEnum):
    """How free a host is in choosing the address of a loader."""

    ABSOLUTE = "absolute"
    POSITION_INDEPENDENT = "position independent"
    RELOCATABLE_IAR = "relocatable (IAR)"
    NO_CODE = "no machine code"


class Placement(Model):
    """Where a loader may run.

    Attributes:
        kind: absolute code runs only at its link address; without machine code there is nothing to place (a loader of
            C-SPY macros, or an executable that was not found).
        static_base: link address that r9 holds at run time, moved with the image; None where the code uses no r9.
        alignment_bytes: the image's address must equal its link address modulo this power of two.
        evidence: what in the file says so, in words, strongest first.
    """

    kind: PlacementKind
    static_base: Address | None = None
    alignment_bytes: int = Field(ge=1)
    evidence: tuple[str, ...] = ()


class RamNeed(Model):
    """RAM that a host must provide.

    Attributes:
        image_bytes: code and data with zero-initialised data. Small gaps count; what lies far apart is in different
            memories, and the room between is not the loader's.
        page_buffer_bytes: where the host puts the data to program: one page; for IAR the whole buffer that the file
            reserves.
        stack_bytes: for IAR what the file reserves, for a stldr what its host gives; None where nothing says.
    """

    image_bytes: ByteCount
    page_buffer_bytes: ByteCount
    stack_bytes: ByteCount | None = None
