"""The on-target recipe: whether a loader does on a board what its host expects of it.

Two sectors are erased, looked at, written at an odd place with an odd length, read back, compared, erased again; twice,
as a second session often finds what the first one left behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from loaderconv.hosts.host import Host, Outcome, sectors_in
from loaderconv.programming.failures import naming_incomplete
from loaderconv.programming.operations import RunLog
from loaderconv.simulation.desk import pattern
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Loader

SESSIONS = 2
ODD_BYTES = 1027
"""No multiple of a page, a word or a halfword; less where a sector is smaller."""

_SPOT_BYTES = 0x1000


@dataclass(frozen=True)
class Ground:
    """Where the test works.

    Attributes:
        first: a sector.
        second: another one, the next where there are several.
    """

    first: AddressRange
    second: AddressRange

    @property
    def all(self) -> AddressRange:
        """Both."""
        start = min(self.first.start, self.second.start)
        return AddressRange(start=start, size_bytes=max(self.first.end, self.second.end) - start)


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
    if len(sectors) < 2:
        raise UsageProblem(
            f"The self-test needs two whole sectors, and {allowed or device.range} has {len(sectors)}.",
            hint="Name a larger --range.",
        )
    return Ground(sectors[-2], sectors[-1])


def selftest(host: Host, loader: Loader, ground: Ground, log: RunLog, *, everything: bool) -> None:
    """Carry the recipe out, until something fails.

    Args:
        host: with the loader.
        loader: what was read of it.
        ground: the two sectors.
        log: takes what was done.
        everything: erase the whole device, too.

    Raises:
        LeftIncomplete: the loader hung or faulted.
    """
    for session in range(1, SESSIONS + 1):
        for step in _steps(host, loader, ground, session, everything=everything):
            with naming_incomplete(host.device.range if everything else ground.all):
                log.do(step.words, step.size_bytes, step.run)
            if not log.passed:
                return


@dataclass(frozen=True)
class _Step:
    words: str
    run: Callable[[], Outcome]
    size_bytes: int = 0


def _steps(host: Host, loader: Loader, ground: Ground, session: int, *, everything: bool) -> list[_Step]:
    first, second = ground.first, ground.second
    alignment = host.program_alignment_bytes
    offset = alignment if alignment < first.size_bytes else 0
    room = min(first.size_bytes - offset, ODD_BYTES)
    size = room if room % 2 else max(room - 1, 1)
    written = AddressRange(start=first.start + offset, size_bytes=size)
    data = pattern(size, seed=session)
    wrong = bytes([data[0] ^ 0xFF]) + data[1:]
    steps = [
        _Step(f"session {session}: initialise", host.start),
        _Step(f"erase {first}", lambda: host.erase(first), first.size_bytes),
        _Step(f"erase {second}", lambda: host.erase(second), second.size_bytes),
        *(_Step(f"blank check {each}", partial(_blank, host, each), each.size_bytes) for each in (first, second)),
        _Step(f"program {written}", lambda: host.program(written.start, data), size),
        _Step(f"read back {written}", lambda: _same(host, written, data), size),
        _Step(f"neighbours of {written}", lambda: _untouched(host, ground, written)),
    ]
    if loader.entry_point(Routine.VERIFY) is not None:
        steps += [
            _Step(f"verify {written}", lambda: host.verify(written.start, data), size),
            _Step(f"verify {written} with a wrong byte", lambda: _fails(host.verify(written.start, wrong)), size),
        ]
    steps.append(_Step(f"erase {first} again", lambda: host.erase(first), first.size_bytes))
    steps.append(_Step(f"blank check {first}", lambda: _blank(host, first), first.size_bytes))
    if everything:
        device = host.device.range
        steps.append(_Step("erase everything", host.erase_all, device.size_bytes))
        steps += [_Step(f"blank check {each}", partial(_blank, host, each)) for each in _spots(device)]
    return steps


def _spots(device: AddressRange) -> list[AddressRange]:
    size = min(_SPOT_BYTES, device.size_bytes)
    return [
        AddressRange(start=start, size_bytes=size)
        for start in (device.start, device.start + (device.size_bytes - size) // 2 & -16, device.end - size)
    ]


def _blank(host: Host, wanted: AddressRange) -> Outcome:
    return _same(host, wanted, bytes([host.device.erased_byte]) * wanted.size_bytes)


def _same(host: Host, wanted: AddressRange, expected: bytes) -> Outcome:
    found = host.read(wanted)
    if not found.succeeded:
        return found
    different = next((at for at, byte in enumerate(found.data) if byte != expected[at]), None)
    if different is None:
        return Outcome(succeeded=True, detail="as expected", instructions=found.instructions)
    detail = (
        f"0x{found.data[different]:02x} in place of 0x{expected[different]:02x} at 0x{wanted.start + different:08x}"
    )
    return Outcome(succeeded=False, detail=detail, instructions=found.instructions)


def _untouched(host: Host, ground: Ground, written: AddressRange) -> Outcome:
    """Look at what lies around the bytes that were written; programming fills pages up with the erased value."""
    for start, end in ((ground.first.start, written.start), (written.end, ground.first.end)):
        if start < end:
            outcome = _blank(host, AddressRange(start=start, size_bytes=end - start))
            if not outcome.succeeded:
                return outcome
    return _blank(host, ground.second)


def _fails(outcome: Outcome) -> Outcome:
    """Return the outcome of what must fail."""
    words = "found" if not outcome.succeeded else "NOT found: this Verify cannot be trusted"
    return Outcome(not outcome.succeeded, f"{words} ({outcome.detail})", outcome.instructions)
