"""A `.board` file, as rules look at it."""

from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.subjects.description import Description, NameElement
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar.board_file import BoardFile, read_board_file
from loaderconv_formats.xml.document import XmlElement
from loaderconv_schemas.bundle import FileRole
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind


@dataclass(frozen=True, eq=False)
class PassElement:
    """One `<pass>` of a `.board` file.

    Attributes:
        number: from 1.
        element: itself.
        flash: the `.flash` file that it names; None where it was not found or cannot be read.
    """

    number: int
    element: XmlElement
    flash: FlashDescription | None


@dataclass(eq=False)
class BoardDescription(Description):
    """A `.board` file (docs/formats/iar.md, The .board file)."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return str(FileKind.IAR_BOARD)

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.PASSES:
            problem = self.reading if isinstance(self.reading, LoaderConvError) else None
            return None if problem is None else f"The passes cannot be read: {problem.message}"
        if fact is Fact.EXECUTABLE:
            is_known = any(each.flash is not None and each.flash.executable is not None for each in self.passes)
            return None if is_known else "None of the executables of its passes was found, or they are no loaders."
        if fact is Fact.REFERENCED:
            is_known = not self.passes or any(each.flash is not None for each in self.passes)
            return None if is_known else "None of the .flash files of its passes was found, or they cannot be read."
        return super().lacks(fact)

    @property
    def names(self) -> tuple[NameElement, ...]:
        """The elements that name other files, as far as they are filled in."""
        found = (self._named(FileRole.FLASH, "loader", within=each) for each in self.elements("pass"))
        return tuple(name for names in found for name in names)

    @cached_property
    def reading(self) -> BoardFile | LoaderConvError:
        """What the file says, or why it cannot be read."""
        try:
            return read_board_file(self.document)
        except LoaderConvError as problem:
            return problem

    @property
    def meaning(self) -> BoardFile:
        """What the file says, for rules that need `Fact.PASSES`; its passes are in the order of the elements."""
        if isinstance(self.reading, LoaderConvError):
            raise self.reading
        return self.reading

    @cached_property
    def passes(self) -> tuple[PassElement, ...]:
        """The `<pass>` elements, with what each of them names."""
        return tuple(
            PassElement(number, element, self._flash_of(element))
            for number, element in enumerate(self.elements("pass"), start=1)
        )

    def _flash_of(self, element: XmlElement) -> FlashDescription | None:
        spelled = self.text("loader", within=element)
        found = self.companion(spelled) if spelled else None
        return found if isinstance(found, FlashDescription) else None
