"""Where a scenario works: a host with a loader in front of it, the memory seen from behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.hosts.host import Host, Outcome
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.timeline import TimelineEntry

NEIGHBOUR_BYTES = 16
"""How much of what lies in front of a range and behind it is watched."""

DIRT = 0x5A
"""In which bits memory that must be erased differs from erased memory."""

_PATTERN_STEP = 167
"""Odd and not a power of two, so that a byte in the wrong place differs."""


def _nobody(_operation: str) -> None:
    """Listen to nothing."""


def _no_reset() -> None:
    """Reset nothing."""


@dataclass
class Desk:
    """One loader under its host.

    Attributes:
        host: with the loader downloaded.
        loader: what was read of it.
        memory: what the loader erases and programs; None where nothing models it, and then verdicts are all there is.
        violations: of all devices; a read of the host that breaks a rule of theirs is none of the loader's.
        recover: resets the devices, after a fault that is not held against the loader.
        named: called with the words for each operation before it begins.
        current: the words for the operation that was begun last.
    """

    host: Host
    loader: Loader
    memory: FlashMemory | None
    violations: Callable[[], Sequence[list[str]]] = tuple
    recover: Callable[[], None] = _no_reset
    named: Callable[[str], None] = _nobody
    current: str = "prepare"

    @property
    def device(self) -> Device:
        """The memory as the host knows it."""
        return self.host.device

    def offset(self, address: int) -> int:
        """Return the offset of an address from the start of the device."""
        return address - self.device.base_address

    def has(self, routine: Routine) -> bool:
        """Tell whether the loader has a routine."""
        return self.loader.entry_point(routine) is not None

    def fill(self, wanted: AddressRange, value: int) -> None:
        """Make the memory hold a byte everywhere in a range."""
        if self.memory is not None:
            self.memory.poke(self.offset(wanted.start), bytes([value]) * wanted.size_bytes)

    def soil(self, wanted: AddressRange) -> None:
        """Make both ends of a range hold what an erased memory does not."""
        size = min(NEIGHBOUR_BYTES, wanted.size_bytes)
        for start in (wanted.start, wanted.end - size):
            self.fill(AddressRange(start=start, size_bytes=size), self.device.erased_byte ^ DIRT)

    def soil_around(self, wanted: AddressRange) -> None:
        """Make what lies in front of a range and behind it hold what an erased memory does not."""
        for each in self.neighbours(wanted):
            self.fill(each, self.device.erased_byte ^ DIRT)

    def neighbours(self, wanted: AddressRange) -> tuple[AddressRange, AddressRange]:
        """Return what lies right in front of a range and right behind it, as far as that is in the device."""
        before = max(wanted.start - NEIGHBOUR_BYTES, self.device.base_address)
        behind = min(wanted.end + NEIGHBOUR_BYTES, self.device.range.end)
        return (
            AddressRange(start=before, size_bytes=max(wanted.start - before, 0)),
            AddressRange(start=wanted.end, size_bytes=max(behind - wanted.end, 0)),
        )

    def held(self, wanted: AddressRange) -> bytes | None:
        """Return what the memory holds, None where nothing models it."""
        return None if self.memory is None else self.memory.peek(self.offset(wanted.start), wanted.size_bytes)

    def around(self, wanted: AddressRange) -> tuple[bytes | None, bytes | None]:
        """Return what the memory holds in front of a range and behind it."""
        before, behind = self.neighbours(wanted)
        return self.held(before), self.held(behind)

    def is_blank(self, wanted: AddressRange) -> bool:
        """Tell whether a range is erased; where nothing models the memory, nothing contradicts."""
        held = self.held(wanted)
        return held is None or held == bytes([self.device.erased_byte]) * wanted.size_bytes

    def holds(self, address: int, data: bytes) -> bool:
        """Tell whether the memory holds bytes; where nothing models it, nothing contradicts."""
        return self.held(AddressRange(start=address, size_bytes=len(data))) in (None, data)

    def read(self, wanted: AddressRange) -> Outcome | None:
        """Let the host read, None where neither the loader nor the memory map lets it."""
        before = [len(each) for each in self.violations()]
        try:
            outcome = self.host.read(wanted)
        except RunFailed:
            if self.has(Routine.READ):
                raise
            outcome = None
        for each, count in zip(self.violations(), before, strict=True):
            if not self.has(Routine.READ) and len(each) > count:
                del each[count:]
                outcome = None
        return outcome

    def forgiving(self, run: Callable[[], Outcome]) -> Outcome:
        """Run what makes even a correct loader break rules of the devices, and do not count that."""
        before = [len(each) for each in self.violations()]
        try:
            return run()
        finally:
            for each, count in zip(self.violations(), before, strict=True):
                del each[count:]

    def tried(
        self, operation: str, expected: str, run: Callable[[], Outcome], is_right: Callable[[Outcome], bool]
    ) -> TimelineEntry:
        """Run an operation and write down what came of it."""
        self.current = operation
        self.named(operation)
        told = 0 if self.memory is None else len(self.memory.commands)
        outcome = run()
        return TimelineEntry(
            operation=operation,
            expected=expected,
            observed=outcome.detail,
            passed=is_right(outcome),
            instructions=outcome.instructions,
            commands=() if self.memory is None else tuple(self.memory.commands[told:]),
        )


def succeeded(outcome: Outcome) -> bool:
    """Tell whether the host is content."""
    return outcome.succeeded


def pattern(size_bytes: int, seed: int = 5) -> bytes:
    """Return bytes of which no two neighbours, and no two at the distance of a page, are equal."""
    return bytes((index * _PATTERN_STEP + (index >> 8) * 29 + seed) & 0xFF for index in range(size_bytes))
