"""Which parallel NOR memory stands behind a loader.

Sources: datasheets S29GL-P, S29GL-S, S29GL-N, M29W128G, M29W256G, M29EW, MX29GL-F, tables "Autoselect codes" and "CFI";
Intel StrataFlash J3 and P30, tables "Device identifier codes" and "CFI".
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby

from loaderconv_schemas.device import Device

SMALLEST_SIZE_BYTES = 0x8_0000
LARGEST_SIZE_BYTES = 64 << 20
"""What the 26 address lines of one bank of the FMC reach."""

DEFAULT_SECTOR_BYTES = 0x2_0000
MIB = 1 << 20
FIRST_CODE = 0x227E
"""Of every part whose device code has three words."""


class CommandSet(IntEnum):
    """How a memory is told what to do; the number is that of CFI (JEP137)."""

    INTEL = 0x0001
    AMD = 0x0002


@dataclass(frozen=True)
class ParallelVendor:
    """A family of memories.

    Attributes:
        part_names: what names of its parts contain.
        manufacturer: JEDEC code.
        buffer_size_bytes: of the write buffer.
        last_code: third word of the device code.
        is_ready_after_failure: whether RY/BY# says ready while DQ5 is set, or busy until the reset.
        command_set: how its parts are told what to do.
        codes: by size, the device code where it has one word.
        is_locked_at_start: whether each block is locked when the power comes on.
    """

    part_names: tuple[str, ...]
    manufacturer: int
    buffer_size_bytes: int
    last_code: int = 0x2201
    is_ready_after_failure: bool = False
    command_set: CommandSet = CommandSet.AMD
    codes: Mapping[int, int] = field(default_factory=dict)
    is_locked_at_start: bool = False


def _intel(series: str, buffer_size_bytes: int, codes: Mapping[int, int], *, is_locked: bool) -> ParallelVendor:
    """Return a StrataFlash family, whose part names are 28F, the size in megabits (00A for 1024) and the series."""
    return ParallelVendor(
        tuple(f"28F{size}{series}" for size in ("320", "640", "128", "256", "512", "00A")),
        0x89,
        buffer_size_bytes,
        command_set=CommandSet.INTEL,
        codes=codes,
        is_locked_at_start=is_locked,
    )


_P30_CODES = {8 * MIB: 0x881A, 16 * MIB: 0x881B, 32 * MIB: 0x891C, 64 * MIB: 0x8965}
S29GL_S = ParallelVendor(("S29GL",), 0x01, 512)
VENDORS = (
    S29GL_S,
    ParallelVendor(("S29GL032N", "S29GL064N", "S29GL128N", "S29GL256N", "S29GL512N"), 0x01, 32),
    ParallelVendor(("S29GL128P", "S29GL256P", "S29GL512P", "S29GL01GP"), 0x01, 64),
    ParallelVendor(("M29W", "M29DW"), 0x20, 64, is_ready_after_failure=True),
    ParallelVendor(("PC28F", "JS28F", "RC28F", "MT28EW", "M29EW"), 0x89, 1024, is_ready_after_failure=True),
    ParallelVendor(("MX29GL", "MX29"), 0xC2, 64),
    _intel("J", 32, {4 * MIB: 0x16, 8 * MIB: 0x17, 16 * MIB: 0x18, 32 * MIB: 0x1D}, is_locked=False),
    _intel("P30", 64, _P30_CODES, is_locked=True),
)
"""The first is taken where the name of a device tells nothing."""

MIDDLE_CODES: Mapping[int, int] = {
    4 * MIB: 0x221D,
    8 * MIB: 0x220C,
    16 * MIB: 0x2221,
    32 * MIB: 0x2222,
    64 * MIB: 0x2223,
}
"""By size, the same for all of the vendors with the AMD command set; it is what loaders compare with."""


@dataclass(frozen=True)
class EraseRegion:
    """Sectors of one size in a row.

    Attributes:
        start: offset of the first byte.
        sector_size_bytes: of each.
        count: how many.
    """

    start: int
    sector_size_bytes: int
    count: int

    @property
    def end(self) -> int:
        """Offset of the first byte behind it."""
        return self.start + self.sector_size_bytes * self.count


@dataclass(frozen=True)
class ParallelPart:
    """A memory.

    Attributes:
        vendor: the family.
        size_bytes: a power of two.
        regions: its sectors, without gaps from 0 to its end.
    """

    vendor: ParallelVendor
    size_bytes: int
    regions: tuple[EraseRegion, ...]

    @property
    def device_code(self) -> tuple[int, int, int]:
        """The three words of it, the last two 0 for a vendor that has one."""
        if self.vendor.codes:
            return self.vendor.codes.get(self.size_bytes, min(self.vendor.codes.values())), 0, 0
        middle = MIDDLE_CODES.get(self.size_bytes, MIDDLE_CODES[4 * MIB])
        return FIRST_CODE, middle, self.vendor.last_code

    def sector(self, offset: int) -> tuple[int, int]:
        """Return start and size of the sector that an offset lies in."""
        region = next(each for each in self.regions if offset < each.end)
        return offset - (offset - region.start) % region.sector_size_bytes, region.sector_size_bytes


def choose_parallel_part(device: Device) -> ParallelPart:
    """Return a part that fits a loader's descriptor.

    Args:
        device: its size is the larger one of its own and that of its sectors, rounded up to a power of two, between
            512 KiB and 64 MiB; its name decides on the vendor; its sectors are the part's as far as they leave no gap.
    """
    described = max([device.size_bytes, *(run.end_offset_bytes for run in device.sectors)])
    wanted = min(max(described, SMALLEST_SIZE_BYTES), LARGEST_SIZE_BYTES)
    size_bytes = 1 << (wanted - 1).bit_length()
    return ParallelPart(_vendor_by_name(device.name), size_bytes, _regions(device, size_bytes))


def _vendor_by_name(name: str) -> ParallelVendor:
    folded = name.upper()
    named = [(part_name, vendor) for vendor in VENDORS for part_name in vendor.part_names if part_name in folded]
    return max(named, key=lambda each: len(each[0]))[1] if named else S29GL_S


def _regions(device: Device, size_bytes: int) -> tuple[EraseRegion, ...]:
    """Return the sectors that the descriptor knows, and behind them more of the largest size."""
    sizes = _known_sectors(device, size_bytes)
    filler = max(sizes, default=DEFAULT_SECTOR_BYTES)
    left = size_bytes - sum(sizes)
    sizes += [filler] * (left // filler) + [left % filler] * bool(left % filler)
    return tuple(_in_a_row(sizes))


def _known_sectors(device: Device, size_bytes: int) -> list[int]:
    sizes: list[int] = []
    covered = 0
    for run in sorted(device.sectors, key=lambda each: each.offset_bytes):
        if run.offset_bytes != covered or not run.sector_size_bytes:
            break
        count = min(run.count, (size_bytes - covered) // run.sector_size_bytes)
        sizes += [run.sector_size_bytes] * count
        covered += run.sector_size_bytes * count
    return sizes


def _in_a_row(sizes: Collection[int]) -> Iterator[EraseRegion]:
    start = 0
    for sector_size_bytes, group in groupby(sizes):
        region = EraseRegion(start, sector_size_bytes, len(list(group)))
        start = region.end
        yield region
