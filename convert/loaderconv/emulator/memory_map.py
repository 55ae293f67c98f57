"""What is where in the emulated address space: RAM and the windows of devices, without overlap."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.system_control import PRIVATE_PERIPHERAL_BUS
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UsageProblem

GRAIN_BYTES = 0x400
"""Ranges start and end on multiples of 1 KiB: the smallest page that Unicorn knows on Cortex-M."""

PAINT = b"\xde\xde"
"""The halfword that unused RAM is filled with: an undefined instruction, so that a stray jump ends there."""

WIDEST_ACCESS_BYTES = 4


PERIPHERALS = AddressRange(start=0x4000_0000, size_bytes=0x2000_0000)
"""Where silicon executes nothing (Armv7-M Architecture Reference Manual, B3.1)."""


class Span:
    """Windows that are mapped as one range, which may have gaps.

    Attributes:
        range: from the first to the last.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        """Take windows by address, at least one."""
        start = windows[0].range.start
        self.range = AddressRange(start=start, size_bytes=windows[-1].range.end - start)
        self._windows = tuple(windows)
        self._starts = [window.range.start - start for window in windows]
        self._ends = [window.range.end - start for window in windows]

    def at(self, offset: int) -> tuple[Window | None, int]:
        """Return the window at an offset into the range, None in a gap, with the offset into the window."""
        index = bisect_right(self._starts, offset) - 1
        window = self._windows[index] if offset < self._ends[index] else None
        return window, offset - self._starts[index]


class MemoryMap:
    """The mapped ranges. Raises UsageProblem for ranges that overlap, are empty or lie off the grid of 1 KiB."""

    def __init__(self, ram: Sequence[AddressRange], windows: Sequence[Window]) -> None:
        self.ram = tuple(ram)
        self.windows = tuple(windows)
        named = [("RAM", each) for each in self.ram] + [(each.name, each.range) for each in self.windows]
        for name, mapped in named:
            _check_grid(name, mapped)
        _check_disjoint(named)

    def spans(self) -> list[Span]:
        """Return the windows by address, those together that can be mapped as one range; the system's stay alone."""
        groups: list[list[Window]] = []
        for window in sorted(self.windows, key=lambda window: window.range.start):
            if groups and self._belong_together(groups[-1][-1].range, window.range):
                groups[-1].append(window)
            else:
                groups.append([window])
        return [Span(tuple(group)) for group in groups]

    def _belong_together(self, lower: AddressRange, upper: AddressRange) -> bool:
        """Tell whether windows touch, or lie among peripherals, where no code can be, with nothing in between."""
        if lower.end == upper.start:
            return not _is_system(lower, upper)
        is_ram_between = any(lower.end <= ram.start < upper.start for ram in self.ram)
        return lower.start in PERIPHERALS and upper.start in PERIPHERALS and not is_ram_between

    def pieces(self, address: int, size_bytes: int) -> Iterator[tuple[Window | None, AddressRange]]:
        """Cut an access of the debugger at the borders of RAM and windows; the window is None for RAM.

        Raises RunFailed at the first address where nothing is mapped.
        """
        end = address + size_bytes
        while address < end:
            window, mapped = self._mapped_at(address)
            piece = AddressRange(start=address, size_bytes=min(end, mapped.end) - address)
            yield window, piece
            address = piece.end

    def _mapped_at(self, address: int) -> tuple[Window | None, AddressRange]:
        for ram in self.ram:
            if address in ram:
                return None, ram
        for window in self.windows:
            if address in window.range:
                return window, window.range
        raise RunFailed(
            f"Nothing is mapped at 0x{address:08x} in the emulated machine.",
            hint="Give the machine RAM or a device there, or place the loader, its stack and its buffer inside RAM.",
        )


def _is_system(*ranges: AddressRange) -> bool:
    return any(each.overlaps(PRIVATE_PERIPHERAL_BUS) for each in ranges)


def aligned_accesses(piece: AddressRange) -> Iterator[AddressRange]:
    """Split a range into the widest aligned accesses of 1, 2 or 4 bytes, in rising order."""
    address = piece.start
    while address < piece.end:
        size_bytes = WIDEST_ACCESS_BYTES
        while address % size_bytes or address + size_bytes > piece.end:
            size_bytes //= 2
        yield AddressRange(start=address, size_bytes=size_bytes)
        address += size_bytes


def _check_grid(name: str, mapped: AddressRange) -> None:
    if mapped.size_bytes and not mapped.start % GRAIN_BYTES and not mapped.size_bytes % GRAIN_BYTES:
        return
    raise UsageProblem(
        f"{name} at 0x{mapped.start:08x} with {mapped.size_bytes} bytes cannot be emulated.",
        hint="Start and size must be multiples of 1 KiB, and the size not zero.",
    )


def _check_disjoint(named: Sequence[tuple[str, AddressRange]]) -> None:
    in_order = sorted(named, key=lambda entry: entry[1].start)
    for (lower_name, lower), (upper_name, upper) in pairwise(in_order):
        if lower.overlaps(upper):
            raise UsageProblem(
                f"{lower_name} ({lower}) and {upper_name} ({upper}) overlap in the emulated machine.",
                hint="Choose another RAM range, or a machine without that device.",
            )
