"""The executable of an IAR flash loader, as rules look at it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import Fact, Subject
from loaderconv_formats.iar import abi
from loaderconv_formats.iar.interface import read_interface
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.iar import IarInterface


@dataclass(eq=False)
class IarProgram(Program):
    """An IAR loader's `.out` (docs/formats/iar.md).

    Attributes:
        find_neighbours: gives files to be checked with it that nothing else leads to.
    """

    routines = abi.ROUTINES

    find_neighbours: Callable[[], tuple[Subject, ...]] = tuple

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.RAM and self.is_relocatable:
            return "The loader is relocatable: the .board file says where in RAM it goes."
        if fact is Fact.RAM and self.facts.ram is None and self.name.member is not None:
            return "Packs do not say which of a chip's RAM an IAR loader may use: --chip or --ram tells."
        return super().lacks(fact)

    @property
    def parts(self) -> tuple[Subject, ...]:
        """The `.flash` files beside it that refer to it, where none led to it."""
        return self.find_neighbours()

    @cached_property
    def interface(self) -> IarInterface:
        """The addresses through which C-SPY drives it; what the file lacks is None."""
        return read_interface(self.symbols)

    @property
    def is_relocatable(self) -> bool:
        """Its addresses count from wherever the host loads it."""
        return any(each.routine is Routine.PRE_INIT for each in self.entries)

    @property
    def is_thumb(self) -> bool:
        """Its stubs are Thumb code, as for every Cortex-M; those for ARM9 and Cortex-A are Arm code."""
        return bool(self.entries) and all(each.thumb for each in self.entries)
