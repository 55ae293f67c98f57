"""What the engine knows of a run while it lasts, and what uses up its budget."""

from dataclasses import dataclass

from loaderconv.emulator.stop_details import Detail
from loaderconv.hosts.core import StopReason

FIRST_SLICE_INSTRUCTIONS = 64
LARGEST_SLICE_INSTRUCTIONS = 40_000
GROWTH = 8
"""A slice has at most one part in so many of what ran before, so that counting it as a whole errs by no more."""

HINT_COST_INSTRUCTIONS = 5_000
"""WFE and YIELD count so much of the budget: a core that waits lets time pass, and each ends a slice here."""

ACCESS_COST_INSTRUCTIONS = 100
"""An access to a device counts so much of the budget: it takes as long here, and a loader that polls for ever does
nothing else."""


@dataclass
class RunState:
    """What is known of a run while it lasts.

    Attributes:
        stop_addresses: where it shall end.
        budget_instructions: after how many it ends.
        executed: instructions in all slices so far, each counted as a whole.
        accesses: to devices.
        hints: WFE and YIELD.
        slice_instructions: size of the next slice.
        end: how it ended: reason, PC, and a clause that names the cause.
        escaped: what a model or an observer raised.
        at_hint: Unicorn gave up at a hint that it does not know, which is no reason to end.
        handles_tick: SysTick's handler is what runs.
        stepping: address of the one instruction that is executed alone, behind such a hint.
    """

    stop_addresses: frozenset[int]
    budget_instructions: int
    executed: int = 0
    accesses: int = 0
    hints: int = 0
    slice_instructions: int = FIRST_SLICE_INSTRUCTIONS
    end: tuple[StopReason, int, Detail] | None = None
    escaped: BaseException | None = None
    at_hint: bool = False
    handles_tick: bool = False
    stepping: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing that still happens counts."""
        return self.end is not None or self.escaped is not None

    @property
    def left_instructions(self) -> int:
        """What is left of the budget, which accesses to devices and hints use up, too."""
        used = self.executed + self.accesses * ACCESS_COST_INSTRUCTIONS + self.hints * HINT_COST_INSTRUCTIONS
        return self.budget_instructions - used
