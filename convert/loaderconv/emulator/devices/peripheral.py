"""What a device model is to the emulated machine: windows in the address space, and violations that it counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from loaderconv_schemas.address_range import AddressRange


class BusFault(Exception):
    """Raised by a model from `read` or `write` where silicon would answer with a bus error."""


@dataclass(frozen=True)
class Window:
    """A range of the address space that a device answers.

    Accesses arrive split and aligned: `offset` from the start of the window, 1, 2 or 4 bytes, little-endian value.

    Attributes:
        name: what the range is, for messages ("NVMC registers").
        range: start and size multiples of 1 KiB.
        read: returns the value at an offset.
        write: takes a value at an offset.
    """

    name: str
    range: AddressRange
    read: Callable[[int, int], int]
    write: Callable[[int, int, int], None]


class Peripheral(Protocol):
    """A device model: small, deterministic, strict about what its reference manual forbids."""

    @property
    def violations(self) -> list[str]:
        """What the loader did that silicon would ignore or punish, in order."""

    def windows(self) -> tuple[Window, ...]:
        """The ranges that this device answers."""


@runtime_checkable
class Remarking(Protocol):
    """A device model that tells of more than violations."""

    @property
    def remarks(self) -> list[str]:
        """What the loader did in vain, in order; as far as the model tells it did no harm."""


@runtime_checkable
class Timed(Protocol):
    """A device model for which time matters: something in it is busy until time has passed."""

    @property
    def is_waiting(self) -> bool:
        """Whether something ends by time alone now, so that time should pass in small steps."""

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""


@runtime_checkable
class HoldsCode(Protocol):
    """A device model with code in it that a loader may call, as a mask ROM has."""

    def code(self) -> tuple[tuple[int, bytes], ...]:
        """Address and contents of each piece; multiples of 1 KiB."""
