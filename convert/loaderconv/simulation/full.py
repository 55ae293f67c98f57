"""The scenario `full`: what a host does in a year, and what it should never do, on one loader."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.hosts.host import Outcome
from loaderconv.simulation.desk import DIRT, Desk, pattern, succeeded
from loaderconv.simulation.quick import erased, programmed, quick, read_back, verified
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.timeline import TimelineEntry

MAX_BORDERS = 4
"""Of so many borders between sector runs each is tried; of more, the first and the last ones."""

MAX_SECTORS_ONE_BY_ONE = 512
"""A loader without a mass erase is asked for all sectors where there are not more."""

_WATCHED_BYTES = 64
"""At either end of a device, to see whether a request beyond the end came back to it."""


def full(desk: Desk) -> Iterator[TimelineEntry]:
    """Run the scenario.

    Raises:
        RunFailed: the loader hung, faulted or broke the calling convention.
    """
    yield from quick(desk)
    yield from _begun_anew(desk)
    yield from _borders(desk)
    yield from _odd_pieces(desk)
    yield from _last_sector(desk)
    yield from _mismatches(desk)
    yield from _everything(desk)
    yield from _out_of_range(desk)
    yield from _injected_errors(desk)


def _begun_anew(desk: Desk) -> Iterator[TimelineEntry]:
    """Initialise twice; what was programmed before must still be there, and readable."""
    sector = _sector(desk)
    data = pattern(min(desk.device.page_size_bytes, sector.size_bytes))
    yield desk.tried("initialise again", "success", desk.host.start, succeeded)
    yield desk.tried(
        "initialise a third time",
        "success",
        desk.host.start,
        lambda outcome: outcome.succeeded and desk.holds(sector.start, data),
    )
    yield from verified(desk, sector.start, data)
    yield from read_back(desk, sector.start, data)


def _borders(desk: Desk) -> Iterator[TimelineEntry]:
    """Erase the last sector of a run together with the first of the next."""
    runs = desk.device.sectors
    pairs = [pair for pair in pairwise(runs) if pair[0].end_offset_bytes == pair[1].offset_bytes]
    chosen = pairs if len(pairs) <= MAX_BORDERS else [*pairs[: MAX_BORDERS // 2], *pairs[-MAX_BORDERS // 2 :]]
    for lower, upper in chosen:
        start = desk.device.base_address + lower.end_offset_bytes - lower.sector_size_bytes
        yield erased(desk, AddressRange(start=start, size_bytes=lower.sector_size_bytes + upper.sector_size_bytes))


def _odd_pieces(desk: Desk) -> Iterator[TimelineEntry]:
    """Program an odd number of bytes from a page on, and from an odd address on where the host does such things."""
    sector, page = _sector(desk), desk.device.page_size_bytes
    room = sector.size_bytes
    yield erased(desk, sector)
    start = sector.start + (page if 3 * page <= room else 0)
    data = pattern(min(page + 3, sector.end - start - 1) | 1, seed=77)
    yield programmed(desk, start, data)
    yield from verified(desk, start, data)
    if desk.host.program_alignment_bytes == 1:
        yield erased(desk, sector)
        data = pattern(min(2 * page + 3, room - room // 3) | 1, seed=33)
        yield programmed(desk, sector.start + 1, data)
        yield from read_back(desk, sector.start + 1, data)


def _last_sector(desk: Desk) -> Iterator[TimelineEntry]:
    """Erase the last sector and program up to the last byte of the device."""
    device = desk.device
    run = device.sectors[-1]
    end = device.base_address + run.end_offset_bytes
    sector = AddressRange(start=end - run.sector_size_bytes, size_bytes=run.sector_size_bytes)
    yield erased(desk, sector)
    page = min(device.page_size_bytes, sector.size_bytes)
    start = max(device.base_address + (end - 1 - device.base_address) // page * page, sector.start)
    data = pattern(end - start, seed=19)
    yield programmed(desk, start, data)
    yield from verified(desk, start, data)


def _mismatches(desk: Desk) -> Iterator[TimelineEntry]:
    """Verify bytes that differ in the first place, in the last, and in one bit."""
    if desk.memory is None or not (desk.has(Routine.VERIFY) or desk.has(Routine.CHECKSUM)):
        return
    sector = _sector(desk)
    data = pattern(min(desk.device.page_size_bytes, sector.size_bytes), seed=91)
    yield erased(desk, sector)
    yield programmed(desk, sector.start, data)
    yield from verified(desk, sector.start, data)
    wrong = {
        "the first byte": bytes([data[0] ^ 0xFF]) + data[1:],
        "the last byte": data[:-1] + bytes([data[-1] ^ 0xFF]),
        "one bit in the middle": data[: len(data) // 2]
        + bytes([data[len(data) // 2] ^ 4])
        + data[len(data) // 2 + 1 :],
    }
    for what, changed in wrong.items():
        yield _refused(desk, f"verify with {what} wrong", "different", sector.start, changed)


def _refused(desk: Desk, operation: str, expected: str, address: int, data: bytes) -> TimelineEntry:
    return desk.tried(
        operation,
        expected,
        lambda: desk.host.verify(address, data),
        lambda outcome: not outcome.succeeded and "Init" not in outcome.detail,
    )


def _everything(desk: Desk) -> Iterator[TimelineEntry]:
    """Erase the whole device, where the host can ask for it."""
    device = desk.device
    if not can_erase_everything(desk):
        return
    first = AddressRange(start=device.base_address, size_bytes=min(_WATCHED_BYTES, device.size_bytes))
    last = AddressRange(start=device.range.end - first.size_bytes, size_bytes=first.size_bytes)
    middle = AddressRange(start=device.base_address + device.size_bytes // 2, size_bytes=first.size_bytes)
    watched = [each for each in (first, middle, last) if each.end <= device.range.end]
    for each in watched:
        desk.fill(each, device.erased_byte ^ DIRT)
    yield desk.tried(
        "erase the whole device",
        "erased",
        desk.host.erase_all,
        lambda outcome: outcome.succeeded and all(desk.is_blank(each) for each in watched),
    )


def can_erase_everything(desk: Desk) -> bool:
    """Tell whether the host can ask for it: the loader has a routine, or few sectors."""
    if desk.has(Routine.ERASE_CHIP):
        return True
    if desk.loader.flavour is Flavour.STLDR:
        return False
    return sum(run.count for run in desk.device.sectors) <= MAX_SECTORS_ONE_BY_ONE


def _out_of_range(desk: Desk) -> Iterator[TimelineEntry]:
    """Ask for what lies behind the device: whatever the loader answers, nothing inside of the device may change."""
    device = desk.device
    end = device.base_address + max(run.end_offset_bytes for run in device.sectors)
    block = device.sectors[-1].sector_size_bytes
    if end + block > ADDRESS_SPACE_BYTES:
        return
    size = min(device.page_size_bytes, desk.host.buffer.size_bytes)
    behind = AddressRange(start=end, size_bytes=block)
    yield _harmless(desk, f"erase the sector at 0x{end:08x}, behind the device", lambda: desk.host.erase_block(behind))
    yield _harmless(
        desk,
        f"program {size} bytes at 0x{end:08x}, behind the device",
        lambda: desk.host.program_piece(end, pattern(size)),
    )


def _harmless(desk: Desk, operation: str, run: Callable[[], Outcome]) -> TimelineEntry:
    """Run what no host should ask for; a loader may refuse, fault, or say what it likes, and break rules of devices."""
    device = desk.device
    size = min(_WATCHED_BYTES, device.size_bytes)
    watched = [AddressRange(start=start, size_bytes=size) for start in (device.base_address, device.range.end - size)]
    for each in watched:
        desk.fill(each, device.erased_byte ^ DIRT)
    before = [desk.held(each) for each in watched]

    def forgiven() -> Outcome:
        try:
            return desk.forgiving(run)
        except RunFailed as problem:
            desk.recover()  # as a host does that has met a fault: it resets the chip
            return Outcome(succeeded=False, detail=problem.message, instructions=None)

    return desk.tried(
        operation, "nothing in the device changes", forgiven, lambda _: [desk.held(each) for each in watched] == before
    )


def _injected_errors(desk: Desk) -> Iterator[TimelineEntry]:
    """Let the memory fail once at each kind of operation; then everything must work again."""
    if desk.memory is None:
        return
    sector = _sector(desk)
    data = pattern(min(desk.device.page_size_bytes, sector.size_bytes), seed=57)
    desk.fill(sector, desk.device.erased_byte ^ DIRT)
    yield _failing(desk, desk.memory, FlashOperation.ERASE, lambda: desk.host.erase(sector))
    yield erased(desk, sector)
    yield _failing(desk, desk.memory, FlashOperation.PROGRAM, lambda: desk.host.program(sector.start, data))
    yield erased(desk, sector)
    yield programmed(desk, sector.start, data)


def _failing(desk: Desk, memory: FlashMemory, operation: FlashOperation, run: Callable[[], Outcome]) -> TimelineEntry:
    memory.fail_next(operation)
    expected = "failure" if memory.reports_failures else "no hang (the memory does not tell a failure)"
    return desk.tried(
        f"{operation} while the memory fails",
        expected,
        lambda: desk.forgiving(run),
        lambda outcome: not outcome.succeeded or not memory.reports_failures,
    )


def _sector(desk: Desk) -> AddressRange:
    """Return the first sector."""
    return AddressRange(start=desk.device.base_address, size_bytes=desk.device.sectors[0].sector_size_bytes)
