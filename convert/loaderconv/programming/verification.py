"""Whether a memory holds what it must: read back, or compared by the loader."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial

from loaderconv.hosts.host import Host, Outcome
from loaderconv.programming.comparison import first_mismatch, together
from loaderconv.programming.operations import UNIT_BYTES, RunLog, Unreadable, begin, cut, in_turn, unreadable
from loaderconv.programming.progress import Progress
from loaderconv_formats.firmware.image import FirmwarePiece
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.run_report import Mismatch

READ_BACK = "read back"
BY_LOADER = "the loader's Verify"


class Verification(StrEnum):
    """Who compares the memory with the file."""

    AUTO = "auto"
    READ = "read"
    LOADER = "loader"
    NONE = "none"


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
        except Unreadable:
            if how is Verification.READ:
                raise
    return _ask_loader(host, pieces, log, progress)


def _read_and_compare(host: Host, pieces: Sequence[FirmwarePiece], log: RunLog, progress: Progress) -> Mismatch | None:
    """Compare all pieces, also those behind a difference."""
    mismatch: Mismatch | None = None

    def run(piece: FirmwarePiece, read_first: Callable[[AddressRange], Outcome]) -> Outcome:
        nonlocal mismatch
        before = mismatch.count_bytes if mismatch is not None else 0
        outcome = Outcome(succeeded=True, detail="", instructions=None)
        for number, unit in enumerate(cut(piece, UNIT_BYTES)):
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
        raise unreadable(wanted, problem.message) from problem
    if not outcome.succeeded:
        raise unreadable(wanted, outcome.detail)
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

            return in_turn(units, ask, progress)

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
        yield from cut(FirmwarePiece(piece.address + first, piece.data[first:]), size)
