"""Each operation of a host alone, on a fresh machine after a reset: what one breaks does not spoil the next."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.host import Outcome
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.lint.behaviour.attempts import RamWatch, attempted, done, together
from loaderconv.lint.behaviour.interrupts import interrupts_of, joined
from loaderconv.lint.behaviour.observations import Attempt, Interrupts, Operation, RamUse
from loaderconv.lint.behaviour.places import Place, place_in
from loaderconv.lint.behaviour.stage import Scene, Stage
from loaderconv.simulation.rig import Rig
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine

FIRST, LAST = 0, -1


@dataclass(frozen=True)
class AloneRuns:
    """What came of all operations.

    Attributes:
        attempts: in the order of `Operation`.
        ram: what they used, over all of them.
        erased_beyond: neighbours of the sector that an erase changed.
        interrupts: what they left of them.
        rig: that of the last operation, used up.
    """

    attempts: tuple[Attempt, ...]
    ram: RamUse
    erased_beyond: tuple[AddressRange, ...]
    interrupts: Interrupts
    rig: Rig


def run_alone(stage: Stage) -> AloneRuns:
    """Run every operation that the loader has."""
    attempts: list[Attempt] = []
    ram = RamUse()
    beyond: tuple[AddressRange, ...] = ()
    interrupts = rig = None
    for operation in operations_of(stage):
        scene = stage.scene()
        watch = RamWatch(scene, stage.owned)
        place = place_in(scene.desk.device)
        attempts.append(carried_out(scene, place, operation))
        if operation is Operation.ERASE and attempts[-1].succeeded:
            beyond = place.changed_neighbours(scene.desk)
        ram = together(ram, watch.used())
        rig = scene.rig
        interrupts = joined(interrupts, interrupts_of(rig))
    if interrupts is None or rig is None:
        raise LookupError("every loader can erase")
    return AloneRuns(tuple(attempts), ram, beyond, interrupts, rig)


def operations_of(stage: Stage) -> Iterator[Operation]:
    """Yield what the loader has routines for."""
    yield Operation.ERASE
    yield Operation.PROGRAM
    if stage.has(Routine.READ):
        yield Operation.READ
    if stage.has(Routine.VERIFY) or stage.has(Routine.CHECKSUM):
        yield from (Operation.VERIFY, Operation.VERIFY_FIRST, Operation.VERIFY_LAST)
    if stage.has(Routine.BLANK_CHECK):
        yield from (Operation.CHECK_BLANK, Operation.CHECK_DIRTY)


def carried_out(scene: Scene, place: Place, operation: Operation) -> Attempt:
    """Prepare the memory for an operation, run it, and look at the memory."""
    told = len(scene.memory.commands)
    attempt = _WAYS[operation](scene, place, operation)
    return replace(attempt, commands=tuple(scene.memory.commands[told:]))


def _erase(scene: Scene, place: Place, operation: Operation) -> Attempt:
    place.soil(scene.desk)
    attempt = attempted(scene, operation, lambda: scene.rig.host.erase(place.sector))
    return done(attempt, is_done=place.is_blank(scene.desk))


def _program(scene: Scene, place: Place, operation: Operation) -> Attempt:
    place.blank(scene.desk)
    attempt = attempted(scene, operation, lambda: scene.rig.host.program(place.page.start, place.data))
    return done(attempt, is_done=scene.desk.holds(place.page.start, place.data))


def _read(scene: Scene, place: Place, operation: Operation) -> Attempt:
    place.store(scene.desk)
    found: list[bytes] = []

    def run() -> Outcome:
        outcome = scene.rig.host.read(place.page)
        found.append(outcome.data)
        return outcome

    attempt = attempted(scene, operation, run)
    return done(attempt, is_done=found == [place.data])


def _verify(scene: Scene, place: Place, operation: Operation) -> Attempt:
    place.store(scene.desk)
    data = bytearray(place.data)
    if operation is not Operation.VERIFY:
        data[FIRST if operation is Operation.VERIFY_FIRST else LAST] ^= 0xFF
    return attempted(scene, operation, lambda: scene.rig.host.verify(place.page.start, bytes(data)))


def _check_blank(scene: Scene, place: Place, operation: Operation) -> Attempt:
    host = scene.rig.host
    if not isinstance(host, UVisionHost):
        raise TypeError(f"{host.name} has no blank check")
    place.blank(scene.desk)
    if operation is Operation.CHECK_DIRTY:
        last = AddressRange(start=place.sector.end - 1, size_bytes=1)
        scene.desk.fill(last, scene.desk.device.erased_byte ^ 0x5A)
        scene.desk.fill(place.page, scene.desk.device.erased_byte ^ 0x5A)
    return attempted(scene, operation, lambda: host.blank_check(place.sector))


def _start(scene: Scene, _: Place, operation: Operation) -> Attempt:
    return attempted(scene, operation, scene.rig.host.start)


def _empty_erase(scene: Scene, _: Place, operation: Operation) -> Attempt:
    host = scene.rig.host
    if not isinstance(host, CSpyHost):
        raise TypeError(f"{host.name} has no list of blocks")
    return attempted(scene, operation, host.erase_nothing)


_WAYS: Mapping[Operation, Callable[[Scene, Place, Operation], Attempt]] = {
    Operation.EMPTY_ERASE: _empty_erase,
    Operation.START: _start,
    Operation.ERASE: _erase,
    Operation.PROGRAM: _program,
    Operation.READ: _read,
    Operation.VERIFY: _verify,
    Operation.VERIFY_FIRST: _verify,
    Operation.VERIFY_LAST: _verify,
    Operation.CHECK_BLANK: _check_blank,
    Operation.CHECK_DIRTY: _check_blank,
}
