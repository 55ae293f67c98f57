"""What every host offers: the same operations, whatever the flavour of the loader under it."""

from dataclasses import dataclass
from typing import Protocol

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device


@dataclass(frozen=True)
class Outcome:
    """What an operation came to, as the host judges it.

    Attributes:
        succeeded: the verdict.
        detail: which routine answered what, for a person.
        instructions: executed by all calls of the operation; None on a core that cannot count.
        data: bytes that were read; empty for other operations.
    """

    succeeded: bool
    detail: str
    instructions: int | None
    data: bytes = b""


class Host(Protocol):
    """A tool that drives a loader. Addresses are the device's own.

    All operations raise RunFailed where the loader hangs, faults or breaks the calling convention; an error that the
    loader reports is an outcome.
    """

    @property
    def name(self) -> str:
        """The tool that is played."""

    @property
    def device(self) -> Device:
        """The memory as the loader describes it."""

    @property
    def stack(self) -> AddressRange:
        """The RAM that the host leaves for the stack; it grows down from the end."""

    @property
    def buffer(self) -> AddressRange:
        """The RAM in which the host hands data over."""

    @property
    def moved_by(self) -> int:
        """Difference between the loader's addresses in memory and those for which it was linked."""

    @property
    def program_alignment_bytes(self) -> int:
        """Where `program` may start: multiples of this from the base of the device."""

    @property
    def keeps_session(self) -> bool:
        """Whether the loader is initialised once for several operations."""

    def start(self) -> Outcome:
        """Do what the tool does before it works with the loader, and nothing else; again where it was done before."""

    def erase(self, wanted: AddressRange) -> Outcome:
        """Erase every sector that overlaps a range."""

    def erase_block(self, block: AddressRange) -> Outcome:
        """Ask for one block, whether or not the device has it there."""

    def erase_all(self) -> Outcome:
        """Erase the whole device."""

    def program(self, address: int, data: bytes) -> Outcome:
        """Program bytes; the range was erased before."""

    def program_piece(self, address: int, data: bytes) -> Outcome:
        """Hand one piece over as it is, at most as many bytes as the buffer holds, wherever it shall go."""

    def read(self, wanted: AddressRange) -> Outcome:
        """Read bytes back."""

    def verify(self, address: int, data: bytes) -> Outcome:
        """Compare the device with bytes; a mismatch is an outcome that did not succeed."""

    def end(self) -> Outcome:
        """Do what the tool does when it is done with the loader; nothing where every operation ends by itself."""


def add_instructions(first: int | None, second: int | None) -> int | None:
    """Return the sum, None where one of them is unknown."""
    return None if first is None or second is None else first + second


def sectors_in(device: Device, wanted: AddressRange) -> list[AddressRange]:
    """Return the sectors that overlap a range, in address order."""
    found = []
    for run in device.sectors:
        base = device.base_address + run.offset_bytes
        lowest = max((wanted.start - base) // run.sector_size_bytes, 0)
        end = min(-((base - wanted.end) // run.sector_size_bytes), run.count)
        for number in range(lowest, end):
            start = base + number * run.sector_size_bytes
            sector = AddressRange(start=start, size_bytes=run.sector_size_bytes)
            if sector.overlaps(wanted):
                found.append(sector)
    return found
