"""Arithmetic on ranges of addresses."""

from collections.abc import Iterable

from loaderconv_schemas.address_range import AddressRange


def without(taken: AddressRange, others: Iterable[AddressRange]) -> list[AddressRange]:
    """Return the parts of a range that none of the others covers, by address."""
    parts = [(taken.start, taken.end)]
    for other in others:
        parts = [
            piece
            for start, end in parts
            for piece in ((start, min(end, other.start)), (max(start, other.end), end))
            if piece[0] < piece[1]
        ]
    return [AddressRange(start=start, size_bytes=end - start) for start, end in parts]


def on_grid(ranges: Iterable[AddressRange], grain_bytes: int) -> list[AddressRange]:
    """Return ranges widened to multiples of a power of two, those that touch joined, by address."""
    found: list[tuple[int, int]] = []
    for each in sorted(ranges, key=lambda each: each.start):
        if not each.size_bytes:
            continue
        start, end = each.start & -grain_bytes, -(-each.end // grain_bytes) * grain_bytes
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return [AddressRange(start=start, size_bytes=end - start) for start, end in found]
