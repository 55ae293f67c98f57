"""Whether a loader that can lie anywhere works anywhere: at another place, and without a copy where it was linked."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.observations import Attempt, MovedRun, Operation
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.sessions import failure_of
from loaderconv.lint.behaviour.stage import Scene, Stage, scene_of
from loaderconv.simulation.rig import rig_on
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.memory import PlacementKind

SHIFT_BYTES = 0x1400
"""How far from its usual place the loader is tried; no power of two, so that addresses differ in several bits."""

_COMPARED = (Operation.ERASE, Operation.PROGRAM, Operation.VERIFY)


@dataclass(frozen=True)
class _Ran:
    """What an operation came to at one place.

    Attributes:
        attempt: its end.
        commands: what the memory was told.
    """

    attempt: Attempt
    commands: tuple[str, ...]

    def is_as(self, other: "_Ran") -> bool:
        """Tell whether nobody outside of the loader could tell the two apart."""
        mine, others = self.attempt, other.attempt
        verdicts = (mine.ending, mine.succeeded, mine.is_done) == (others.ending, others.succeeded, others.is_done)
        return verdicts and self.commands == other.commands

    @property
    def told(self) -> str:
        """The same as the end of a sentence."""
        if not self.attempt.is_good:
            return failure_of(self.attempt)
        return f"{self.attempt.operation} succeeds with {len(self.commands)} commands to the memory"


def moved_run(stage: Stage, attempts: Sequence[Attempt]) -> MovedRun | None:
    """Return how a loader differs elsewhere; None where it does not, or is not one that can lie anywhere.

    Args:
        stage: its machines.
        attempts: what came of the operations at the usual place.
    """
    if stage.subject.loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        return None
    broken = next((each for each in attempts if each.operation in _COMPARED and not each.is_good), None)
    return _elsewhere(stage, attempts) if broken is None else _with_copy(stage, broken)


def _with_copy(stage: Stage, broken: Attempt) -> MovedRun | None:
    """Try what did not work once more, with a copy of the image at its link address."""
    scene = None
    with suppress(UsageProblem):  # something else of the machine is there
        scene = _scene_with_copy(stage)
    if scene is None:
        return None
    with_copy = _ran(scene, broken.operation)
    if not with_copy.attempt.is_good:
        return None
    return MovedRun(broken.operation, failure_of(broken), with_copy.told, needs_link_address=True)


def _scene_with_copy(stage: Stage) -> Scene | None:
    segments = [each for each in stage.subject.loader.image_segments if each.memory_size_bytes]
    linked = tuple(AddressRange(start=each.address, size_bytes=each.memory_size_bytes) for each in segments)
    rig = rig_on(stage.kind, stage.subject, replace(stage.need, image=stage.need.image + linked), stage.wish)
    if any(here.overlaps(there) for here in rig.image for there in linked):
        return None
    for each in segments:
        rig.core.write_memory(each.address, each.data.ljust(each.memory_size_bytes, b"\0"))
    return scene_of(rig)


def _elsewhere(stage: Stage, attempts: Sequence[Attempt]) -> MovedRun | None:
    """Run the same at another place in RAM, where there is room."""
    here = stage.scene()
    ram = here.rig.ram
    moved = AddressRange(start=ram.start + SHIFT_BYTES, size_bytes=ram.size_bytes)
    if not any(each.start <= moved.start and moved.end <= each.end for each in here.rig.machine.ram):
        return None
    for attempt in attempts:
        if attempt.operation in _COMPARED:
            first, second = _ran(stage.scene(), attempt.operation), _ran(stage.scene(ram=moved), attempt.operation)
            if not first.is_as(second):
                return MovedRun(attempt.operation, first.told, second.told, needs_link_address=False)
    return None


def _ran(scene: Scene, operation: Operation) -> _Ran:
    attempt = carried_out(scene, place_in(scene.desk.device), operation)
    return _Ran(attempt, tuple(scene.memory.commands))
