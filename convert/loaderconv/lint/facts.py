"""What the user says besides the files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class RamMap:
    """The RAM of the chip on which loaders will run.

    Attributes:
        ranges: its RAM, by address.
        source: where that is known from, such as `--ram` or the name of the chip.
        alias_bit: under addresses with this bit the same RAM is there again; 0 where there are no aliases.
    """

    ranges: Sequence[AddressRange]
    source: str
    alias_bit: int = 0

    @cached_property
    def merged(self) -> tuple[AddressRange, ...]:
        """The RAM as ranges that neither overlap nor adjoin."""
        found: list[AddressRange] = []
        for each in sorted(self.ranges, key=lambda each: each.start):
            if found and each.start <= found[-1].end:
                start, end = found[-1].start, max(found[-1].end, each.end)
                found[-1] = AddressRange(start=start, size_bytes=end - start)
            else:
                found.append(each)
        return tuple(found)

    def holder(self, start: int, end: int) -> AddressRange | None:
        """Return the RAM that holds all addresses from `start` to the one in front of `end`, None where none does.

        It has the address of the map, also where `start` is an alias of it.
        """
        for alias_bit in (0, self.alias_bit & start):
            for each in self.merged:
                if each.start <= start - alias_bit and end - alias_bit <= each.end:
                    return each
        return None

    def end_above(self, address: int) -> int | None:
        """Return where the RAM ends that holds an address, an alias for an alias; None where there is no RAM."""
        found = self.holder(address, address + 1)
        if found is None:
            return None
        return found.end if address in found else found.end + self.alias_bit


@dataclass(frozen=True)
class SimulationFacts:
    """That loaders are to be run in the emulator, and where.

    Attributes:
        machine: name of a kind of machine; None for the one that follows from each loader.
        cpu: name of the core; None for the one for which each loader was built.
    """

    machine: str | None = None
    cpu: str | None = None


@dataclass(frozen=True)
class UserFacts:
    """The options that tell rules something.

    Attributes:
        ram: the chip's RAM; None where nobody named it.
        search: where the files that others refer to may be looked for.
        simulation: how loaders are to be run; None where they are not.
    """

    ram: RamMap | None = None
    search: SearchPaths = field(default_factory=SearchPaths)
    simulation: SimulationFacts | None = None
