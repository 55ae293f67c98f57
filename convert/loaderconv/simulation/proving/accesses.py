"""Compares what the same code did to the same devices in two calls."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

from loaderconv.emulator.access import Access
from loaderconv.simulation.proving.recorder import Call
from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class Side:
    """How accesses of one of both loaders are told.

    Attributes:
        ram: of its machine. Pointers into it differ by where things were put.
        place: name of the place in the source's code for an address in memory, None where there is none.
    """

    ram: tuple[AddressRange, ...]
    place: Callable[[int], str | None]

    def told(self, access: Access | None) -> str | None:
        """Return an access in words."""
        if access is None:
            return None
        verb = "read" if access.kind == "r" else "write"
        value = f"0x{access.value:0{2 * access.size_bytes}x}"
        where = "" if access.pc is None else f" at 0x{access.pc:08x}"
        place = None if access.pc is None else self.place(access.pc)
        return f"{verb} 0x{access.address:08x} = {value}{where}{'' if place is None else f' ({place})'}"

    def points_to_ram(self, value: int) -> bool:
        """Tell whether a value is an address in RAM."""
        return any(value in each for each in self.ram)


@dataclass(frozen=True)
class AccessDifference:
    """The first access in which two calls differ.

    Attributes:
        number: from 0.
        source: in words; None where the call made no more.
        converted: likewise.
    """

    number: int
    source: str | None
    converted: str | None


def first_difference(source: Call, converted: Call, in_source: Side, in_converted: Side) -> AccessDifference | None:
    """Return the first access in which two calls differ, None where they do not."""
    for number, (one, other) in enumerate(zip_longest(source.accesses, converted.accesses)):
        if not _equal(one, other, in_source, in_converted):
            return AccessDifference(number, in_source.told(one), in_converted.told(other))
    return None


def _equal(one: Access | None, other: Access | None, in_source: Side, in_converted: Side) -> bool:
    if one is None or other is None:
        return False
    if (one.kind, one.address, one.size_bytes) != (other.kind, other.address, other.size_bytes):
        return False
    if one.value == other.value:
        return True
    return in_source.points_to_ram(one.value) and in_converted.points_to_ram(other.value)
