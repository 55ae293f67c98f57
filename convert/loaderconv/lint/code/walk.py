"""What a walk through Thumb code has seen."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from loaderconv.lint.code.regions import Region, Regions


class Event(Enum):
    """Instructions that rules ask for."""

    WFI = "WFI"
    WFE = "WFE"
    BREAKPOINT = "BKPT"
    SEMIHOSTING = "BKPT 0xAB"
    ENABLE_INTERRUPTS = "CPSIE"
    FLOATING_POINT = "a floating-point instruction"
    SELF_BRANCH = "a branch to itself"
    REGISTER_BRANCH = "a branch to a computed address"


class Run(NamedTuple):
    """Instructions that follow each other in memory, all of them walked through.

    Attributes:
        start: address of the first instruction.
        end: first address behind the last instruction.
        function: address of the function that they belong to: an entry, or what was called.
        source: address of the branch that first led here, None for entries and calls.
        region: that holds them.
    """

    start: int
    end: int
    function: int
    source: int | None
    region: Region


@dataclass
class Walk:
    """What the walk has seen.

    Attributes:
        regions: the program's bytes.
        runs: in the order of the walk.
        edges: ways from one place to another, as two addresses. The first is the branch; where a run meets code that
            was walked before, it is the run's last halfword.
        literals: loads relative to pc, as three addresses: the instruction, the word, the function.
        events: addresses by instruction.
    """

    regions: Regions
    runs: list[Run] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    literals: list[tuple[int, int, int]] = field(default_factory=list)
    events: dict[Event, list[int]] = field(default_factory=lambda: {event: [] for event in Event})
