"""What a page program makes of a page."""

ERASED_BYTE = 0xFF


def page_content(page_size_bytes: int, start: int, data: bytes | bytearray) -> bytes:
    """Return what a page buffer holds: data wrap around, the last byte for a place counts, the rest is erased."""
    content = bytearray([ERASED_BYTE]) * page_size_bytes
    for position, byte in enumerate(data, start):
        content[position % page_size_bytes] = byte
    return bytes(content)


def programmed(old: bytes, wanted: bytes) -> bytes:
    """Return a page after programming, which can only clear bits."""
    return (int.from_bytes(old, "big") & int.from_bytes(wanted, "big")).to_bytes(len(old), "big")


def wants_to_raise_bits(old: bytes, wanted: bytes) -> bool:
    """Tell whether a byte other than 0xFF, which is mere padding, needs a bit to rise."""
    return any(new != ERASED_BYTE and new & ~before for new, before in zip(wanted, old, strict=True))
