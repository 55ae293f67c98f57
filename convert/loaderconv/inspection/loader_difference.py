"""In what two loaders differ."""

import hashlib
from collections.abc import Iterator
from itertools import zip_longest

from loaderconv.inspection.compared import Compare, compared, compared_if_known
from loaderconv.inspection.device_difference import device_differences
from loaderconv.inspection.iar_difference import interface_differences, settings_differences
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.difference import Difference, Unit
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Segment

_ROUTINES = {
    Flavour.FLM: frozenset(flm_abi.ROUTINES.values()),
    Flavour.STLDR: frozenset(stldr_abi.ROUTINES.values()),
    Flavour.IAR: frozenset(iar_abi.ROUTINES.values()),
}
"""The routines for which a flavour has a place."""


def loader_differences(left: Loader, right: Loader) -> Iterator[Difference]:
    """Give the differences in the order of the model.

    Between flavours only what both have a place for is compared: an stldr has no UnInit to miss and no timeouts, and
    symbols, link addresses, placement and machine code are each flavour's own.
    """
    same_flavour = left.flavour is right.flavour
    compare = compared if same_flavour else compared_if_known
    yield from _identity_differences(left, right, compare)
    yield from device_differences(left.device, right.device, compare)
    for routine in Routine:
        if routine in _ROUTINES[left.flavour] & _ROUTINES[right.flavour]:
            yield from _entry_point_differences(left, right, routine)
    yield from _image_differences(left, right)
    if same_flavour:
        yield from _link_differences(left, right)
        yield from _placement_differences(left, right)
    yield from _ram_differences(left, right, compare)
    if same_flavour:
        yield from interface_differences(left.iar_interface, right.iar_interface)
        yield from settings_differences(left.iar_settings, right.iar_settings)


def _identity_differences(left: Loader, right: Loader, compare: Compare) -> Iterator[Difference]:
    yield from compare("toolchain", left.identity.toolchain, right.identity.toolchain)
    yield from compare("CPU", left.identity.cpu, right.identity.cpu)
    yield from compare("architecture", left.identity.architecture, right.identity.architecture)
    yield from compare("floating point ABI", left.identity.float_abi, right.identity.float_abi)


def _entry_point_differences(left: Loader, right: Loader, routine: Routine) -> Iterator[Difference]:
    first, second = left.entry_point(routine), right.entry_point(routine)
    if first is None or second is None:
        yield from compared(f"routine: {routine}", _symbol(first), _symbol(second))
    elif left.flavour is right.flavour:
        yield from compared(f"{routine}: symbol", first.symbol, second.symbol)
        yield from compared(f"{routine}: address", first.address, second.address, Unit.ADDRESS)
        yield from compared(f"{routine}: instructions", _instructions(first), _instructions(second))


def _symbol(entry: EntryPoint | None) -> str | None:
    return None if entry is None else entry.symbol


def _instructions(entry: EntryPoint) -> str:
    return "Thumb" if entry.thumb else "Arm"


def _image_differences(left: Loader, right: Loader) -> Iterator[Difference]:
    for name, part in (("code size", Part.CODE), ("data size", Part.DATA)):
        yield from compared(name, len(_bytes(left, part)), len(_bytes(right, part)), Unit.BYTES)
    yield from compared("zero-initialised size", _zeros(left), _zeros(right), Unit.BYTES)


def _link_differences(left: Loader, right: Loader) -> Iterator[Difference]:
    """Give what differs in bytes and link addresses, which can be equal in one flavour only."""
    pairs = list(zip_longest(left.image_segments, right.image_segments))
    for number, (first, second) in enumerate(pairs, start=1):
        which = f"segment {number} of {len(pairs)}: " if len(pairs) > 1 else ""
        yield from compared(f"{which}link address", _address(first), _address(second), Unit.ADDRESS)
        if first is not None and second is not None and len(first.data) == len(second.data):
            yield from compared(f"{which}{first.part} bytes", _digest(first.data), _digest(second.data))
    yield from compared("static base", left.placement.static_base, right.placement.static_base, Unit.ADDRESS)
    if left.flavour is Flavour.STLDR:  # whose hosts refuse a StorageInfo of another size
        first_size, second_size = len(_bytes(left, Part.DESCRIPTOR)), len(_bytes(right, Part.DESCRIPTOR))
        yield from compared("descriptor size", first_size, second_size, Unit.BYTES)


def _placement_differences(left: Loader, right: Loader) -> Iterator[Difference]:
    yield from compared("placement", left.placement.kind, right.placement.kind)
    yield from compared("alignment", left.placement.alignment_bytes, right.placement.alignment_bytes, Unit.BYTES)


def _ram_differences(left: Loader, right: Loader, compare: Compare) -> Iterator[Difference]:
    yield from compare("RAM for the image", left.ram.image_bytes, right.ram.image_bytes, Unit.BYTES)
    yield from compare("RAM for the buffer", left.ram.page_buffer_bytes, right.ram.page_buffer_bytes, Unit.BYTES)
    yield from compare("RAM for the stack", left.ram.stack_bytes, right.ram.stack_bytes, Unit.BYTES)


def _bytes(loader: Loader, part: Part) -> bytes:
    return b"".join(segment.data for segment in loader.segments if segment.part is part)


def _zeros(loader: Loader) -> int:
    return sum(segment.memory_size_bytes - len(segment.data) for segment in loader.image_segments)


def _address(segment: Segment | None) -> int | None:
    return None if segment is None else segment.address


def _digest(data: bytes) -> str:
    return f"SHA-256 {hashlib.sha256(data).hexdigest()[:16]}..."
