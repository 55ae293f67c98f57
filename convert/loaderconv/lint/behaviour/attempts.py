"""Runs one operation on one machine, and tells how it ended and which RAM it used."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from loaderconv.emulator.stop_details import BRANCH_TO_ITSELF
from loaderconv.hosts.call import Misbehaviour, RoutineMisbehaved
from loaderconv.hosts.host import Outcome
from loaderconv.lint.behaviour.observations import Attempt, Ending, Operation, RamUse
from loaderconv.lint.behaviour.repetition import PollsForEver
from loaderconv.lint.behaviour.stage import Scene
from loaderconv.simulation.ranges import without
from loaderconv.simulation.rig import Rig
from loaderconv.simulation.telling import explained
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed

MAX_STRAYS = 8
"""Of more ranges the first ones tell enough."""

_ENDINGS = {
    Misbehaviour.HUNG: Ending.HUNG,
    Misbehaviour.FAULTED: Ending.FAULTED,
    Misbehaviour.STOPPED_ELSEWHERE: Ending.STOPPED_ELSEWHERE,
    Misbehaviour.CLOBBERED: Ending.CLOBBERED,
}


def attempted(scene: Scene, operation: Operation, run: Callable[[], Outcome]) -> Attempt:
    """Run an operation, and return what came of it."""
    try:
        outcome = run()
    except RunFailed as failure:
        ending, is_endless = Ending.REFUSED, False
        routine = None
        if isinstance(failure, RoutineMisbehaved):
            ending, is_endless = _ENDINGS[failure.misbehaviour], BRANCH_TO_ITSELF in failure.message
            routine = failure.routine
        elif isinstance(failure, PollsForEver):
            ending, is_endless, routine = Ending.HUNG, True, failure.routine
        detail = explained(failure, scene.rig.place)
        return Attempt(operation, ending, False, detail, routine, is_endless=is_endless)  # noqa: FBT003
    return Attempt(operation, Ending.RETURNED, outcome.succeeded, outcome.detail)


class RamWatch:
    """Remembers RAM as it is once the loader was downloaded."""

    def __init__(self, scene: Scene, owned: Sequence[AddressRange]) -> None:
        """Begin to watch.

        Args:
            scene: the machine.
            owned: memory that the loader's file says is its own, at link addresses.
        """
        self._rig = scene.rig
        self._before = scene.rig.core.snapshot()
        self._owned = [_moved(each, scene.rig.host.moved_by) for each in owned]

    def used(self) -> RamUse:
        """Return what was used since. What lies far below the rest of the stack, at its lower end, is none of it."""
        rig = self._rig
        stack = rig.host.stack
        changed = rig.core.changed_ranges(self._before)
        pieces = [piece for each in changed for piece in _within(each, stack)]
        depth = _depth(pieces, stack)
        expected = [*rig.image, *self._owned, _buffer_used(rig)]
        expected.append(AddressRange(start=stack.end - depth, size_bytes=depth))
        strays = [piece for each in changed for piece in without(each, expected)]
        return RamUse(depth, tuple(_moved(each, -rig.host.moved_by) for each in strays[:MAX_STRAYS]))


def together(first: RamUse, second: RamUse) -> RamUse:
    """Return the deepest stack of both, and the strays of either, each once."""
    strays = tuple(dict.fromkeys((*first.strays, *second.strays)))
    return RamUse(max(first.stack_bytes, second.stack_bytes), strays[:MAX_STRAYS])


def done(attempt: Attempt, *, is_done: bool) -> Attempt:
    """Return an attempt with what the memory says of it."""
    return replace(attempt, is_done=is_done)


def _buffer_used(rig: Rig) -> AddressRange:
    """Return the part of a host's buffer in which a page lies; that of an IAR loader is its own, all of it."""
    buffer = rig.host.buffer
    if rig.host.keeps_session:
        return buffer
    return AddressRange(start=buffer.start, size_bytes=min(max(rig.host.device.page_size_bytes, 4), buffer.size_bytes))


def _depth(pieces: Sequence[AddressRange], stack: AddressRange) -> int:
    """Return how deep a stack was. Bytes behind a gap of a quarter of its size belong to something else."""
    lowest = stack.end
    for piece in sorted(pieces, key=lambda each: -each.start):
        if lowest - piece.end >= stack.size_bytes // 4:
            break
        lowest = piece.start
    return stack.end - lowest


def _within(taken: AddressRange, whole: AddressRange) -> list[AddressRange]:
    start, end = max(taken.start, whole.start), min(taken.end, whole.end)
    return [AddressRange(start=start, size_bytes=end - start)] if start < end else []


def _moved(taken: AddressRange, distance: int) -> AddressRange:
    start = taken.start + distance
    return taken.model_copy(update={"start": start}) if start >= 0 else taken
