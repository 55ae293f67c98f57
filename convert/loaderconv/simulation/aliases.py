"""The memory a second time, where an image expects it: passes of a `.board` may program code that runs elsewhere."""

from collections.abc import Sequence
from dataclasses import replace

from loaderconv.emulator.devices.peripheral import Peripheral, Window
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange


class Alias:
    """Windows of other devices at other addresses; a Peripheral without rules of its own."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.violations: list[str] = []
        self._windows = tuple(windows)

    def windows(self) -> tuple[Window, ...]:
        """Return the windows."""
        return self._windows


def alias_of(
    peripherals: Sequence[Peripheral], memory: AddressRange, host_base: int, taken: Sequence[AddressRange]
) -> tuple[Peripheral, ...]:
    """Return what shows a memory at the addresses of its host, too; nothing where that is the same, or taken.

    Args:
        peripherals: the devices, of which some show the memory at the loader's addresses.
        memory: those addresses.
        host_base: address of its first byte for the host.
        taken: other ranges of the machine.
    """
    if host_base == memory.start:
        return ()
    windows = [window for device in peripherals for window in device.windows()]
    shown = [window for window in windows if window.range.overlaps(memory)]
    moved = []
    for window in shown:
        start = (window.range.start - memory.start + host_base) % ADDRESS_SPACE_BYTES
        if start + window.range.size_bytes > ADDRESS_SPACE_BYTES:
            return ()
        there = AddressRange(start=start, size_bytes=window.range.size_bytes)
        if any(there.overlaps(each) for each in (*taken, *(window.range for window in windows))):
            return ()
        moved.append(replace(window, name=f"{window.name} at {there}", range=there))
    return (Alias(moved),) if moved else ()
