"""What is where in the emulated address space: RAM and the windows of devices, without overlap."""

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


class MemoryMap:
    """The mapped ranges. Raises UsageProblem for ranges that overlap, are empty or lie off the grid of 1 KiB."""

    def __init__(self, ram: Sequence[AddressRange], windows: Sequence[Window]) -> None:
        self.ram = tuple(ram)
        self.windows = tuple(windows)
        named = [("RAM", each) for each in self.ram] + [(each.name, each.range) for each in self.windows]
        for name, mapped in named:
            _check_grid(name, mapped)
        _check_disjoint(named)

    def touching_windows(self) -> list[list[Window]]:
        """Return the windows by address, those together that have no gap between them; the system's stay alone."""
        groups: list[list[Window]] = []
        for window in sorted(self.windows, key=lambda window: window.range.start):
            last = groups[-1][-1].range if groups else None
            if last is not None and last.end == window.range.start and not _is_system(last, window.range):
                groups[-1].append(window)
            else:
                groups.append([window])
        return groups

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
