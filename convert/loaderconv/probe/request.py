"""What to connect to; known before pyOCD is imported, which takes a second."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyocd.probe.debug_probe import DebugProbe

DEFAULT_FREQUENCY_HZ = 1_000_000
"""pyOCD's own default, which long wires bear."""


class Connect(StrEnum):
    """How a running target is caught."""

    HALT = "halt"
    UNDER_RESET = "under-reset"


@dataclass(frozen=True)
class OpenRequest:
    """What to connect to.

    Attributes:
        probe: unique id of a probe, or a part of it; a probe itself; None for the only one.
        target: the chip as pyOCD calls it; None for what the probe says of its board.
        frequency_hz: clock of the wire.
        connect: how a running target is caught.
        settling_s: how long to wait after a reset.
    """

    probe: "str | DebugProbe | None" = None
    target: str | None = None
    frequency_hz: int = DEFAULT_FREQUENCY_HZ
    connect: Connect = Connect.HALT
    settling_s: float = 0.1
