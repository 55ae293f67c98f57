"""The operations of a host on a target, one after the other, each with what came of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from loaderconv.hosts.host import Host, Outcome, sectors_in
from loaderconv.programming.failures import incomplete_words, naming_incomplete
from loaderconv.programming.plan import ProgrammingPlan
from loaderconv.programming.progress import Progress
from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.run_report import RunOperation

UNIT_BYTES = 0x1_0000
"""What is read or compared at a time: progress moves, and the loader is not initialised for every page."""

PROGRAM_BYTES = 0x4000
"""What is programmed at a time; serial memories take seconds for more."""

SECTORS_AT_A_TIME = 16
"""Of small sectors; of large ones as many as UNIT_BYTES hold four times, since each of them may take seconds."""

Unit = TypeVar("Unit", AddressRange, FirmwarePiece)


class RunLog:
    """What was done, in order.

    Attributes:
        operations: as they are reported.
    """

    def __init__(self) -> None:
        self.operations: list[RunOperation] = []

    @property
    def passed(self) -> bool:
        """Whether nothing failed so far."""
        return all(each.passed for each in self.operations)

    def do(self, operation: str, size_bytes: int, run: Callable[[], Outcome]) -> Outcome:
        """Carry an operation out and write it down, unless it raises something."""
        start = time.monotonic()
        outcome = run()
        self.operations.append(
            RunOperation(
                operation=operation,
                observed=outcome.detail,
                passed=outcome.succeeded,
                size_bytes=size_bytes,
                duration_ms=round((time.monotonic() - start) * 1000, 1),
            )
        )
        return outcome


def start(host: Host, log: RunLog) -> bool:
    """Let the host initialise the loader, and tell whether that agreed."""
    return log.do("initialise", 0, host.start).succeeded


def begin(host: Host, log: RunLog) -> bool:
    """Start a host that keeps sessions, unless it did something before, and tell whether the loader agreed.

    Without a session nobody prepared the memory for being read, and what such a host knows of the device may be wrong:
    the loader may tell it other sectors when it is initialised.
    """
    return not host.keeps_session or bool(log.operations) or start(host, log)


def erase(host: Host, ranges: Sequence[AddressRange], log: RunLog, progress: Progress) -> bool:
    """Erase the sectors that overlap some ranges, of which there is at least one.

    Returns:
        Whether the loader reported no error; what follows an error is left alone.

    Raises:
        LeftIncomplete: it does not come to its end.
    """
    if not begin(host, log):
        return False
    touched = span([sector for each in ranges for sector in sectors_in(host.device, each)] or ranges)
    with naming_incomplete(touched):
        return _erase(host, ranges, touched, log, progress)


def erase_all(host: Host, log: RunLog) -> bool:
    """Erase the whole device. Raises LeftIncomplete where it does not come to its end."""
    device = host.device.range
    with naming_incomplete(device):
        run = partial(_or_incomplete, host.erase_all, device)
        return log.do("erase everything", device.size_bytes, run).succeeded


def program(host: Host, plan: ProgrammingPlan, log: RunLog, progress: Progress) -> bool:
    """Erase and program what a plan says.

    Returns:
        Whether the loader reported no error; what follows an error is left alone.

    Raises:
        LeftIncomplete: it does not come to its end.
    """
    with naming_incomplete(plan.touched):
        if not _erase(host, plan.erase, plan.touched, log, progress):
            return False
        progress.begin("program", plan.program_bytes)
        for piece in plan.program:
            run = partial(_or_incomplete, partial(_program, host, piece, progress), plan.touched)
            if not log.do(f"program {piece.range}", piece.size_bytes, run).succeeded:
                return False
    return True


def read(host: Host, wanted: AddressRange, log: RunLog, progress: Progress) -> bytes:
    """Read a range. Raises RunFailed where the memory cannot be read."""
    if not begin(host, log):
        raise unreadable(wanted, log.operations[-1].observed)
    progress.begin("read", wanted.size_bytes)
    data = bytearray()

    def run() -> Outcome:
        outcome = Outcome(succeeded=True, detail="nothing to do", instructions=None)
        for unit in _spans(wanted):
            outcome = host.read(unit)
            if not outcome.succeeded:
                break
            data.extend(outcome.data)
            progress.advance(unit.size_bytes)
        return outcome

    outcome = log.do(f"read {wanted}", wanted.size_bytes, run)
    if not outcome.succeeded:
        raise unreadable(wanted, outcome.detail)
    return bytes(data)


class Unreadable(RunFailed):
    """A range, or the first part of it, cannot be read."""


def unreadable(wanted: AddressRange, reason: str) -> Unreadable:
    """Return the failure that says why."""
    return Unreadable(
        f"{wanted} could not be read: {reason.rstrip('.')}.",
        hint="Is the memory mapped there once the loader is initialised? Its Verify may do without: --verify loader.",
    )


def _erase(host: Host, ranges: Sequence[AddressRange], touched: AddressRange, log: RunLog, progress: Progress) -> bool:
    groups = [_groups(host, wanted) for wanted in ranges]
    progress.begin("erase", sum(each.size_bytes for group in groups for each in group))
    for wanted, group in zip(ranges, groups, strict=True):
        covered = span(group) if group else wanted
        run = partial(_or_incomplete, partial(_erase_groups, host, wanted, group, progress), touched)
        if not log.do(f"erase {covered}", covered.size_bytes, run).succeeded:
            return False
    return True


def _erase_groups(host: Host, wanted: AddressRange, groups: Sequence[AddressRange], progress: Progress) -> Outcome:
    if not groups:
        return Outcome(succeeded=False, detail=f"no sector in {wanted}", instructions=None)
    return in_turn(groups, host.erase, progress)


def _program(host: Host, piece: FirmwarePiece, progress: Progress) -> Outcome:
    page = max(host.device.page_size_bytes, host.program_alignment_bytes, 1)
    units = cut(piece, max(PROGRAM_BYTES // page, 1) * page)
    return in_turn(units, lambda unit: host.program(unit.address, unit.data), progress)


def _or_incomplete(run: Callable[[], Outcome], incomplete: AddressRange) -> Outcome:
    """Let the outcome of what failed say what may be incomplete."""
    outcome = run()
    if outcome.succeeded:
        return outcome
    return replace(outcome, detail=f"{outcome.detail}; {incomplete_words(incomplete)}")


def in_turn(units: Sequence[Unit], run: Callable[[Unit], Outcome], progress: Progress) -> Outcome:
    """Run over all units until one fails."""
    outcome = Outcome(succeeded=True, detail="nothing to do", instructions=None)
    for unit in units:
        outcome = run(unit)
        if not outcome.succeeded:
            break
        progress.advance(unit.size_bytes)
    return outcome


def _groups(host: Host, wanted: AddressRange) -> list[AddressRange]:
    """Return the sectors of a range in groups that are erased at a time."""
    groups: list[AddressRange] = []
    held = 0
    for sector in sectors_in(host.device, wanted):
        is_room = groups and held < SECTORS_AT_A_TIME and groups[-1].size_bytes + sector.size_bytes <= 4 * UNIT_BYTES
        if is_room:
            groups[-1] = span((groups[-1], sector))
        else:
            groups.append(sector)
        held = held + 1 if is_room else 1
    return groups


def cut(piece: FirmwarePiece, size_bytes: int) -> list[FirmwarePiece]:
    """Return a piece in parts of a size; the last one may be smaller."""
    return [
        FirmwarePiece(piece.address + offset, piece.data[offset : offset + size_bytes])
        for offset in range(0, piece.size_bytes, size_bytes)
    ]


def _spans(wanted: AddressRange) -> Iterator[AddressRange]:
    for start in range(wanted.start, wanted.end, UNIT_BYTES):
        yield AddressRange(start=start, size_bytes=min(UNIT_BYTES, wanted.end - start))
