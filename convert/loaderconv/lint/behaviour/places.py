"""Which part of a memory the experiments use: a sector near its start with its neighbours, and a page in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaderconv.simulation.desk import Desk, pattern
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device

_SECTORS_LOOKED_AT = 6

_EDGE_BYTES = 0x1000
"""At either end of a sector so many bytes are made dirty and looked at."""


@dataclass(frozen=True)
class Place:
    """The part of a memory with which experiments are made.

    Attributes:
        sector: to be erased.
        neighbours: sectors in front of it and behind it.
        data: bytes of one page, for the start of the sector.
    """

    sector: AddressRange
    neighbours: tuple[AddressRange, ...]
    data: bytes

    @property
    def page(self) -> AddressRange:
        """Where the data go."""
        return AddressRange(start=self.sector.start, size_bytes=len(self.data))

    def soil(self, desk: Desk) -> None:
        """Fill the edges of the sector and of its neighbours with what no erased memory holds."""
        for edge in _edges_of([self.sector, *self.neighbours]):
            desk.fill(edge, _dirt(desk))

    def blank(self, desk: Desk) -> None:
        """Make the sector hold nothing, as after an erase."""
        desk.fill(self.sector, desk.device.erased_byte)

    def store(self, desk: Desk) -> None:
        """Make the page hold the data, and the rest of the sector nothing."""
        self.blank(desk)
        if desk.memory is not None:
            desk.memory.poke(desk.offset(self.page.start), self.data)

    def is_blank(self, desk: Desk) -> bool:
        """Tell whether the sector is erased, as far as it was dirty."""
        return all(map(desk.is_blank, _edges_of([self.sector])))

    def changed_neighbours(self, desk: Desk) -> tuple[AddressRange, ...]:
        """Return the neighbours that are not as dirty as they were."""
        dirt = _dirt(desk)
        return tuple(
            each
            for each in self.neighbours
            if any(desk.held(edge) != bytes([dirt]) * edge.size_bytes for edge in _edges_of([each]))
        )


def place_in(device: Device) -> Place:
    """Return where to work: the second of the first sectors, for it has neighbours on both sides."""
    sectors = list(_first_sectors(device))
    number = 1 if len(sectors) > 2 else 0
    sector = sectors[number]
    neighbours = (*sectors[:number], *sectors[number + 1 : number + 3])
    return Place(sector, neighbours, pattern(min(device.page_size_bytes, sector.size_bytes)))


def _first_sectors(device: Device) -> Iterator[AddressRange]:
    left = _SECTORS_LOOKED_AT
    for run in device.sectors:
        for number in range(min(run.count, left)):
            start = device.base_address + run.offset_bytes + number * run.sector_size_bytes
            yield AddressRange(start=start, size_bytes=run.sector_size_bytes)
        left -= min(run.count, left)


def _edges_of(sectors: Sequence[AddressRange]) -> Iterator[AddressRange]:
    for each in sectors:
        size = min(each.size_bytes, _EDGE_BYTES)
        yield AddressRange(start=each.start, size_bytes=size)
        yield AddressRange(start=each.end - size, size_bytes=size)


def _dirt(desk: Desk) -> int:
    return desk.device.erased_byte ^ 0x5A
