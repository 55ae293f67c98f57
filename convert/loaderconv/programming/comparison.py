"""Where a memory differs from what it must hold."""

from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.run_report import Mismatch

_SHOWN_BYTES = 16


def first_mismatch(piece: FirmwarePiece, found: bytes) -> Mismatch | None:
    """Return where a piece and what was found at its address differ; None where they do not.

    Bytes that were not found count as different.
    """
    if found == piece.data:
        return None
    size = min(len(piece.data), len(found))
    difference = int.from_bytes(piece.data[:size], "big") ^ int.from_bytes(found[:size], "big")
    marks = difference.to_bytes(size, "big")
    first = size - len(marks.lstrip(b"\0"))
    return Mismatch(
        address=piece.address + first,
        expected=piece.data[first : first + _SHOWN_BYTES].hex(" "),
        found=found[first : first + _SHOWN_BYTES].hex(" "),
        count_bytes=size - marks.count(0) + len(piece.data) - size,
    )


def together(first: Mismatch | None, second: Mismatch | None) -> Mismatch | None:
    """Return the first of two mismatches with the bytes of both."""
    if first is None or second is None:
        return first or second
    return first.model_copy(update={"count_bytes": first.count_bytes + second.count_bytes})
