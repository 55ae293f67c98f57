"""One of two loaders that are compared: its machine, what it was asked, and what came of it."""

from dataclasses import dataclass, field

from loaderconv.hosts.host import Outcome
from loaderconv.simulation.desk import Desk
from loaderconv.simulation.footprint import FootprintWatch
from loaderconv.simulation.proving.accesses import Side
from loaderconv.simulation.proving.recorder import Call, Recorder
from loaderconv.simulation.rig import Rig
from loaderconv.simulation.subject import Subject
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.timeline import TimelineEntry


@dataclass
class ProofRun:
    """One of both loaders on its machine.

    Attributes:
        rig: the machine with the loader.
        desk: where operations are carried out.
        recorder: what the source's code does to the devices.
        side: how that is told.
        watch: of its RAM.
        entries: what came of the operations.
        calls: of the source's routines, for each operation.
        outcomes: the host's verdicts on the operations.
        ended_early: why it stopped; None while it did not.
    """

    rig: Rig
    desk: Desk
    recorder: Recorder
    side: Side
    watch: FootprintWatch
    entries: list[TimelineEntry] = field(default_factory=list)
    calls: list[tuple[Call, ...]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    ended_early: str | None = None


def lent_static_base(source: Subject) -> int | None:
    """Return the r9 that a stldr wants and no version of its host sets; without it there is nothing to compare with."""
    return source.loader.placement.static_base if source.loader.flavour is Flavour.STLDR else None
