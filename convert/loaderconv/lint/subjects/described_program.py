"""A loader that describes its memory in a structure of its own file, as FLMs and stldrs do."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Generic, TypeVar

from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.image import ElfSegment, ElfSymbol
from loaderconv_formats.elf.routines import descriptor_segment
from loaderconv_schemas.lint import Place

R = TypeVar("R")


@dataclass(eq=False)
class DescribedProgram(Program, Generic[R]):
    """A loader with a descriptor.

    Attributes:
        descriptor_symbol: name of the structure.
    """

    descriptor_symbol: ClassVar[str]

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.DESCRIPTOR:
            return None if self.raw is not None else f"{self.descriptor_symbol} cannot be read."
        return super().lacks(fact)

    @cached_property
    def descriptor(self) -> ElfSymbol | None:
        """The symbol of the structure."""
        return self.symbols.get(self.descriptor_symbol)

    @property
    @abstractmethod
    def raw(self) -> R | None:
        """The fields of the structure, read as far as the file has bytes for them; None where it has not enough."""

    @property
    def info(self) -> R:
        """The fields of the structure, for rules that need `Fact.DESCRIPTOR`."""
        if self.raw is None:
            raise LookupError("a rule did not say that it needs the descriptor")
        return self.raw

    @cached_property
    def descriptor_segment(self) -> ElfSegment | None:
        """The PT_LOAD that holds the structure and nothing else; None where it shares one, or lies in none."""
        return None if self.descriptor is None else descriptor_segment(self.image, self.descriptor, self.entries)

    def in_descriptor(self, field: str, offset_bytes: int, size_bytes: int) -> Place:
        """Return the place of a field of the structure, for rules that need `Fact.DESCRIPTOR`.

        Args:
            field: its name there.
            offset_bytes: in the structure.
            size_bytes: of the field.
        """
        if self.descriptor is None:
            raise LookupError("a rule did not say that it needs the descriptor")
        return self.at_field(f"{self.descriptor_symbol}.{field}", self.descriptor, offset_bytes, size_bytes)
