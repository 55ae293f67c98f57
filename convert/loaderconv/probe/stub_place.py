"""Where in a target's RAM the call stub lies."""

from collections.abc import Sequence

from loaderconv.probe.call_stub import CALL_STUB_BYTES
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed

_ALIGNMENT = 32
"""A line of the instruction cache."""

STUB_ROOM_BYTES = -(-CALL_STUB_BYTES // _ALIGNMENT) * _ALIGNMENT


def place_stub(rams: Sequence[AddressRange], taken: Sequence[AddressRange]) -> tuple[int, tuple[AddressRange, ...]]:
    """Return an address for the stub, and what is left of the RAM.

    A RAM in which the loader has no part is taken first; the end of a RAM before its start.

    Args:
        rams: all RAM of the target.
        taken: where the loader lies.

    Raises:
        RunFailed: there is no room.
    """
    by_use = sorted(rams, key=lambda ram: any(ram.overlaps(each) for each in taken))
    for ram in by_use:
        for start in (ram.end - STUB_ROOM_BYTES & -_ALIGNMENT, -(-ram.start // _ALIGNMENT) * _ALIGNMENT):
            place = AddressRange(start=max(start, 0), size_bytes=STUB_ROOM_BYTES)
            is_free = place.start >= ram.start and place.end <= ram.end and not any(map(place.overlaps, taken))
            if is_free and (place.end == ram.end or place.start == ram.start):
                return place.start, tuple(_without(each, place) if each == ram else each for each in rams)
    raise RunFailed(
        f"There are no {STUB_ROOM_BYTES} bytes of RAM at either end of the target's RAM that the loader leaves free.",
        hint="Name more RAM of the chip with --ram BASE:SIZE.",
    )


def _without(ram: AddressRange, place: AddressRange) -> AddressRange:
    """Return RAM without a place at one of its ends."""
    size = ram.size_bytes - place.size_bytes
    return AddressRange(start=ram.start if place.end == ram.end else place.end, size_bytes=size)
