"""The scenario `quick`: initialise, erase one sector, program one page, verify it."""

from collections.abc import Iterator

from loaderconv.hosts.host import Outcome
from loaderconv.simulation.desk import Desk, pattern, succeeded
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.timeline import TimelineEntry


def quick(desk: Desk) -> Iterator[TimelineEntry]:
    """Run the scenario on the first sector of the device.

    Raises:
        RunFailed: the loader hung, faulted or broke the calling convention.
    """
    device = desk.device
    sector = AddressRange(start=device.base_address, size_bytes=device.sectors[0].sector_size_bytes)
    data = pattern(min(device.page_size_bytes, sector.size_bytes))
    yield desk.tried("initialise", "success", desk.host.start, succeeded)
    yield erased(desk, sector)
    yield programmed(desk, sector.start, data)
    yield from verified(desk, sector.start, data)


def erased(desk: Desk, wanted: AddressRange) -> TimelineEntry:
    """Erase sectors that hold data, between bytes that must stay."""
    desk.soil(wanted)
    desk.soil_around(wanted)
    around = desk.around(wanted)
    return desk.tried(
        f"erase {wanted}",
        "erased, and nothing else",
        lambda: desk.host.erase(wanted),
        lambda outcome: outcome.succeeded and desk.is_blank(wanted) and desk.around(wanted) == around,
    )


def programmed(desk: Desk, address: int, data: bytes) -> TimelineEntry:
    """Program bytes into an erased place."""
    wanted = AddressRange(start=address, size_bytes=len(data))
    around = desk.around(wanted)
    return desk.tried(
        f"program {len(data)} bytes at 0x{address:08x}",
        "programmed, and nothing else",
        lambda: desk.host.program(address, data),
        lambda outcome: outcome.succeeded and desk.holds(address, data) and desk.around(wanted) == around,
    )


def verified(desk: Desk, address: int, data: bytes) -> Iterator[TimelineEntry]:
    """Verify through the loader or, where it has nothing to verify with, by reading back, if it lets the host read."""
    if desk.has(Routine.VERIFY) or desk.has(Routine.CHECKSUM):
        is_known = desk.memory is not None
        yield desk.tried(
            "verify the same bytes",
            "equal" if is_known else "an answer (nothing models the memory)",
            lambda: desk.host.verify(address, data),
            lambda outcome: outcome.succeeded or not is_known,
        )
    else:
        yield from read_back(desk, address, data)


def read_back(desk: Desk, address: int, data: bytes) -> Iterator[TimelineEntry]:
    """Read bytes through the loader, or at their addresses where the loader leaves the memory readable."""
    wanted = AddressRange(start=address, size_bytes=len(data))
    found = desk.read(wanted)
    if found is None:
        return
    outcome: Outcome = found
    yield desk.tried(
        f"read {wanted}",
        "the programmed bytes",
        lambda: outcome,
        lambda outcome: outcome.succeeded and (outcome.data == data or desk.memory is None),
    )
