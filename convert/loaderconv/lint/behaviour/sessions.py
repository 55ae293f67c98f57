"""Whole sessions: a loader that is started again, and one that meets what somebody else left behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaderconv.emulator.start_condition import StartCondition
from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.observations import Attempt, DirtyStart, Operation
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.short_pages import with_short_pages
from loaderconv.lint.behaviour.stage import Scene, Stage, scene_of
from loaderconv_schemas.errors import LoaderConvError

ROUND = (Operation.ERASE, Operation.PROGRAM)
"""Hosts initialise the loader before each of them, C-SPY before the first."""


@dataclass(frozen=True)
class FirstRound:
    """What came of operations one after another, and what may be done next.

    Attributes:
        stage: with pages so short that sessions are over soon, where the loader takes them.
        scene: the machine afterwards, which nobody resets.
        operations: what was carried out.
        failure: what went wrong; None where nothing did.
    """

    stage: Stage
    scene: Scene
    operations: Sequence[Operation]
    failure: str | None


def first_round(stage: Stage, operations: Sequence[Operation]) -> FirstRound:
    """Carry operations out that work when each is alone; with whole pages where short ones do not work."""
    short = with_short_pages(stage)
    if short is not stage:
        try:
            tried = _round(short, operations)
        except LoaderConvError:
            tried = None
        if tried is not None and tried.failure is None:
            return tried
    return _round(stage, operations)


def works_again(first: FirstRound) -> str | None:
    """Return why a second round without a new download does not work; None where it does."""
    return first.failure or _failure(first.scene, (Operation.START, *first.operations))


def dirty_starts(first: FirstRound) -> Iterator[DirtyStart]:
    """Yield the conditions in which a session does not work: after those that there were, and those of the machine."""
    stage, operations = first.stage, first.operations
    yield from _told(StartCondition.SECOND_SESSION, _failure(_downloaded_again(stage, first.scene), operations))
    for condition in stage.starts:
        yield from _told(condition, _failure(stage.scene(start=condition), operations))


def failure_of(attempt: Attempt) -> str:
    """Return what went wrong, as the end of a sentence without its full stop."""
    what = attempt.detail.rstrip(".")
    if attempt.succeeded:
        what = f"{what}, but the memory does not hold what it must"
    return f"{attempt.operation} failed: {what}"


def _round(stage: Stage, operations: Sequence[Operation]) -> FirstRound:
    scene = _downloaded_again(stage, stage.scene())
    return FirstRound(stage, scene, operations, _failure(scene, operations))


def _downloaded_again(stage: Stage, scene: Scene) -> Scene:
    """Return the machine with RAM loaded anew and nothing reset, from here on not even by C-SPY."""
    scene.rig.download_again(stage.wish.style)
    return scene_of(scene.rig)


def _failure(scene: Scene, operations: Sequence[Operation]) -> str | None:
    """Carry operations out, one after another, and return what went wrong first."""
    for operation in operations:
        attempt = carried_out(scene, place_in(scene.desk.device), operation)
        if not attempt.is_good:
            return failure_of(attempt)
    return None


def _told(condition: StartCondition, failure: str | None) -> Iterator[DirtyStart]:
    if failure is not None:
        yield DirtyStart(condition, condition.meaning, failure)
