"""What the round trip leaves out: borders of sector runs, the last bytes, odd pieces, and failures of every routine.

It runs over a stand-in, whose flash tells what came of each operation, also where the host cannot read.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from loaderconv.hosts.host import Host, Outcome
from loaderconv.simulation.ideal_flash import IdealFlash
from loaderconv.simulation.round_trip import Ability
from loaderconv.simulation.stand_in import StandIn
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.timeline import TimelineEntry

MAX_RUNS = 16
"""Of so many sector runs the borders are tried, half of them at either end of the device."""

_NEIGHBOUR_BYTES = 4
_PATTERN_STEP = 53


class Pieces(Enum):
    """What a host makes of data that do not fill pages."""

    WHOLE_PAGES = "takes what starts at a page"
    PADDED = "fills up the first page and the last"
    AS_GIVEN = "hands them over as they are"


@dataclass(frozen=True)
class Bench:
    """A converted loader under its host, over a stand-in.

    Attributes:
        host: of the target's flavour.
        flash: behind the stand-in.
        stand_in: for the source.
        abilities: what host and loader can do.
        routines: those of the source that the plan says are called.
        pieces: how the host programs.
        checksum: asks for the sum of a range, four bytes; None where the host does not.
    """

    host: Host
    flash: IdealFlash
    stand_in: StandIn
    abilities: Collection[Ability]
    routines: Sequence[str]
    pieces: Pieces
    checksum: Callable[[AddressRange], Outcome] | None = None

    def offset(self, address: int) -> int:
        """Return the offset of an address from the start of the device."""
        return address - self.flash.device.base_address


def hard_cases(bench: Bench) -> Iterator[TimelineEntry]:
    """Run all cases, one after another.

    Raises:
        RunFailed: the loader hung, faulted, broke the calling convention or called its source wrongly.
    """
    yield from _borders(bench)
    yield from _last_page(bench)
    if bench.pieces is not Pieces.WHOLE_PAGES:
        yield from odd_pieces(bench)
    yield from _second_erase(bench)
    for routine in bench.routines:
        yield from failure(bench, routine)


def _borders(bench: Bench) -> Iterator[TimelineEntry]:
    """Erase the last sector of each run alone, then together with the first of the next."""
    runs = bench.flash.device.sectors
    base = bench.flash.device.base_address
    chosen = range(len(runs)) if len(runs) <= MAX_RUNS else (*range(MAX_RUNS // 2), *range(-MAX_RUNS // 2, 0))
    for number in chosen:
        run = runs[number]
        last = AddressRange(start=base + run.end_offset_bytes - run.sector_size_bytes, size_bytes=run.sector_size_bytes)
        yield _erased(bench, last)
        if last.end < bench.flash.device.range.end:
            behind = runs[number + 1].sector_size_bytes
            yield _erased(bench, AddressRange(start=last.start, size_bytes=last.size_bytes + behind))


def _erased(bench: Bench, wanted: AddressRange) -> TimelineEntry:
    """Erase a range of sectors whose ends hold data, between bytes that must stay."""
    start = max(bench.offset(wanted.start) - _NEIGHBOUR_BYTES, 0)
    end = min(bench.offset(wanted.end) + _NEIGHBOUR_BYTES, bench.flash.device.size_bytes)
    bench.flash.store(start, bytes([bench.flash.device.erased_byte ^ 0x5A]) * (2 * _NEIGHBOUR_BYTES))
    at_end = max(end - 2 * _NEIGHBOUR_BYTES, 0)
    bench.flash.store(at_end, bytes([bench.flash.device.erased_byte ^ 0x5A]) * (end - at_end))
    before = bench.flash.read(start, bench.offset(wanted.start) - start)
    behind = bench.flash.read(bench.offset(wanted.end), end - bench.offset(wanted.end))

    def is_right() -> bool:
        return (
            bench.flash.is_blank(bench.offset(wanted.start), wanted.size_bytes)
            and bench.flash.read(start, len(before)) == before
            and bench.flash.read(bench.offset(wanted.end), len(behind)) == behind
        )

    return _tried(f"erase {wanted}", "it is erased and nothing else", lambda: bench.host.erase(wanted), is_right)


def _last_page(bench: Bench) -> Iterator[TimelineEntry]:
    """Program up to the last byte of the device."""
    device = bench.flash.device
    page = _page_bytes(bench)
    start = device.base_address + (device.size_bytes - 1) // page * page
    yield from _programmed(bench, start, device.range.end - start)


def odd_pieces(bench: Bench) -> Iterator[TimelineEntry]:
    """Program an odd number of bytes from an odd address on, and more into the page in which it ended.

    Raises:
        RunFailed: as `hard_cases`.
    """
    device = bench.flash.device
    room = device.sectors[0].size_bytes - 1
    size = min(2 * _page_bytes(bench) + 3, room - room // 3)
    yield from _programmed(bench, device.base_address + 1, size)
    if bench.pieces is Pieces.AS_GIVEN:
        yield _written(bench, device.base_address + 1 + size, _pattern(min(5, room - size)))


def _programmed(bench: Bench, address: int, size_bytes: int) -> Iterator[TimelineEntry]:
    """Erase, program, compare and read back."""
    data = _pattern(size_bytes)
    wanted = AddressRange(start=address, size_bytes=size_bytes)
    yield _tried(f"erase {wanted}", "success", lambda: bench.host.erase(wanted), lambda: True)
    yield _written(bench, address, data)
    if Ability.VERIFYING in bench.abilities:
        wrong = data[:-1] + bytes([data[-1] ^ 1])
        found = bench.host.verify(address, data)
        is_equal = found.succeeded and found.data in (b"", _byte_sum(data))
        yield _entry(f"verify {wanted}", "equal, with the sum of the bytes", found, passed=is_equal)
        yield _refused(f"verify {wanted} with the last bit wrong", lambda: bench.host.verify(address, wrong))
    if Ability.READING in bench.abilities:
        found = bench.host.read(wanted)
        yield _entry(f"read {wanted}", "the programmed bytes", found, passed=found.succeeded and found.data == data)

    if bench.checksum is not None:
        found = bench.checksum(wanted)
        yield _entry(f"sum {wanted}", "the sum of the bytes", found, passed=found.data == _byte_sum(data))


def _written(bench: Bench, address: int, data: bytes) -> TimelineEntry:
    offset = bench.offset(address)
    before = bench.flash.read(max(offset - _NEIGHBOUR_BYTES, 0), min(offset, _NEIGHBOUR_BYTES))
    return _tried(
        f"program {len(data)} bytes at 0x{address:08x}",
        "they are there, and nothing else",
        lambda: bench.host.program(address, data),
        lambda: (
            bench.flash.read(offset - len(before), len(before) + len(data)) == before + data
            and _is_blank_behind(bench, offset + len(data))
        ),
    )


def _is_blank_behind(bench: Bench, offset: int) -> bool:
    """Tell whether what follows in the sector is blank still."""
    run = next((each for each in bench.flash.device.sectors if offset < each.end_offset_bytes), None)
    if run is None:
        return True
    left = -(offset - run.offset_bytes) % run.sector_size_bytes
    return bench.flash.is_blank(offset, left)


def _second_erase(bench: Bench) -> Iterator[TimelineEntry]:
    """Erase everything once more, which some sources then do in another way."""
    device = bench.flash.device
    bench.flash.store(device.size_bytes - _NEIGHBOUR_BYTES, bytes([device.erased_byte ^ 0x5A]) * _NEIGHBOUR_BYTES)
    yield _tried(
        "erase the whole device once more",
        "it is erased",
        bench.host.erase_all,
        lambda: bench.flash.is_blank(0, device.size_bytes),
    )


def failure(bench: Bench, routine: str) -> Iterator[TimelineEntry]:
    """Let the next call of a routine fail; the operation that led to it must fail too, and the next ones work again.

    Raises:
        RunFailed: as `hard_cases`.
    """
    device = bench.flash.device
    page = _page_bytes(bench)
    sector = AddressRange(start=device.base_address, size_bytes=device.sectors[0].sector_size_bytes)
    start, data = sector.start, _pattern(min(page, sector.size_bytes))
    wanted = AddressRange(start=start, size_bytes=len(data))
    operations: list[tuple[str, Callable[[], Outcome]]] = [
        ("erasing", lambda: bench.host.erase(sector)),
        ("programming", lambda: bench.host.program(start, data)),
    ]
    if Ability.VERIFYING in bench.abilities:
        operations.append(("verifying", lambda: bench.host.verify(start, data)))
    if Ability.READING in bench.abilities:
        operations.append(("reading", lambda: bench.host.read(wanted)))
    operations.append(("erasing everything", bench.host.erase_all))
    bench.stand_in.fail_next(routine)
    for operation, run in operations:
        outcome = run()
        if bench.stand_in.has_failed():
            yield _entry(f"a failure of {routine} while {operation}", "failure", outcome, passed=not outcome.succeeded)
            break
    else:
        nothing = Outcome(succeeded=False, detail="no operation calls it", instructions=0)
        yield _entry(f"a failure of {routine}", "failure", nothing, passed=False)
    yield _tried(f"erase {sector}", "success", lambda: bench.host.erase(sector), lambda: True)
    yield _written(bench, start, data)


def _tried(operation: str, expected: str, run: Callable[[], Outcome], is_right: Callable[[], bool]) -> TimelineEntry:
    outcome = run()
    return _entry(operation, expected, outcome, passed=outcome.succeeded and is_right())


def _refused(operation: str, run: Callable[[], Outcome]) -> TimelineEntry:
    outcome = run()
    return _entry(operation, "different", outcome, passed=not outcome.succeeded)


def _entry(operation: str, expected: str, outcome: Outcome, *, passed: bool) -> TimelineEntry:
    return TimelineEntry(
        operation=operation,
        expected=expected,
        observed=outcome.detail,
        passed=passed,
        instructions=outcome.instructions,
    )


def _page_bytes(bench: Bench) -> int:
    """Return what host and source both program as a whole; the host's page may be larger."""
    device: Device = bench.host.device
    return max(device.page_size_bytes, bench.flash.device.page_size_bytes)


def _byte_sum(data: bytes) -> bytes:
    return (sum(data) % (1 << 32)).to_bytes(4, "little")


def _pattern(size_bytes: int) -> bytes:
    return bytes((index * _PATTERN_STEP + (index >> 8) + 7) & 0xFF for index in range(size_bytes))
