"""One loader to be observed, in a process of its own: the engine is a C library fed by whatever bytes a file holds."""

from dataclasses import dataclass

from loaderconv.lint.behaviour.observations import Observations
from loaderconv.lint.facts import SimulationFacts
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import code_symbols
from loaderconv_formats.elf.image import ElfImage
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Loader

WALL_CLOCK_S = 60
"""For one loader; its calls have budgets of instructions, which end far earlier."""


@dataclass(frozen=True)
class ObservationJob:
    """A loader to be observed.

    Attributes:
        subject: the loader, with the names in its code.
        owned: memory that its file says is its own, at link addresses.
        facts: how it is to be run.
    """

    subject: Subject
    owned: tuple[AddressRange, ...]
    facts: SimulationFacts


def job_for(loader: Loader, image: ElfImage, owned: tuple[AddressRange, ...], facts: SimulationFacts) -> ObservationJob:
    """Return what is to be observed of a loader that was read from a document."""
    return ObservationJob(Subject(loader.identity.name, loader, PassFacts(), code_symbols(image)), owned, facts)


def observe_apart(job: ObservationJob) -> Observations:
    """Return what was found out, also where the process that ran the loader was ended."""
    from loaderconv.emulator.contained import run_contained  # noqa: PLC0415 - most runs of lint emulate nothing
    from loaderconv.lint.behaviour.observe import observe  # noqa: PLC0415

    try:
        return run_contained(observe, job, wall_clock_s=WALL_CLOCK_S)
    except LoaderConvError as problem:
        return Observations(unfit=problem.message)
