"""Loaders as they run in the emulator, for rules on what they do."""

from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.behaviour.observations import Attempt, Observations
from loaderconv.lint.facts import SimulationFacts
from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import Fact, RuleSet, Subject
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place
from loaderconv_schemas.loader import Loader


@dataclass(eq=False)
class SimulatedLoader(Subject):
    """A loader that runs in the emulator.

    Attributes:
        program: its file.
        loader: what was read of it, with the memory that it serves; or why it cannot be read.
        simulation: how it is to be run.
    """

    program: Program
    loader: Loader | LoaderConvError
    simulation: SimulationFacts

    @property
    def kind(self) -> str:
        """What the file is, in words."""
        return self.program.kind

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return self.program.rule_set

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts for which the file is."""
        return self.program.hosts

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact in (Fact.SIMULATION, Fact.WORKING) and self.observed.unfit is not None:
            return f"It was not run: {self.observed.unfit}"
        if fact is Fact.SIMULATION:
            return None
        if fact is Fact.WORKING:
            return None if self.observed.is_working else "The loader does not do its work in the emulator at all."
        return self.program.lacks(fact)

    @cached_property
    def observed(self) -> Observations:
        """What came of running it; without an end of its own, the process that runs it is ended."""
        if isinstance(self.loader, LoaderConvError):
            return Observations(unfit=self.loader.message)
        from loaderconv.lint.behaviour.job import job_for, observe_apart  # noqa: PLC0415 - seldom needed

        return observe_apart(job_for(self.loader, self.program.image, self._owned, self.simulation))

    @property
    def _owned(self) -> tuple[AddressRange, ...]:
        """The memory that sections say is the loader's, whatever its segments say."""
        return tuple(
            AddressRange(start=each.address, size_bytes=each.size_bytes)
            for each in self.program.allocated
            if each.address + each.size_bytes <= 1 << 32
        )

    def at_routine(self, attempt: Attempt) -> Place:
        """Return the place of the routine that did not return as it must; the whole file where all did."""
        return self.whole if attempt.routine is None else self.program.at_symbol(attempt.routine)


class SimulatedStldr(SimulatedLoader):
    """An STM32Cube external loader that runs in the emulator."""


class SimulatedFlm(SimulatedLoader):
    """A Keil flash algorithm that runs in the emulator."""


class SimulatedIar(SimulatedLoader):
    """The executable of an IAR flash loader that runs in the emulator."""
