"""Which RAM of a target a host gets for a loader."""

from collections.abc import Sequence

from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv.simulation.ranges import without
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import PlacementKind

HOST_ROOM_BYTES = 0x4000
"""Beside image and page for the stack of a loader that runs anywhere; uVision gives what is left of its RAM."""

LEAST_RAM_BYTES = 0x8000

_FIRST_SRAM = 0x2000_0000
"""Below, memory is for code or tightly coupled; hosts take the first SRAM (ARMv7-M manual, B3.1)."""


def ram_for(loader: Loader, rams: Sequence[AddressRange], title: str) -> AddressRange:
    """Return the RAM for the host: where the image lies; for one that runs anywhere a free part that is large enough.

    What a converted loader installs outside of its image is not free.

    Args:
        loader: the loader.
        rams: all RAM of the target.
        title: of the target, for people.

    Raises:
        RunFailed: there is no such part.
    """
    if loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        return _ram_around(loader, rams)
    wanted = _room(loader)
    for ram in sorted(rams, key=lambda ram: ram.start < _FIRST_SRAM):
        for part in without(ram, [_with_margin(each) for each in loader.installed]):
            if part.size_bytes >= wanted:
                return AddressRange(start=part.start, size_bytes=wanted)
    raise RunFailed(
        f"The loader needs {wanted} bytes of RAM, which {title} does not have free in one place.",
        hint="Choose another machine with --machine, or RAM with --ram BASE:SIZE.",
    )


def _with_margin(installed: AddressRange) -> AddressRange:
    """Return a range with room for what a host may have right beside its own RAM."""
    start = max((installed.start & -GRAIN_BYTES) - GRAIN_BYTES, 0)
    end = min(-(-installed.end // GRAIN_BYTES) * GRAIN_BYTES + GRAIN_BYTES, ADDRESS_SPACE_BYTES)
    return AddressRange(start=start, size_bytes=end - start)


def _ram_around(loader: Loader, rams: Sequence[AddressRange]) -> AddressRange:
    code = min((each.address for each in loader.image_segments if each.executable), default=0)
    known = next((ram for ram in rams if code in ram), None)
    if known is not None:
        return known
    return AddressRange(start=code & -GRAIN_BYTES, size_bytes=_room(loader))


def _room(loader: Loader) -> int:
    need = loader.ram.image_bytes + max(loader.ram.page_buffer_bytes, loader.described_device.page_size_bytes)
    return max(LEAST_RAM_BYTES, -(-(need + HOST_ROOM_BYTES) // GRAIN_BYTES) * GRAIN_BYTES)
