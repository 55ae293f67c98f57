"""What pyOCD makes of an FLM without a board: whether it takes the file, and what it would erase and program."""

import io
from types import SimpleNamespace

from pyocd.core.memory_map import FlashRegion, MemoryMap, RamRegion
from pyocd.flash.builder import FlashBuilder
from pyocd.flash.flash import Flash
from pyocd.target.pack.flash_algo import PackFlashAlgo
from pyocd.target.pack.flm_region_builder import FlmFlashRegionBuilder

RAM_START, RAM_SIZE_BYTES = 0x2000_0000, 0x10_0000


def parsed(data: bytes) -> PackFlashAlgo:
    """Return pyOCD's view of a file; raises whatever it raises."""
    return PackFlashAlgo(io.BytesIO(data))


def is_taken(data: bytes) -> bool:
    """Tell whether pyOCD takes a file."""
    try:
        parsed(data)
    except Exception:  # noqa: BLE001 - it says no in many ways
        return False
    return True


def programs_what_it_erased(data: bytes) -> bool:
    """Tell whether pyOCD can program the device anywhere, erasing whole sectors of it and programming nothing else."""
    algorithm = parsed(data)
    try:
        region = _finished_region(algorithm)
        starts = _sector_starts(algorithm)
        return bool(starts) and all(_is_sound(region, algorithm, starts, address) for address in _samples(starts))
    except Exception:  # noqa: BLE001 - assertions, divisions by zero, no RAM
        return False


def _finished_region(algorithm: PackFlashAlgo) -> FlashRegion:
    region = FlashRegion(start=algorithm.flash_start, length=algorithm.flash_size, sector_size=0, flm=algorithm)
    ram = RamRegion(start=RAM_START, length=RAM_SIZE_BYTES, is_default=True)
    target = SimpleNamespace(session=SimpleNamespace(options={}), part_number="none")
    if not FlmFlashRegionBuilder(target, MemoryMap(region, ram)).finalise_region(region):
        raise ValueError("pyOCD finds no place for the algorithm")
    return region


def _sector_starts(algorithm: PackFlashAlgo) -> dict[int, int]:
    """Return the size of each sector by address, as the sector list describes them; none where it has holes."""
    starts: dict[int, int] = {}
    address = algorithm.flash_start
    for found, sector_size in algorithm.iter_sector_size_ranges():
        if found.start != address:
            return {}
        starts |= dict.fromkeys(range(found.start, found.end + 1, sector_size), sector_size)
        address = found.end + 1
    return starts if address == algorithm.flash_start + algorithm.flash_size else {}


def _samples(starts: dict[int, int]) -> list[int]:
    """Return a few addresses at which a user's data may start: whole sectors and the middle of some."""
    addresses = sorted(starts)
    chosen = {*addresses[:3], *addresses[-2:], *addresses[:: max(1, len(addresses) // 16)]}
    halves = {each + starts[each] // 2 for each in chosen}
    return sorted(chosen | {each for each in halves if each <= addresses[-1]})


def _is_sound(region: FlashRegion, algorithm: PackFlashAlgo, starts: dict[int, int], address: int) -> bool:
    flash = Flash(None, region.algo)
    flash.region = region
    builder = FlashBuilder(flash)
    builder.add_data(address, b"data")
    builder._build_sectors_and_pages(keep_unwritten=False)
    erased = {each for sector in builder.sector_list for each in sector.addrs}
    return erased <= starts.keys() and all(
        any(start <= page.addr and page.addr + page.size <= start + starts[start] for start in erased)
        for page in builder.page_list
    )
