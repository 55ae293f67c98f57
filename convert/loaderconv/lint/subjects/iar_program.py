"""The executable of an IAR flash loader, as rules look at it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar import abi
from loaderconv_formats.iar.flash_file import FlashFile
from loaderconv_formats.iar.interface import read_interface
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.iar import IarInterface


@dataclass(eq=False)
class IarProgram(Program):
    """An IAR loader's `.out` (docs/formats/iar.md).

    Attributes:
        find_descriptions: gives what the `.flash` files say that refer to it, as far as they are known and readable.
    """

    routines = abi.ROUTINES

    find_descriptions: Callable[[], tuple[FlashFile, ...]]

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.DESCRIPTION:
            return None if self.descriptions else "No .flash file that refers to it was named or found beside it."
        if fact is Fact.RAM and self.is_relocatable:
            return "The loader is relocatable: the .board file says where in RAM it goes."
        if fact is Fact.RAM and self.facts.ram is None and self.name.member is not None:
            return "Packs do not say which of a chip's RAM an IAR loader may use: --chip or --ram tells."
        return super().lacks(fact)

    @cached_property
    def descriptions(self) -> tuple[FlashFile, ...]:
        """What the `.flash` files say that refer to it."""
        return self.find_descriptions()

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
