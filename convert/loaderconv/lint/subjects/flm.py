"""A Keil flash algorithm, as rules look at it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from loaderconv.lint.subjects.described_program import DescribedProgram
from loaderconv.lint.subjects.subject import Subject
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.build_facts import BuildFacts, build_facts
from loaderconv_formats.elf.image import ElfSection
from loaderconv_formats.flm import abi
from loaderconv_formats.flm.flash_device import HEADER, SECTOR, SECTOR_END, RawFlashDevice, read_raw
from loaderconv_schemas.lint import Place

_FIELDS = {
    "Vers": (0, 2),
    "DevName": (2, 128),
    "DevType": (130, 2),
    "DevAdr": (132, 4),
    "szDev": (136, 4),
    "szPage": (140, 4),
    "Res": (144, 4),
    "valEmpty": (148, 1),
    "padding": (149, 3),
    "toProg": (152, 4),
    "toErase": (156, 4),
}
"""Offset and size of the fields of FlashDevice."""


@dataclass(eq=False)
class FlmFile(DescribedProgram[RawFlashDevice]):
    """An `.FLM`, or what is named so (docs/formats/flm.md)."""

    routines = abi.ROUTINES
    descriptor_symbol = abi.DESCRIPTOR_SYMBOL

    @property
    def parts(self) -> tuple[Subject, ...]:
        """The loader as it runs, where it is to be run."""
        return self._running

    @cached_property
    def _running(self) -> tuple[Subject, ...]:
        if self.facts.simulation is None:
            return ()
        from loaderconv.lint.subjects.simulated import SimulatedFlm  # noqa: PLC0415 - most runs of lint run no loader

        return (SimulatedFlm(self.name, self.facts, self, self.reading, self.facts.simulation),)

    @cached_property
    def raw(self) -> RawFlashDevice | None:
        """The fields of FlashDevice, read as far as the file has bytes for them."""
        return None if self.descriptor is None else read_raw(self.behind(self.descriptor))

    @cached_property
    def build(self) -> BuildFacts:
        """What the file says of its build."""
        return build_facts(self.image)

    @property
    def code_sections(self) -> list[ElfSection]:
        """Every PrgCode with bytes, by address."""
        return self._program_sections(abi.CODE_SECTION, c.SHT_PROGBITS)

    @property
    def data_sections(self) -> list[ElfSection]:
        """Every PrgData with bytes, by address."""
        return self._program_sections(abi.DATA_SECTION, c.SHT_PROGBITS)

    @property
    def zero_sections(self) -> list[ElfSection]:
        """Every PrgData of zeroed data, by address."""
        return self._program_sections(abi.DATA_SECTION, c.SHT_NOBITS)

    def _program_sections(self, name: str, section_type: int) -> list[ElfSection]:
        found = [each for each in self.allocated if each.name == name and each.type == section_type]
        return sorted(found, key=lambda section: section.address)

    @cached_property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """(szSector, AddrSector) of each run; none where the list has no proper end, which FLM048 tells."""
        info = self.info
        is_clean = info.is_terminated and not any(SECTOR_END in entry for entry in info.entries)
        return info.entries if is_clean else ()

    @cached_property
    def sound_runs(self) -> tuple[tuple[int, int], ...]:
        """The runs where they start at 0, rise, and lie in the device; none where they do not, which FLM049 tells."""
        offsets = [offset for _, offset in self.runs]
        is_sound = (
            offsets[:1] == [0] and all(a < b for a, b in pairwise(offsets)) and offsets[-1] < self.info.size_bytes
        )
        return self.runs if is_sound else ()

    def at_device(self, field: str) -> Place:
        """Return the place of a field of FlashDevice, for rules that need `Fact.DESCRIPTOR`."""
        return self.in_descriptor(field, *_FIELDS[field])

    def at_run(self, number: int) -> Place:
        """Return the place of an entry of the sector list, counted from 0, for rules that need `Fact.DESCRIPTOR`."""
        return self.in_descriptor(f"sectors[{number}]", HEADER.size + number * SECTOR.size, SECTOR.size)
