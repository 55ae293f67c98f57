"""What is erased and programmed so that a device holds a firmware image."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from loaderconv.hosts.host import sectors_in
from loaderconv.hosts.transfers import are_on_blocks
from loaderconv.simulation.ranges import without
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import UsageProblem

ReadBack = Callable[[AddressRange], bytes]
"""Returns what the device holds now."""

NEAR_BYTES = 0x1000
"""Gaps up to here are read or programmed with what lies around them: hosts initialise the loader for each call."""

_LEAST_UNIT_BYTES = 0x100

ERASED_BY_WRITING = (DeviceKind.SRAM, DeviceKind.PSRAM, DeviceKind.SDRAM, DeviceKind.I2C_EEPROM)
"""Loaders of these may erase nothing, so the erased value is programmed like any other."""


@dataclass(frozen=True)
class ProgrammingPlan:
    """What to do, in this order.

    Attributes:
        erase: the sectors that the image touches; those that touch each other as one range.
        program: pieces that begin and end where the host programs, by address.
        contents: what the memory holds afterwards: the image, filled up in the same way, with what is kept.
    """

    erase: tuple[AddressRange, ...]
    program: tuple[FirmwarePiece, ...]
    contents: tuple[FirmwarePiece, ...]

    @property
    def touched(self) -> AddressRange:
        """From the first sector to the last: what may be incomplete after a failure."""
        return span(self.erase)

    @property
    def erase_bytes(self) -> int:
        """How much is erased."""
        return sum(each.size_bytes for each in self.erase)

    @property
    def program_bytes(self) -> int:
        """How much is programmed."""
        return sum(piece.size_bytes for piece in self.program)


def plan_programming(
    image: FirmwareImage, device: Device, *, alignment_bytes: int, read_back: ReadBack | None
) -> ProgrammingPlan:
    """Return what to do.

    What lies in a touched sector and not in the image is left erased, or kept where it can be read back first. What is
    erased anyway is not programmed.

    Programming units may be larger than sectors, or lie across them: some of ST's FLMs have pages of 32 KiB and sectors
    of 8 KiB. A sector into which a unit of the image reaches has to be erased, too, so it must be kept.

    Args:
        image: what the device is to hold.
        device: the memory.
        alignment_bytes: pieces begin and end at multiples of this from the start of the device.
        read_back: reads what is to be kept, only what the image does not cover; None to keep nothing.

    Raises:
        UsageProblem: a part of the image lies in no sector, or what lies beside it would be lost and is not kept.
    """
    _check_on_sectors(image, device)
    erase = touched_sectors(image.pieces, device)
    if read_back is not None:
        erase = _whole_units(erase, device, alignment_bytes)
    else:
        _check_alone(image, erase, device, alignment_bytes)
    unit_bytes = _unit_bytes(device, alignment_bytes)
    contents: list[FirmwarePiece] = []
    program: list[FirmwarePiece] = []
    for each in erase:
        pieces = _pieces_in(image, each)
        memory = _Memory(each, device, _after(each, pieces, device, read_back))
        known = [each] if read_back is not None else [piece.range for piece in pieces]
        units = [unit for part in known for unit in memory.units(part, unit_bytes)]
        contents += memory.cut(_joined(units, NEAR_BYTES))
        program += memory.cut(_joined((unit for unit in units if memory.needs(unit)), NEAR_BYTES))
    return ProgrammingPlan(erase, tuple(program), tuple(contents))


def touched_sectors(pieces: Sequence[FirmwarePiece], device: Device) -> tuple[AddressRange, ...]:
    """Return the sectors that pieces touch, those that touch each other as one range, by address."""
    parts = _joined((piece.range for piece in pieces), 0)
    return _joined((sector for part in parts for sector in sectors_in(device, part)), 0)


def _check_on_sectors(image: FirmwareImage, device: Device) -> None:
    for piece in image.pieces:
        if not are_on_blocks(device, piece.range):
            raise UsageProblem(
                f"A part of {piece.range} lies in no sector of {device.name}.",
                hint="Check the addresses of the firmware, and whether the loader is the one for this memory.",
            )


def _check_alone(image: FirmwareImage, erase: tuple[AddressRange, ...], device: Device, alignment_bytes: int) -> None:
    """Refuse units that reach into sectors without a byte of the image."""
    units = _joined((_widened(piece.range, device, alignment_bytes) for piece in image.pieces), 0)
    reached = _joined((sector for unit in units for sector in sectors_in(device, unit)), 0)
    if reached == erase:
        return
    beside = next(part for each in reached for part in without(each, erase))
    raise UsageProblem(
        f"The loader programs units of {alignment_bytes} bytes, and one of them reaches into {beside}, where the "
        "image has nothing.",
        hint="With --keep its contents are read first and written again.",
    )


def _whole_units(sectors: tuple[AddressRange, ...], device: Device, alignment_bytes: int) -> tuple[AddressRange, ...]:
    """Return sectors, and all those with which they share units."""
    while True:
        units = _joined((_widened(each, device, alignment_bytes) for each in sectors), 0)
        wider = _joined((sector for unit in units for sector in sectors_in(device, unit)), 0)
        if wider == sectors:
            return sectors
        sectors = wider


def _after(
    whole: AddressRange, pieces: Sequence[FirmwarePiece], device: Device, read_back: ReadBack | None
) -> bytearray:
    """Return what a range holds in the end."""
    content = bytearray([device.erased_byte]) * whole.size_bytes
    if read_back is not None:
        for gap in _joined(_gaps(whole, pieces), NEAR_BYTES):
            offset = gap.start - whole.start
            content[offset : offset + gap.size_bytes] = read_back(gap)
    for piece in pieces:
        start, end = max(piece.address, whole.start), min(piece.range.end, whole.end)
        content[start - whole.start : end - whole.start] = piece.data[start - piece.address : end - piece.address]
    return content


class _Memory:
    """A range of a device and what it shall hold."""

    def __init__(self, whole: AddressRange, device: Device, content: bytearray) -> None:
        self._whole = whole
        self._device = device
        self._content = bytes(content)
        self._erased = bytes([device.erased_byte])

    def units(self, part: AddressRange, unit_bytes: int) -> Iterator[AddressRange]:
        """Return the units that hold a part of the range, cut off at its ends."""
        wide = _widened(part, self._device, unit_bytes)
        for start in range(wide.start, wide.end, unit_bytes):
            lowest, end = max(start, self._whole.start), min(start + unit_bytes, self._whole.end)
            if lowest < end:
                yield AddressRange(start=lowest, size_bytes=end - lowest)

    def needs(self, unit: AddressRange) -> bool:
        """Tell whether a unit has to be programmed."""
        if self._device.kind in ERASED_BY_WRITING:
            return True
        return self._data(unit) != self._erased * unit.size_bytes

    def cut(self, parts: Iterable[AddressRange]) -> Iterator[FirmwarePiece]:
        """Return parts with their bytes."""
        return (FirmwarePiece(part.start, self._data(part)) for part in parts)

    def _data(self, part: AddressRange) -> bytes:
        offset = part.start - self._whole.start
        return self._content[offset : offset + part.size_bytes]


def _pieces_in(image: FirmwareImage, whole: AddressRange) -> Sequence[FirmwarePiece]:
    """Return the pieces that overlap a range; an image has them by address."""
    first = bisect_right(image.pieces, whole.start, key=lambda piece: piece.address + piece.size_bytes)
    return image.pieces[first : bisect_left(image.pieces, whole.end, key=lambda piece: piece.address)]


def _gaps(whole: AddressRange, pieces: Sequence[FirmwarePiece]) -> Iterator[AddressRange]:
    """Return the parts of a range that pieces leave free."""
    start = whole.start
    for piece in pieces:
        if piece.address > start:
            yield AddressRange(start=start, size_bytes=piece.address - start)
        start = piece.address + piece.size_bytes
    if start < whole.end:
        yield AddressRange(start=start, size_bytes=whole.end - start)


def _unit_bytes(device: Device, alignment_bytes: int) -> int:
    """Return in what steps contents are looked at: whole pages that begin where the host programs, and no tiny ones.

    Sectors cut such steps off, so they have to begin where the host programs as well.
    """
    borders = (border for run in device.sectors for border in (run.offset_bytes, run.sector_size_bytes))
    if any(border % alignment_bytes for border in borders):
        return alignment_bytes
    page = -(-max(device.page_size_bytes, 1) // alignment_bytes) * alignment_bytes
    return -(-_LEAST_UNIT_BYTES // page) * page


def _widened(part: AddressRange, device: Device, unit_bytes: int) -> AddressRange:
    """Return a part up to the borders of its units, which are counted from the start of the device, or to its end."""
    base = device.base_address
    start = part.start - (part.start - base) % unit_bytes
    end = max(part.end, min(part.end + -(part.end - base) % unit_bytes, device.range.end))
    return AddressRange(start=start, size_bytes=end - start)


def _joined(ranges: Iterable[AddressRange], near_bytes: int) -> tuple[AddressRange, ...]:
    """Return ranges by address, with those as one whose gap is no larger than that."""
    found: list[tuple[int, int]] = []
    for each in sorted(ranges, key=lambda each: each.start):
        if found and each.start - found[-1][1] <= near_bytes:
            found[-1] = (found[-1][0], max(found[-1][1], each.end))
        else:
            found.append((each.start, each.end))
    return tuple(AddressRange(start=start, size_bytes=end - start) for start, end in found)
