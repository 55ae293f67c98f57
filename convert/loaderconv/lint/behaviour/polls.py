"""What a loader does while the memory stays busy for ever."""

from collections.abc import Iterator

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.hosts.core import Budget
from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.observations import Attempt, Ending, Operation
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.stage import Stage

BUDGET = Budget(instructions=20_000_000)
"""Enough to see that nothing changes in a loop, or that hours pass on its clock; another loop ends some time."""

PATIENCE_ACCESSES = 1 << 15
"""A loop that is still counting then has a time-out; what it would do behind that is not waited for."""

_BUSY_AFTER = {Operation.ERASE: FlashOperation.ERASE, Operation.PROGRAM: FlashOperation.PROGRAM}


def endless_polls(stage: Stage) -> Iterator[Attempt]:
    """Yield the operations that do not come back when the memory does not."""
    for operation, busy_after in _BUSY_AFTER.items():
        scene = stage.scene(budget=BUDGET, patience_accesses=PATIENCE_ACCESSES)
        scene.memory.hang_next(busy_after)
        attempt = carried_out(scene, place_in(scene.desk.device), operation)
        if attempt.ending is Ending.HUNG and attempt.is_endless:
            yield attempt
