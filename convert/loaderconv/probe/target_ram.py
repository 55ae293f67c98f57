"""Which RAM of a target pyOCD knows."""

from pyocd.core.memory_map import MemoryMap, MemoryType

from loaderconv_schemas.address_range import AddressRange

_LARGEST_RAM_BYTES = 0x2000_0000
"""The address space has no more for it in one place (Armv7-M Architecture Reference Manual, B3.1)."""


def ram_of(memory_map: MemoryMap) -> tuple[AddressRange, ...]:
    """Return the RAM in a memory map, none where everything is said to be RAM, as of pyOCD's generic target."""
    regions = memory_map.iter_matching_regions(type=MemoryType.RAM)
    found = tuple(AddressRange(start=each.start, size_bytes=each.length) for each in regions)
    return tuple(each for each in found if each.size_bytes < _LARGEST_RAM_BYTES)
