"""The on-target recipe: whether a loader does on a board what its host expects of it.

Two sectors are erased, looked at, written at an odd place with an odd length, read back, compared, and one of them is
erased again beside the other; twice, as a second session often finds what the first one left behind.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from loaderconv.hosts.host import Host, Outcome, sectors_in
from loaderconv.programming.comparison import first_mismatch
from loaderconv.programming.failures import naming_incomplete
from loaderconv.programming.operations import RunLog
from loaderconv.programming.plan import ERASED_BY_WRITING
from loaderconv.simulation.desk import pattern
from loaderconv.simulation.ranges import without
from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Flavour, Loader

SESSIONS = 2
ODD_BYTES = 1027
"""No multiple of a page, a word or a halfword; less where a sector is smaller."""

_SPOT_BYTES = 0x1000
_SURROUNDINGS_BYTES = 0x100
_FILLED_UP_BYTES = 8
"""What STM32CubeProgrammer adds at most to verify whole words."""


@dataclass(frozen=True)
class Ground:
    """Where the test works. What it calls a sector are several, where the host programs larger units than sectors.

    Attributes:
        first: a sector.
        second: another one, the next where there are several.
    """

    first: AddressRange
    second: AddressRange

    @property
    def all(self) -> AddressRange:
        """Both, and what lies between them."""
        return span((self.first, self.second))


def choose_ground(host: Host, allowed: AddressRange | None) -> Ground:
    """Return the last two sectors of the device, or of what is allowed.

    Raises:
        UsageProblem: there are not two.
    """
    device = host.device
    sectors = [
        sector
        for sector in sectors_in(device, allowed or device.range)
        if allowed is None or (allowed.start <= sector.start and sector.end <= allowed.end)
    ]
    cells = list(_cells(sectors, device, host.program_alignment_bytes))
    if len(cells) < 2:
        raise UsageProblem(
            f"The self-test needs two whole sectors that begin where the loader programs, and {allowed or device.range}"
            f" has {len(cells)}.",
            hint="Name a larger --range.",
        )
    return Ground(cells[-2], cells[-1])


def _cells(sectors: list[AddressRange], device: Device, alignment_bytes: int) -> Iterator[AddressRange]:
    """Join sectors until they begin and end where the host programs, or at the end of the device."""
    cell: AddressRange | None = None
    for sector in sectors:
        if cell is not None and cell.end == sector.start:
            cell = span((cell, sector))
        else:
            cell = sector if (sector.start - device.base_address) % alignment_bytes == 0 else None
        if cell is None:
            continue
        if (cell.end - device.base_address) % alignment_bytes == 0 or cell.end == device.range.end:
            yield cell
            cell = None


def selftest(
    host: Host,
    loader: Loader,
    ground: Ground,
    log: RunLog,
    *,
    everything: bool,
    download: Callable[[], Host] | None = None,
) -> None:
    """Carry the recipe out, until something fails.

    Args:
        host: with the loader.
        loader: what was read of it.
        ground: the two sectors.
        log: takes what was done.
        everything: erase the whole device, too.
        download: downloads the loader anew for the second session; without it the loader goes on with its RAM as it is.

    Raises:
        LeftIncomplete: the loader hung or faulted.
        RunFailed: it did so before anything was erased.
    """
    is_erased = False
    for session in range(1, SESSIONS + 1):
        if session > 1 and download is not None:
            host = download()
        for step in _steps(host, loader, ground, session, everything=everything):
            is_erased = is_erased or step.erases
            incomplete = host.device.range if everything else ground.all
            with naming_incomplete(incomplete) if is_erased else nullcontext():
                log.do(step.words, step.size_bytes, step.run)
            if not log.passed:
                return


@dataclass(frozen=True)
class _Step:
    words: str
    run: Callable[[], Outcome]
    size_bytes: int = 0
    erases: bool = False


def _steps(host: Host, loader: Loader, ground: Ground, session: int, *, everything: bool) -> list[_Step]:
    first, second = ground.first, ground.second
    written = _written(host, first)
    beside = AddressRange(start=second.start, size_bytes=min(second.size_bytes, ODD_BYTES))
    data, other = pattern(written.size_bytes, seed=session), pattern(beside.size_bytes, seed=session + SESSIONS)
    around = _Surroundings(host, ground)
    steps = [
        _Step(f"session {session}: initialise", host.start),
        _Step(f"look at what lies around {ground.all}", around.remember),
        _erase(host, first),
        _erase(host, second),
        *_blank_checks(host, first, second),
        _Step(f"program {written}", lambda: host.program(written.start, data), written.size_bytes),
        _Step(f"read back {written}", lambda: _same(host, written, data), written.size_bytes),
        *_blank_checks(host, *_left_erased(ground, written)),
    ]
    if _compares(loader):
        steps += _verify_steps(host, written, data)
    steps += [
        _Step(f"program {beside}", lambda: host.program(beside.start, other), beside.size_bytes),
        _erase(host, first, "again"),
        *_blank_checks(host, first),
        _Step(f"read back {beside} beside it", lambda: _same(host, beside, other), beside.size_bytes),
        _Step(f"compare what lies around {ground.all}", around.compare),
    ]
    if everything:
        device = host.device.range
        steps.append(_Step("erase everything", host.erase_all, device.size_bytes, erases=True))
        steps += _blank_checks(host, *_spots(device))
    return steps


def _erase(host: Host, sector: AddressRange, words: str = "") -> _Step:
    return _Step(f"erase {sector} {words}".rstrip(), lambda: host.erase(sector), sector.size_bytes, erases=True)


def _blank_checks(host: Host, *ranges: AddressRange) -> list[_Step]:
    """Return a look at each range that must be erased; loaders of some kinds of memory need not erase anything."""
    if host.device.kind in ERASED_BY_WRITING:
        return []
    erased = bytes([host.device.erased_byte])
    return [
        _Step(f"blank check {each}", partial(_same, host, each, erased * each.size_bytes), each.size_bytes)
        for each in ranges
    ]


def _left_erased(ground: Ground, written: AddressRange) -> list[AddressRange]:
    """Return what lies around the bytes that were written; programming fills pages up with the erased value."""
    return [*without(ground.first, [written]), ground.second]


def _written(host: Host, sector: AddressRange) -> AddressRange:
    """Return where in a sector data are programmed: as near behind its start as the host does."""
    alignment = host.program_alignment_bytes
    offset = alignment if alignment < sector.size_bytes else 0
    room = min(sector.size_bytes - offset, ODD_BYTES)
    return AddressRange(start=sector.start + offset, size_bytes=room if room % 2 else max(room - 1, 1))


def _compares(loader: Loader) -> bool:
    """Tell whether a routine of the loader compares for its host, which reads back otherwise."""
    by = Routine.CHECKSUM if loader.flavour is Flavour.IAR else Routine.VERIFY
    return loader.entry_point(by) is not None


def _verify_steps(host: Host, written: AddressRange, data: bytes) -> list[_Step]:
    """Return comparisons with what was written, and with other bytes; whole units, as the tools do it."""
    padding = -written.size_bytes % host.program_alignment_bytes
    filled = data + bytes([host.device.erased_byte]) * padding
    last = len(data) - 1
    first_wrong = bytes([data[0] ^ 0xFF]) + filled[1:]
    last_wrong = filled[:last] + bytes([filled[last] ^ 1]) + filled[last + 1 :]
    size, start = written.size_bytes, written.start
    return [
        _Step(f"verify {written}", lambda: _verify(host, start, filled), size),
        _Step(f"verify {written} with the first byte wrong", lambda: _fails(_verify(host, start, first_wrong)), size),
        _Step(f"verify {written} with the last byte wrong", lambda: _fails(_verify(host, start, last_wrong)), size),
    ]


def _verify(host: Host, address: int, data: bytes) -> Outcome:
    """Compare in pieces that the host's buffer holds."""
    buffer = host.buffer.size_bytes
    size = buffer if host.program_alignment_bytes > 1 else max(buffer - _FILLED_UP_BYTES, 1)
    outcome = Outcome(succeeded=True, detail="nothing to do", instructions=None)
    for offset in range(0, len(data), size):
        outcome = host.verify(address + offset, data[offset : offset + size])
        if not outcome.succeeded:
            break
    return outcome


