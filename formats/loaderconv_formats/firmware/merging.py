"""Puts pieces in order, and together where they touch."""

from collections.abc import Iterable

from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.errors import UnreadableInput


def merged(pieces: Iterable[FirmwarePiece]) -> tuple[FirmwarePiece, ...]:
    """Return the pieces by address, those that touch or overlap as one.

    Raises:
        UnreadableInput: there is none, one goes beyond 32 bits, or two say different bytes for an address.
    """
    runs: list[tuple[int, bytearray]] = []
    for piece in sorted(pieces, key=lambda each: each.address):
        if piece.address + len(piece.data) > ADDRESS_SPACE_BYTES:
            raise UnreadableInput(
                f"{len(piece.data)} bytes at 0x{piece.address:08x} go beyond the 32-bit address space.",
                hint="Check the addresses of the file: a Cortex-M has no memory there.",
            )
        if runs and piece.address <= runs[-1][0] + len(runs[-1][1]):
            _append(*runs[-1], piece)
        else:
            runs.append((piece.address, bytearray(piece.data)))
    if not runs:
        raise UnreadableInput("The file holds no bytes to program.", hint="Check the build that made the file.")
    return tuple(FirmwarePiece(start, bytes(data)) for start, data in runs)


def _append(start: int, run: bytearray, piece: FirmwarePiece) -> None:
    """Lengthen a run, which starts at or below the piece and reaches it at least."""
    offset = piece.address - start
    known = run[offset : offset + len(piece.data)]
    if not piece.data.startswith(known):
        at = next(index for index, byte in enumerate(known) if byte != piece.data[index])
        raise UnreadableInput(
            f"The file says both 0x{known[at]:02x} and 0x{piece.data[at]:02x} for address 0x{piece.address + at:08x}.",
            hint="Make the file from one program only, or from programs that do not overlap.",
        )
    run += piece.data[len(known) :]
