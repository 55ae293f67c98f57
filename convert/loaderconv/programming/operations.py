"""The operations of a host on a target, one after the other, each with what came of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from loaderconv.hosts.host import Host, Outcome, sectors_in
from loaderconv.programming.comparison import first_mismatch, together
from loaderconv.programming.failures import incomplete_words, naming_incomplete
from loaderconv.programming.plan import ProgrammingPlan
from loaderconv.programming.progress import Progress
from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.address_range import AddressRange, span
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.run_report import Mismatch, RunOperation

UNIT_BYTES = 0x1_0000
"""What is programmed, read or compared at a time: progress moves, and the loader is not initialised for every page."""

SECTORS_AT_A_TIME = 16
"""Of small sectors; of large ones as many as UNIT_BYTES hold four times, since each of them may take seconds."""

READ_BACK = "read back"
BY_LOADER = "the loader's Verify"

Unit = TypeVar("Unit", AddressRange, FirmwarePiece)


class Verification(StrEnum):
    """Who compares the memory with the file."""

    AUTO = "auto"
    READ = "read"
    LOADER = "loader"
    NONE = "none"


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
    touched = span(ranges)
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
        raise _unreadable(wanted, log.operations[-1].observed)
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
        raise _unreadable(wanted, outcome.detail)
    return bytes(data)


def verify(
    host: Host, pieces: Sequence[FirmwarePiece], how: Verification, log: RunLog, progress: Progress
) -> tuple[str | None, Mismatch | None]:
    """Compare the memory with pieces.

    Args:
        host: of the loader.
        pieces: what it must hold.
        how: who compares; AUTO reads back where that works, else asks the loader.
        log: takes what was done.
        progress: is told.

    Returns:
        Who compared, and the first difference with the count of all. There may be none although the loader found one:
        it does not tell where, and reading need not agree with it.

    Raises:
        RunFailed: the memory cannot be read, or the loader hangs or faults.
    """
    if how is Verification.NONE:
        return None, None
    if not begin(host, log):
        return None, None
    progress.begin("verify", sum(piece.size_bytes for piece in pieces))
    if how is not Verification.LOADER:
        try:
            return READ_BACK, _read_and_compare(host, pieces, log, progress)
        except _Unreadable:
            if how is Verification.READ:
                raise
    return _ask_loader(host, pieces, log, progress)


class _Unreadable(RunFailed):
    """A range, or the first part of it, cannot be read."""


def _unreadable(wanted: AddressRange, reason: str) -> _Unreadable:
    return _Unreadable(
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
    return _in_turn(groups, host.erase, progress)


def _program(host: Host, piece: FirmwarePiece, progress: Progress) -> Outcome:
    page = max(host.device.page_size_bytes, host.program_alignment_bytes, 1)
    units = _cut(piece, max(UNIT_BYTES // page, 1) * page)
    return _in_turn(units, lambda unit: host.program(unit.address, unit.data), progress)


def _or_incomplete(run: Callable[[], Outcome], incomplete: AddressRange) -> Outcome:
    """Let the outcome of what failed say what may be incomplete."""
    outcome = run()
    if outcome.succeeded:
        return outcome
    return replace(outcome, detail=f"{outcome.detail}; {incomplete_words(incomplete)}")


def _read_and_compare(host: Host, pieces: Sequence[FirmwarePiece], log: RunLog, progress: Progress) -> Mismatch | None:
    """Compare all pieces, also those behind a difference."""
    mismatch: Mismatch | None = None

    def run(piece: FirmwarePiece, read_first: Callable[[AddressRange], Outcome]) -> Outcome:
        nonlocal mismatch
        before = mismatch.count_bytes if mismatch is not None else 0
        outcome = Outcome(succeeded=True, detail="", instructions=None)
        for number, unit in enumerate(_cut(piece, UNIT_BYTES)):
            outcome = host.read(unit.range) if number else read_first(unit.range)
            if not outcome.succeeded:
                return outcome
            mismatch = together(mismatch, first_mismatch(unit, outcome.data))
            progress.advance(unit.size_bytes)
        count = (mismatch.count_bytes if mismatch is not None else 0) - before
        detail = f"{READ_BACK}, {count} bytes differ" if count else f"{READ_BACK}, the same"
        return replace(outcome, succeeded=not count, detail=detail, data=b"")

    for number, piece in enumerate(pieces):
        read_first = host.read if number else partial(_first_read, host)
        log.do(f"verify {piece.range}", piece.size_bytes, partial(run, piece, read_first))
    return mismatch


def _first_read(host: Host, wanted: AddressRange) -> Outcome:
    try:
        outcome = host.read(wanted)
    except RunFailed as problem:
        raise _unreadable(wanted, problem.message) from problem
    if not outcome.succeeded:
        raise _unreadable(wanted, outcome.detail)
    return outcome


def _ask_loader(
    host: Host, pieces: Sequence[FirmwarePiece], log: RunLog, progress: Progress
) -> tuple[str, Mismatch | None]:
    """Let the loader compare, until it finds a difference; hosts read back where the loader has no routine for it."""
    by = BY_LOADER
    for piece in pieces:
        units = list(_for_the_buffer(host, _filled_up(host, piece)))
        seen: list[FirmwarePiece] = []

        def run(units: Sequence[FirmwarePiece] = units, seen: list[FirmwarePiece] = seen) -> Outcome:
            def ask(unit: FirmwarePiece) -> Outcome:
                seen.append(unit)
                return host.verify(unit.address, unit.data)

            return _in_turn(units, ask, progress)

        outcome = log.do(f"verify {piece.range}", piece.size_bytes, run)
        by = READ_BACK if outcome.detail == READ_BACK else BY_LOADER
        if not outcome.succeeded:
            return by, _looked_at(host, seen[-1])
    return by, None


def _looked_at(host: Host, unit: FirmwarePiece) -> Mismatch | None:
    """Return what differs where the loader found a difference, as far as the memory can be read."""
    try:
        outcome = host.read(unit.range)
    except RunFailed:
        return None
    return first_mismatch(unit, outcome.data) if outcome.succeeded else None


def _filled_up(host: Host, piece: FirmwarePiece) -> FirmwarePiece:
    """Return a piece as the host hands it over: many a Verify compares words, and faults where none begins.

    What is added is what the memory holds; where it cannot be read the erased value, with which hosts fill up.
    """
    alignment, device = host.program_alignment_bytes, host.device
    before = (piece.address - device.base_address) % alignment
    after = max(min(-(piece.range.end - device.base_address) % alignment, device.range.end - piece.range.end), 0)
    head = _held(host, AddressRange(start=piece.address - before, size_bytes=before))
    return FirmwarePiece(
        piece.address - before,
        head + piece.data + _held(host, AddressRange(start=piece.range.end, size_bytes=after)),
    )


def _held(host: Host, wanted: AddressRange) -> bytes:
    if wanted.size_bytes:
        try:
            outcome = host.read(wanted)
        except RunFailed:
            pass
        else:
            if outcome.succeeded:
                return outcome.data
    return bytes([host.device.erased_byte]) * wanted.size_bytes


def _for_the_buffer(host: Host, piece: FirmwarePiece) -> Iterator[FirmwarePiece]:
    """Cut a piece where the host programs, and at words: it may fill the first and the last one up."""
    grain = max(host.program_alignment_bytes, 4)
    size = max(min(host.buffer.size_bytes, UNIT_BYTES) // grain * grain, grain)
    first = size - (piece.address - host.device.base_address) % grain
    yield FirmwarePiece(piece.address, piece.data[:first])
    if first < piece.size_bytes:
        yield from _cut(FirmwarePiece(piece.address + first, piece.data[first:]), size)


def _in_turn(units: Sequence[Unit], run: Callable[[Unit], Outcome], progress: Progress) -> Outcome:
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


def _cut(piece: FirmwarePiece, size_bytes: int) -> list[FirmwarePiece]:
    return [
        FirmwarePiece(piece.address + offset, piece.data[offset : offset + size_bytes])
        for offset in range(0, piece.size_bytes, size_bytes)
    ]


def _spans(wanted: AddressRange) -> Iterator[AddressRange]:
    for start in range(wanted.start, wanted.end, UNIT_BYTES):
        yield AddressRange(start=start, size_bytes=min(UNIT_BYTES, wanted.end - start))