def _spots(device: AddressRange) -> list[AddressRange]:
    size = min(_SPOT_BYTES, device.size_bytes)
    return [
        AddressRange(start=start, size_bytes=size)
        for start in (device.start, device.start + (device.size_bytes - size) // 2 & -16, device.end - size)
    ]


class _Surroundings:
    """What lies right before the ground and right behind it, where the test has nothing to change."""

    def __init__(self, host: Host, ground: Ground) -> None:
        self._host = host
        device, ground_range = host.device.range, ground.all
        start = max(device.start, ground_range.start - _SURROUNDINGS_BYTES)
        end = min(device.end, ground_range.end + _SURROUNDINGS_BYTES)
        before = AddressRange(start=start, size_bytes=ground_range.start - start)
        behind = AddressRange(start=ground_range.end, size_bytes=end - ground_range.end)
        self._ranges = [each for each in (before, behind) if each.size_bytes]
        self._held: dict[AddressRange, bytes] = {}

    def remember(self) -> Outcome:
        """Read it."""
        outcome = _NOTHING_THERE
        for each in self._ranges:
            outcome = self._host.read(each)
            if not outcome.succeeded:
                break
            self._held[each] = outcome.data
        return outcome

    def compare(self) -> Outcome:
        """Read it again."""
        outcome = _NOTHING_THERE
        for each, held in self._held.items():
            outcome = _same(self._host, each, held)
            if not outcome.succeeded:
                break
        return outcome


_NOTHING_THERE = Outcome(succeeded=True, detail="nothing is there", instructions=None)


def _same(host: Host, wanted: AddressRange, expected: bytes) -> Outcome:
    found = host.read(wanted)
    if not found.succeeded:
        return found
    mismatch = first_mismatch(FirmwarePiece(wanted.start, expected), found.data)
    if mismatch is None:
        return Outcome(succeeded=True, detail="as expected", instructions=found.instructions)
    detail = f"0x{mismatch.found[:2]} in place of 0x{mismatch.expected[:2]} at 0x{mismatch.address:08x}"
    return Outcome(succeeded=False, detail=detail, instructions=found.instructions)


def _fails(outcome: Outcome) -> Outcome:
    """Return the outcome of what must fail."""
    words = "found" if not outcome.succeeded else "NOT found: this Verify cannot be trusted"
    return Outcome(not outcome.succeeded, f"{words} ({outcome.detail})", outcome.instructions)
