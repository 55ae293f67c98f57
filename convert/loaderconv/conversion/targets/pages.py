"""How much a converted loader programs at once."""

from loaderconv.conversion.sources.parts import SourceParts
from loaderconv_schemas.device import Device

MAX_PAGE_BYTES = 4096
"""A larger page costs RAM on both sides and gains nothing: a transfer of 4 KiB takes longer than what is around it."""


def transfer_page_of(parts: SourceParts, device: Device) -> int:
    """Return how much of a source's device the shim programs at once; an FLM takes its own page and nothing else."""
    if parts.is_movable:
        return device.page_size_bytes
    return transfer_page_bytes(device, parts.program_unit_bytes, parts.largest_transfer_bytes)


def transfer_page_bytes(device: Device, unit_bytes: int, largest_bytes: int | None = None) -> int:
    """Return the largest power of two up to 4096 that divides every sector and is a multiple of the source's page.

    Where the source's page is larger, or no power of two is a multiple of it, a multiple of the unit has to do; where
    there is none, the unit itself.

    Args:
        device: whose sectors and page count, and its base address, since hosts count pages from 0.
        unit_bytes: the least that the source programs.
        largest_bytes: the most that it is given at once by its own host; None where nothing says.
    """
    sizes = [device.base_address, *(run.sector_size_bytes for run in device.sectors)]
    most = MAX_PAGE_BYTES if largest_bytes is None else largest_bytes
    pages = [page for page in _powers_of_two() if page <= most and all(size % page == 0 for size in sizes)]
    for divisor in (max(device.page_size_bytes, unit_bytes), unit_bytes):
        fitting = [page for page in pages if page % divisor == 0]
        if fitting:
            return max(fitting)
    return unit_bytes


def _powers_of_two() -> list[int]:
    return [1 << exponent for exponent in range(MAX_PAGE_BYTES.bit_length())]
