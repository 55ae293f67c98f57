"""Where a host has to load an FLM that installs a source elsewhere: the RAMstart and RAMsize of its `<algorithm>`."""

from collections.abc import Sequence

from loaderconv.conversion.addresses import between, gaps_in, up
from loaderconv.conversion.targets.layout import Layout
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused

HEADER_BYTES = 32
"""What hosts put in front of the image: pyOCD and probe-rs 4, DAPLink 32."""

STACK_BYTES = 512
"""What probe-rs leaves by default; the source itself runs on a stack of its own."""

START_ALIGNMENT = 256

LARGEST_RAM_BYTES = 1 << 24
"""Sixteen times what the largest Cortex-M has; one memory ends within so much."""


def needed_bytes(layout: Layout, page_size_bytes: int) -> int:
    """Return what an FLM takes of the RAM that its host is given: image, the host's buffers, and its stack.

    pyOCD and probe-rs take two buffers where the RAM has room, aligned to 16 bytes.
    """
    return up(HEADER_BYTES + layout.image.size_bytes, 16) + 2 * up(page_size_bytes, 16) + STACK_BYTES


def flm_place(
    layout: Layout, page_size_bytes: int, rams: Sequence[AddressRange], *, rams_are_known: bool
) -> AddressRange:
    """Return the RAM that the host has to be given: free of what Init installs.

    Args:
        layout: of the FLM.
        page_size_bytes: of the device.
        rams: RAM that may be used, best first.
        rams_are_known: somebody said that these exist; otherwise the first is a guess, and there may be more of it.

    Raises:
        ConversionRefused: no RAM holds the FLM besides the source, or the source is bound to what is no RAM.
    """
    installed = [install.range for install in layout.installs]
    needed = needed_bytes(layout, page_size_bytes)
    if needed > LARGEST_RAM_BYTES:
        raise ConversionRefused(
            f"The FLM needs {needed} bytes of RAM, {page_size_bytes} of them for one page: no Cortex-M has so much.",
            hint="Give the page from the data sheet with --page.",
        )
    free = [place for ram in rams for gap in gaps_in(ram, installed) for place in _usable(gap, ram)]
    for gap in free:
        if gap.size_bytes >= needed:
            return gap
    if not rams_are_known:
        return _behind(rams[0].start, installed, needed)
    largest = max((gap.size_bytes for gap in free), default=0)
    listed = ", ".join(map(str, installed))
    raise ConversionRefused(
        f"The FLM needs {needed} bytes of RAM in one piece besides the source, which Init puts to {listed}; the largest"
        f" free piece of {', '.join(map(str, rams))} has {largest}.",
        hint="Give more RAM with --ram or --chip, use smaller pages (--page), or link the source for another RAM.",
    )


def _usable(gap: AddressRange, ram: AddressRange) -> list[AddressRange]:
    """Return what of a gap a host may be given; its stack ends there, and the source not right behind it."""
    start = up(gap.start, START_ALIGNMENT)
    end = gap.end if gap.end == ram.end else (gap.end & -START_ALIGNMENT) - START_ALIGNMENT
    return [AddressRange(start=start, size_bytes=end - start)] if start < end else []


def _behind(start: int, installed: Sequence[AddressRange], needed: int) -> AddressRange:
    """Return the first addresses from `start` on that meet nothing of what is installed."""
    place = between(start, start + needed)
    for each in sorted(installed, key=lambda each: each.start):
        if each.overlaps(place):
            start = up(each.end, START_ALIGNMENT)
            place = between(start, start + needed)
    return place
