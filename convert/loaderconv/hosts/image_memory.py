"""Where a host that puts stack and buffer above an image finds its end (docs/formats/stldr.md, How hosts drive it).

ST's H7RS loaders have code in DTCM and zero-initialised data in AXI SRAM, 64 MB farther up. Only what lies in one
memory with the code counts.
"""

from collections.abc import Iterable

from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.memory import Segment


def code_and_room(segments: Iterable[Segment], ram: AddressRange) -> tuple[AddressRange, AddressRange]:
    """Return the part of an image that lies together with its lowest code, and the RAM up to the next part.

    Where nothing is marked as code, the lowest part counts.

    Args:
        segments: what is downloaded.
        ram: what the host was given; parts outside of it belong to other memories.

    Raises:
        RunFailed: nothing of it lies in the RAM.
    """
    inside = sorted((each for each in segments if each.range.overlaps(ram)), key=lambda each: each.address)
    if not inside:
        raise RunFailed(
            f"No part of the image lies in RAM {ram}.",
            hint="The image runs only where it was linked: give the host that RAM.",
        )
    code = next((each for each in inside if each.executable), inside[0])
    groups: list[AddressRange] = []
    for taken in (each.range for each in inside):
        if groups and taken.start - groups[-1].end <= MAX_GAP_BYTES:
            groups[-1] = span((groups[-1], taken))
        else:
            groups.append(taken)
    own = next(group for group in groups if code.address in group)
    end = min((group.start for group in groups if group.start > own.start), default=ram.end)
    return own, AddressRange(start=ram.start, size_bytes=end - ram.start)
