"""Which serial NOR memory stands behind a loader."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from dataclasses import replace as with_changes

from loaderconv.emulator.devices.nor_commands import NorRegister
from loaderconv.emulator.devices.serial_nor_vendors import VENDORS, WINBOND, BlockProtection, Vendor
from loaderconv_schemas.device import Device

SMALLEST_SIZE_BYTES = 0x1_0000
LARGEST_SIZE_BYTES = 512 << 20
PAGE_SIZE_BYTES = 256
LAST_COMMON_CAPACITY_CODE = 0x19
"""32 MiB: up to there every vendor's capacity code is the binary logarithm of the size."""

_WINBOND_THREE_BITS = BlockProtection(bits=(2, 3, 4), bottom=(NorRegister.STATUS_1, 5), is_fraction=True, small=6)


@dataclass(frozen=True)
class NorPart:
    """A memory.

    Attributes:
        vendor: the family.
        size_bytes: a power of two.
        jedec_id: manufacturer, type, capacity.
        block_size_bytes: what the largest erase beside the chip erase erases.
        page_size_bytes: what a page program takes at most, and around what it wraps.
    """

    vendor: Vendor
    size_bytes: int
    jedec_id: bytes
    block_size_bytes: int
    page_size_bytes: int = PAGE_SIZE_BYTES

    @property
    def has_four_byte_addresses(self) -> bool:
        """Whether three bytes do not reach the end."""
        return self.size_bytes > 1 << 24

    @property
    def protection(self) -> BlockProtection:
        """Where the protection bits are; Winbond's smaller parts have three only."""
        if self.vendor.protection is WINBOND.protection and not self.has_four_byte_addresses:
            return _WINBOND_THREE_BITS
        return self.vendor.protection

    def halved(self) -> "NorPart":
        """Return the part of which two make the same size."""
        size_bytes = self.size_bytes // 2
        manufacturer, kind, _capacity = self.jedec_id
        offset = next(each[2] for each in self.vendor.ids if each[:2] == (manufacturer, kind))
        code = _capacity_code(self.vendor, size_bytes) + offset
        return with_changes(self, size_bytes=size_bytes, jedec_id=bytes([manufacturer, kind, code]))


def choose_part(device: Device, constants: Collection[int] = ()) -> NorPart:
    """Return a part that fits a loader's descriptor.

    Args:
        device: size (its own or that of its sectors, whichever is larger, rounded up to a power of two, at most
            512 MiB), name and sectors.
        constants: words of the loader's image; one that is the JEDEC id of a part of that size decides on the part,
            else the name of the device if it is that of a known family, else it is a W25Q.
    """
    described = max([device.size_bytes, *(run.end_offset_bytes for run in device.sectors)])
    wanted = min(max(described, SMALLEST_SIZE_BYTES), LARGEST_SIZE_BYTES)
    size_bytes = 1 << (wanted - 1).bit_length()
    known = tuple(_ids(size_bytes))
    vendor, jedec_id = next(
        (each for each in known if not constants_of(each[1]).isdisjoint(constants)),
        next((each for each in known if each[0] is _vendor_by_name(device.name)), known[0]),
    )
    sizes = vendor.block_sizes_bytes
    block_size_bytes = next((size for size in sizes if size == device.smallest_sector_bytes), sizes[0])
    return NorPart(vendor, size_bytes, jedec_id, block_size_bytes)


def constants_of(jedec_id: bytes) -> frozenset[int]:
    """Return the words that a loader compares with when it expects an id: in either byte order."""
    big, little = int.from_bytes(jedec_id, "big"), int.from_bytes(jedec_id, "little")
    return frozenset((big, little))


def is_jedec_id(word: int) -> bool:
    """Tell whether a word of an image may be the id of a known part of any size."""
    return word in _ALL_CONSTANTS


def _ids(size_bytes: int) -> Iterator[tuple[Vendor, bytes]]:
    for vendor in VENDORS:
        for manufacturer, kind, offset in vendor.ids:
            yield vendor, bytes([manufacturer, kind, _capacity_code(vendor, size_bytes) + offset])


def _capacity_code(vendor: Vendor, size_bytes: int) -> int:
    code = size_bytes.bit_length() - 1
    if code > LAST_COMMON_CAPACITY_CODE and vendor.large_capacity_codes:
        return code + 0x20 - LAST_COMMON_CAPACITY_CODE - 1
    return code


def _vendor_by_name(name: str) -> Vendor:
    folded = name.upper()
    named = [(prefix, vendor) for vendor in VENDORS for prefix in vendor.part_names if prefix in folded]
    return max(named, key=lambda each: len(each[0]))[1] if named else WINBOND


_ALL_CONSTANTS = frozenset(
    constant
    for power in range(SMALLEST_SIZE_BYTES.bit_length() - 1, LARGEST_SIZE_BYTES.bit_length())
    for _vendor, jedec_id in _ids(1 << power)
    for constant in constants_of(jedec_id)
)
