"""A `.flash` file, as rules look at it."""

from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.subjects.description import Description, NameElement
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.macro_file import MacroFile
from loaderconv.lint.subjects.subject import Fact, Subject
from loaderconv_formats.file_bytes import read_file_bytes
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.iar.run_time_layout import layout_format_in
from loaderconv_formats.xml.document import XmlElement
from loaderconv_schemas.bundle import FileRole, ReferenceState
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind


@dataclass(eq=False)
class FlashDescription(Description):
    """A `.flash` file (docs/formats/iar.md, The .flash file)."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return str(FileKind.IAR_FLASH)

    @property
    def parts(self) -> tuple[Subject, ...]:
        """The loader as it runs, where it is to be run; what is found belongs to its executable."""
        return self._running

    @cached_property
    def _running(self) -> tuple[Subject, ...]:
        program, reading = self.executable, self.reading
        if self.facts.simulation is None or program is None or isinstance(reading, LoaderConvError):
            return ()
        from loaderconv.lint.subjects.simulated import SimulatedIar  # noqa: PLC0415 - most runs of lint run no loader

        loader = program.reading
        if not isinstance(loader, LoaderConvError):
            loader = loader.model_copy(update={"device": reading.device, "iar_settings": reading.settings})
        return (SimulatedIar(program.name, self.facts, program, loader, self.facts.simulation),)

    def lacks(self, fact: Fact) -> str | None:
        """Return why a fact is not known here, None where it is."""
        if fact is Fact.LAYOUT:
            problem = self.reading if isinstance(self.reading, LoaderConvError) else None
            return None if problem is None else f"The layout cannot be read: {problem.message}"
        if fact is Fact.EXECUTABLE:
            return None if self.executable is not None else "Its executable was not found, or is no loader."
        if fact is Fact.REFERENCED:
            return None if self.is_macro_loader else self.lacks(Fact.EXECUTABLE)
        if fact is Fact.MACROS:
            return None if self.is_macro_loader else self._why_no_macros
        if fact is Fact.MACRO_LOADER:
            return self._why_no_macros if self.is_macro_loader else None
        return super().lacks(fact)

    @cached_property
    def reading(self) -> FlashFile | LoaderConvError:
        """What the file says, or why it cannot be read."""
        try:
            return read_flash_file(self.document, self.name.stem)
        except LoaderConvError as problem:
            return problem

    @property
    def meaning(self) -> FlashFile:
        """What the file says, for rules that need `Fact.LAYOUT`."""
        if isinstance(self.reading, LoaderConvError):
            raise self.reading
        return self.reading

    @cached_property
    def blocks(self) -> tuple[tuple[XmlElement, SectorRun], ...]:
        """The `<block>` elements that have bytes and what each of them says, for rules that need `Fact.LAYOUT`."""
        pairs = zip(self.elements("block"), self.meaning.device.sectors, strict=True)
        return tuple((element, run) for element, run in pairs if run.size_bytes)

    @cached_property
    def do_pages_fit(self) -> bool:
        """A page divides every block; what does not was most likely not meant so, and other rules need not tell it."""
        page = self.meaning.device.page_size_bytes
        return page > 0 and not any(run.sector_size_bytes % page for _, run in self.blocks)

    @property
    def is_macro_loader(self) -> bool:
        """The loader is a set of C-SPY macros; there is no machine code."""
        return (self.text("exe") or "").upper() == "MACRO"

    @property
    def names(self) -> tuple[NameElement, ...]:
        """The elements that name other files, as far as they are filled in."""
        executables = [] if self.is_macro_loader else self._named(FileRole.EXECUTABLE, "exe")
        return (*executables, *self._named(FileRole.MACRO, "macro"))

    @cached_property
    def executable(self) -> IarProgram | None:
        """The loader that it names; None where it names macros, or one that was not found or cannot be read."""
        spelled = self.text("exe")
        found = None if not spelled or self.is_macro_loader else self.companion(spelled)
        return found if isinstance(found, IarProgram) else None

    @property
    def macro_name(self) -> NameElement | None:
        """The element that names its macro file; None where there is none, or an empty one."""
        return next((each for each in self.names if each.role is FileRole.MACRO), None)

    @property
    def _why_no_macros(self) -> str | None:
        """Why a macro file that is named cannot be looked into, other than that it should be there and is not."""
        name = self.macro_name
        if name is None or self.macros is not None:
            return None
        state = self.resolve(name.spelled).state
        if state is ReferenceState.MISSING and name.is_portable:
            return None
        return f"The macro file that it names was not read ({state})."

    @cached_property
    def macros(self) -> MacroFile | None:
        """The macro file that it names; None where there is none that can be opened."""
        spelled = self.text("macro")
        path = self.resolve(spelled).path if spelled else None
        try:
            return None if path is None else MacroFile(read_file_bytes(path))
        except LoaderConvError:
            return None

    @cached_property
    def layout_format(self) -> str | None:
        """The format with which the executable prints its layout at run time; None where it has none, or is missing."""
        if self.executable is None:
            return None
        return layout_format_in(each.data for each in self.executable.image.load_segments)

    @property
    def has_one_block(self) -> bool:
        """One block stands for the whole window; such a layout is most often a placeholder, or has nothing to align."""
        sectors = self.meaning.device.sectors
        return len(sectors) == 1 and sectors[0].count == 1
