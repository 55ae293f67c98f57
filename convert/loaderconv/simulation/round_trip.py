"""The scenario that every loader must pass: erase, program, verify right and wrong, read back, erase all."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

from loaderconv.hosts.host import Host, Outcome
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.timeline import TimelineEntry

_PATTERN_STEP = 37
"""Odd and not a power of two, so that a byte in the wrong place differs."""


class Ability(Enum):
    """What not every loader allows its host."""

    READING = "reading"
    VERIFYING = "verifying"


@dataclass(frozen=True)
class _Step:
    """One operation and what makes it right, beyond the host's own verdict."""

    operation: str
    expected: str
    run: Callable[[], Outcome]
    is_right: Callable[[Outcome], bool]
    needs: Ability | None = None


def round_trip(host: Host, abilities: Collection[Ability] = tuple(Ability)) -> tuple[TimelineEntry, ...]:
    """Run the scenario on the first two sectors of the device and return what happened.

    The data start at the second page, where there is one, and end inside a page. An operation that goes wrong is
    recorded; the later ones run all the same, because they show what the first failure led to.

    Args:
        host: with a loader.
        abilities: what host and loader can do besides erasing and programming; steps that need others are left out.

    Raises:
        RunFailed: the loader hung, faulted or broke the calling convention.
    """
    return tuple(_record(step) for step in _steps(host) if step.needs is None or step.needs in abilities)


def _steps(host: Host) -> list[_Step]:
    device = host.device
    sectors = AddressRange(start=device.base_address, size_bytes=_two_sectors(host))
    start = device.base_address + (device.page_size_bytes if device.page_size_bytes < sectors.size_bytes else 0)
    size = min(3 * device.page_size_bytes + 5, sectors.end - start)
    data = bytes((index * _PATTERN_STEP + 11) & 0xFF for index in range(size))
    erased = bytes([device.erased_byte])
    written = erased * (start - sectors.start) + data + erased * (sectors.end - start - size)
    return [
        _Step(f"erase {sectors}", "success", lambda: host.erase(sectors), _succeeded),
        _Step(
            f"read {sectors}",
            f"all 0x{device.erased_byte:02x}",
            lambda: host.read(sectors),
            lambda outcome: outcome.data == erased * sectors.size_bytes,
            Ability.READING,
        ),
        _Step(f"program {size} bytes at 0x{start:08x}", "success", lambda: host.program(start, data), _succeeded),
        _Step("verify the same bytes", "equal", lambda: host.verify(start, data), _succeeded, Ability.VERIFYING),
        _Step(
            "verify with the first byte wrong",
            "different",
            lambda: host.verify(start, bytes([data[0] ^ 0xFF]) + data[1:]),
            _found_a_difference,
            Ability.VERIFYING,
        ),
        _Step(
            "verify with the last byte wrong",
            "different",
            lambda: host.verify(start, data[:-1] + bytes([data[-1] ^ 0xFF])),
            _found_a_difference,
            Ability.VERIFYING,
        ),
        _Step(
            f"read {sectors}",
            "the programmed bytes, the rest erased",
            lambda: host.read(sectors),
            lambda outcome: outcome.data == written,
            Ability.READING,
        ),
        _Step("erase the whole device", "success", host.erase_all, _succeeded),
        _Step(
            f"read {sectors}",
            f"all 0x{device.erased_byte:02x}",
            lambda: host.read(sectors),
            lambda outcome: outcome.data == erased * sectors.size_bytes,
            Ability.READING,
        ),
    ]


def _two_sectors(host: Host) -> int:
    """Return the size of the first two sectors, of the only one where there are not two."""
    run = host.device.sectors[0]
    return min(2 * run.sector_size_bytes, host.device.size_bytes)


def _record(step: _Step) -> TimelineEntry:
    outcome = step.run()
    return TimelineEntry(
        operation=step.operation,
        expected=step.expected,
        observed=outcome.detail,
        passed=step.is_right(outcome),
        instructions=outcome.instructions,
    )


def _found_a_difference(outcome: Outcome) -> bool:
    """Tell a mismatch from an Init that failed before anything was compared."""
    return not outcome.succeeded and not outcome.detail.startswith("Init")


def _succeeded(outcome: Outcome) -> bool:
    return outcome.succeeded
