"""Half-open ranges of addresses."""

from collections.abc import Iterable
from typing import Self

from pydantic import model_validator

from loaderconv_schemas.base import Address, ByteCount, Model

ADDRESS_SPACE_BYTES = 0x1_0000_0000
"""Size of the 32-bit address space."""


class AddressRange(Model):
    """The addresses from `start` up to, but without, `end`.

    Attributes:
        start: first address.
        size_bytes: how many bytes; the range may end at the top of the address space but never wraps around it.
    """

    start: Address
    size_bytes: ByteCount

    @model_validator(mode="after")
    def _does_not_wrap(self) -> Self:
        if self.start + self.size_bytes > ADDRESS_SPACE_BYTES:
            raise ValueError(f"0x{self.start:08x} + {self.size_bytes} bytes goes beyond the 32-bit address space")
        return self

    @property
    def end(self) -> int:
        """First address behind the range; 0x100000000 where the range reaches the top."""
        return self.start + self.size_bytes

    def __contains__(self, address: int) -> bool:
        return self.start <= address < self.end

    def overlaps(self, other: "AddressRange") -> bool:
        """Tell whether at least one address is in both."""
        return max(self.start, other.start) < min(self.end, other.end)

    def __str__(self) -> str:
        if not self.size_bytes:
            return f"0x{self.start:08x} (empty)"
        return f"0x{self.start:08x}..0x{self.end - 1:08x}"


def span(ranges: Iterable[AddressRange]) -> AddressRange:
    """Return the smallest range that encloses all of `ranges`, of which there must be at least one."""
    listed = tuple(ranges)
    start = min(each.start for each in listed)
    return AddressRange(start=start, size_bytes=max(each.end for each in listed) - start)
