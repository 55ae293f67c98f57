"""The operations that both hosts carry out, one by one, so that what they lead to can be compared.

Places are offsets from the start of the memory: the hosts may have it at different addresses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from math import lcm

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.hosts.host import Outcome
from loaderconv.simulation.desk import Desk, pattern
from loaderconv.simulation.full import MAX_BORDERS, can_erase_everything
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.entry_point import Routine

PROGRAMMED_UNITS = 3
"""How many pages in a row are programmed, each in an operation of its own."""

MAX_UNIT_BYTES = 0x1_0000


@dataclass(frozen=True)
class Span:
    """A part of the memory.

    Attributes:
        offset_bytes: of its first byte.
        size_bytes: how long it is.
    """

    offset_bytes: int
    size_bytes: int

    @property
    def end_bytes(self) -> int:
        """Offset behind its last byte."""
        return self.offset_bytes + self.size_bytes

    def at(self, desk: Desk) -> AddressRange:
        """Return its addresses for a host."""
        return AddressRange(start=desk.device.base_address + self.offset_bytes, size_bytes=self.size_bytes)

    def __str__(self) -> str:
        return f"0x{self.offset_bytes:06x}, {self.size_bytes} bytes"


@dataclass(frozen=True)
class ProofStep:
    """One operation.

    Attributes:
        operation: in words.
        run: carries it out at a desk.
        compares_accesses: both hosts cause the same calls of the source, so that each access can be compared.
        dirt: what is written over from behind before it, at both desks.
        soils_neighbours: what lies around that, too: it must stay.
        failing: what the memory lets fail.
    """

    operation: str
    run: Callable[[Desk], Outcome]
    compares_accesses: bool = False
    dirt: Span | None = None
    soils_neighbours: bool = False
    failing: FlashOperation | None = None


def proof_steps(source: Desk, converted: Desk) -> Iterator[ProofStep]:
    """Yield what can be asked of both loaders, on the memory as the source describes it."""
    runs = source.device.sectors
    first = Span(0, runs[0].sector_size_bytes)
    unit = _unit_bytes(source, converted)
    yield _start("initialise")
    yield from _pages(runs[0], unit)
    yield _start("initialise again")
    yield from _verifications(source, converted, Span(0, min(unit, first.size_bytes)))
    yield from _borders(runs)
    yield from _odd_pieces(source, converted, first, unit)
    yield from _end(runs[-1], unit)
    if source.memory is not None and converted.memory is not None:
        yield from _failures(first, unit)
    if can_erase_everything(source) and can_erase_everything(converted):
        yield ProofStep("erase the whole device", lambda desk: desk.host.erase_all())


def _pages(run: SectorRun, unit: int) -> Iterator[ProofStep]:
    """Erase sectors one by one, as many as take some pages, and program these."""
    count = min(PROGRAMMED_UNITS, max(run.size_bytes // unit, 1))
    size = min(unit, run.size_bytes)
    for start in range(run.offset_bytes, run.offset_bytes + count * size, run.sector_size_bytes):
        yield _erase(Span(start, run.sector_size_bytes), soils_neighbours=start == run.offset_bytes)
    for number in range(count):
        yield _program(number * unit, pattern(size, seed=5 + number), compares_accesses=True)


def _verifications(source: Desk, converted: Desk, wanted: Span) -> Iterator[ProofStep]:
    """Let both hosts compare what was programmed first, by whichever routine."""
    routines = (Routine.VERIFY, Routine.CHECKSUM, Routine.READ)
    if not all(any(desk.has(routine) for routine in routines) for desk in (source, converted)):
        return
    data = pattern(wanted.size_bytes, seed=5)
    yield _verify("verify the first bytes", data)
    yield _verify("verify with the first byte wrong", bytes([data[0] ^ 0xFF]) + data[1:])
    yield _verify("verify with the last byte wrong", data[:-1] + bytes([data[-1] ^ 1]))


def _borders(runs: tuple[SectorRun, ...]) -> Iterator[ProofStep]:
    """Erase on both sides of a border between runs, one by one and together."""
    for lower, upper in islice(pairwise(runs), MAX_BORDERS):
        border = lower.end_offset_bytes
        if border == upper.offset_bytes:
            below = Span(border - lower.sector_size_bytes, lower.sector_size_bytes)
            above = Span(border, upper.sector_size_bytes)
            yield _erase(below)
            yield _erase(above)
            yield _erase(Span(below.offset_bytes, below.size_bytes + above.size_bytes), compares_accesses=False)


def _odd_pieces(source: Desk, converted: Desk, first: Span, unit: int) -> Iterator[ProofStep]:
    """Pieces that do not fill pages: the hosts cut and fill up in ways of their own, so effects alone are compared."""
    yield _erase(first)
    size = min(unit + 3, first.size_bytes - 1) | 1
    yield _program(0, pattern(size, seed=77), compares_accesses=False)
    if lcm(source.host.program_alignment_bytes, converted.host.program_alignment_bytes) == 1:
        yield _erase(first)
        yield _program(1, pattern(size - 2, seed=33), compares_accesses=False)


def _end(run: SectorRun, unit: int) -> Iterator[ProofStep]:
    """Erase the last sector, and program up to the last byte."""
    last = Span(run.end_offset_bytes - run.sector_size_bytes, run.sector_size_bytes)
    yield _erase(last)
    if last.size_bytes >= unit and last.end_bytes % unit == 0:
        yield _program(last.end_bytes - unit, pattern(unit, seed=19), compares_accesses=True)


def _failures(first: Span, unit: int) -> Iterator[ProofStep]:
    data = pattern(min(unit, first.size_bytes), seed=57)
    yield ProofStep(
        f"erase {first} while the memory fails",
        lambda desk: desk.host.erase(first.at(desk)),
        dirt=first,
        failing=FlashOperation.ERASE,
    )
    yield _erase(first)
    yield ProofStep(
        f"program {len(data)} bytes at 0x000000 while the memory fails",
        lambda desk: desk.host.program(desk.device.base_address, data),
        failing=FlashOperation.PROGRAM,
    )
    yield _erase(first)


def _start(operation: str) -> ProofStep:
    return ProofStep(operation, lambda desk: desk.host.start())


def _erase(sectors: Span, *, compares_accesses: bool = True, soils_neighbours: bool = True) -> ProofStep:
    return ProofStep(
        f"erase {sectors}",
        lambda desk: desk.host.erase(sectors.at(desk)),
        compares_accesses,
        dirt=sectors,
        soils_neighbours=soils_neighbours,
    )


def _program(offset: int, data: bytes, *, compares_accesses: bool) -> ProofStep:
    return ProofStep(
        f"program {len(data)} bytes at 0x{offset:06x}",
        lambda desk: desk.host.program(desk.device.base_address + offset, data),
        compares_accesses,
    )


def _verify(operation: str, data: bytes) -> ProofStep:
    return ProofStep(operation, lambda desk: desk.host.verify(desk.device.base_address, data))


def _unit_bytes(source: Desk, converted: Desk) -> int:
    """Return what both hosts program in one operation with the same calls of the source."""
    pages = source.device.page_size_bytes, converted.device.page_size_bytes
    unit = lcm(*pages)
    return max(pages) if unit > MAX_UNIT_BYTES else unit
