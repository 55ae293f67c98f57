"""Whole sessions: a loader that is started again, and one that meets what somebody else left behind."""

from collections.abc import Iterator, Sequence

from loaderconv.emulator.start_condition import StartCondition
from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.observations import Attempt, DirtyStart, Operation
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.stage import Scene, Stage, scene_of

ROUND = (Operation.ERASE, Operation.PROGRAM)
"""Hosts initialise the loader before each of them, C-SPY before the first."""


def works_again(stage: Stage, operations: Sequence[Operation]) -> str | None:
    """Return why a second round of operations without a new download does not work; None where it does."""
    scene = stage.scene()
    scene.rig.download_again(stage.wish.style)  # from here on C-SPY resets nothing
    return _failure(scene_of(scene.rig), (*operations, Operation.START, *operations))


def dirty_starts(stage: Stage, operations: Sequence[Operation]) -> Iterator[DirtyStart]:
    """Yield the conditions in which a session does not work, though it does after a reset."""
    for condition in stage.starts:
        scene = stage.scene(start=condition)
        failure = None
        if condition is StartCondition.SECOND_SESSION:
            failure = _failure(scene, operations)
            scene.rig.download_again(stage.wish.style)
            scene = scene_of(scene.rig)
        failure = failure or _failure(scene, operations)
        if failure is not None:
            yield DirtyStart(condition, condition.meaning, failure)


def _failure(scene: Scene, operations: Sequence[Operation]) -> str | None:
    """Carry operations out, one after another, and return what went wrong first."""
    for operation in operations:
        attempt = carried_out(scene, place_in(scene.desk.device), operation)
        if not attempt.is_good:
            return failure_of(attempt)
    return None


def failure_of(attempt: Attempt) -> str:
    """Return what went wrong, as the end of a sentence without its full stop."""
    what = attempt.detail.rstrip(".")
    if attempt.succeeded:
        what = f"{what}, but the memory does not hold what it must"
    return f"{attempt.operation} failed: {what}"
