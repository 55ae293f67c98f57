"""Whether a loader that can lie anywhere works anywhere: at another place, and without a copy where it was linked."""

from contextlib import suppress
from dataclasses import replace

from loaderconv.lint.behaviour.alone import AloneRuns, carried_out
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


def moved_run(stage: Stage, alone: AloneRuns) -> MovedRun | None:
    """Return how a loader differs elsewhere; None where it does not, or is not one that can lie anywhere.

    Args:
        stage: its machines.
        alone: what came of the operations at the usual place.
    """
    if stage.subject.loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        return None
    broken = next((each for each in alone.attempts if each.operation in _COMPARED and not each.is_good), None)
    return _elsewhere(stage, alone) if broken is None else _with_copy(stage, broken)


def _with_copy(stage: Stage, broken: Attempt) -> MovedRun | None:
    """Try what did not work once more, with a copy of the image at its link address."""
    scene = None
    with suppress(UsageProblem):  # something else of the machine is there
        scene = _scene_with_copy(stage)
    if scene is None:
        return None
    with_copy = carried_out(scene, place_in(scene.desk.device), broken.operation)
    if not with_copy.is_good:
        return None
    return MovedRun(broken.operation, failure_of(broken), _told(with_copy), needs_link_address=True)


def _scene_with_copy(stage: Stage) -> Scene | None:
    segments = [each for each in stage.subject.loader.image_segments if each.memory_size_bytes]
    linked = tuple(AddressRange(start=each.address, size_bytes=each.memory_size_bytes) for each in segments)
    rig = rig_on(stage.kind, stage.subject, replace(stage.need, image=stage.need.image + linked), stage.wish)
    if any(here.overlaps(there) for here in rig.image for there in linked):
        return None
    for each in segments:
        rig.core.write_memory(each.address, each.data.ljust(each.memory_size_bytes, b"\0"))
    return scene_of(rig)


def _elsewhere(stage: Stage, alone: AloneRuns) -> MovedRun | None:
    """Run the same at another place in RAM, where there is room."""
    here = alone.rig
    moved = AddressRange(start=here.ram.start + SHIFT_BYTES, size_bytes=here.ram.size_bytes)
    if not any(each.start <= moved.start and moved.end <= each.end for each in here.machine.ram):
        return None
    for attempt in alone.attempts:
        if attempt.operation in _COMPARED:
            scene = stage.scene(ram=moved)
            there = carried_out(scene, place_in(scene.desk.device), attempt.operation)
            if not _are_alike(attempt, there):
                return MovedRun(attempt.operation, _told(attempt), _told(there), needs_link_address=False)
    return None


def _are_alike(first: Attempt, second: Attempt) -> bool:
    """Tell whether nobody outside of the loader could tell two runs apart."""
    return (first.ending, first.succeeded, first.is_done, first.commands) == (
        second.ending,
        second.succeeded,
        second.is_done,
        second.commands,
    )


def _told(attempt: Attempt) -> str:
    """Return what an operation came to, as the end of a sentence."""
    if not attempt.is_good:
        return failure_of(attempt)
    return f"{attempt.operation} succeeds with {len(attempt.commands)} commands to the memory"
