"""What is programmed: pieces of bytes at addresses."""

from dataclasses import dataclass

from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class FirmwarePiece:
    """Bytes without a gap.

    Attributes:
        address: of the first byte.
        data: at least one byte.
    """

    address: int
    data: bytes

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return len(self.data)

    @property
    def range(self) -> AddressRange:
        """The addresses that it covers."""
        return AddressRange(start=self.address, size_bytes=len(self.data))


@dataclass(frozen=True)
class FirmwareImage:
    """The contents of a firmware file.

    Attributes:
        name: of the file, for people.
        pieces: by address; neither touching nor overlapping, at least one.
    """

    name: str
    pieces: tuple[FirmwarePiece, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all pieces."""
        return sum(len(piece.data) for piece in self.pieces)
