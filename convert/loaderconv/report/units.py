"""Numbers as people of the field read them."""


def size_text(size_bytes: int) -> str:
    """Return bytes with separators, and KiB or MiB where that is exact."""
    for factor, unit in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size_bytes >= factor and size_bytes % factor == 0:
            return f"{size_bytes // factor} {unit}"
    return f"{size_bytes:,} byte{'' if size_bytes == 1 else 's'}"


def address_text(address: int) -> str:
    """Return an address with eight digits."""
    return f"0x{address:08x}"


def offset_text(delta: int) -> str:
    """Return a distance modulo 2**32 with the sign that its author will have meant."""
    return address_text(delta) if delta <= 1 << 31 else f"-{address_text((1 << 32) - delta)}"
