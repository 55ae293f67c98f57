"""What RAM held at one time, compared with what it holds at another."""

from collections.abc import Iterator

from loaderconv_schemas.address_range import AddressRange

Snapshot = tuple[tuple[AddressRange, bytes], ...]
"""Ranges of RAM with their bytes."""

_BLOCK_BYTES = 1024
_JOINED_BYTES = 4
"""Differences that are no farther apart are one range: a word may keep some of its bytes by chance."""


def differences(start: int, before: bytes, after: bytes) -> Iterator[AddressRange]:
    """Yield the ranges in which two contents of the same memory differ.

    Args:
        start: address of the first byte.
        before: one content.
        after: another, of the same size.
    """
    first: int | None = None
    last = 0
    for block in range(0, len(before), _BLOCK_BYTES):
        end = block + _BLOCK_BYTES
        if before[block:end] == after[block:end]:
            continue
        for at in range(block, min(end, len(before))):
            if before[at] == after[at]:
                continue
            if first is not None and at - last > _JOINED_BYTES:
                yield AddressRange(start=start + first, size_bytes=last + 1 - first)
                first = None
            first = at if first is None else first
            last = at
    if first is not None:
        yield AddressRange(start=start + first, size_bytes=last + 1 - first)
