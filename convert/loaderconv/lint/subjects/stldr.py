"""An STM32Cube external loader, as rules look at it."""

from dataclasses import dataclass
from functools import cached_property

from loaderconv.lint.subjects.described_program import DescribedProgram
from loaderconv.lint.subjects.subject import Subject
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSegment
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import GROUP, HEADER, KINDS, SIZE_BYTES, RawStorageInfo, read_raw
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.lint import Place

_FIELDS = {
    "DeviceName": (0, 100),
    "DeviceType": (100, 2),
    "DeviceStartAddress": (104, 4),
    "DeviceSize": (108, 4),
    "PageSize": (112, 4),
    "EraseValue": (116, 1),
}
"""Offset and size in StorageInfo, in bytes."""

_RAM_KINDS = (DeviceKind.SRAM, DeviceKind.PSRAM, DeviceKind.SDRAM)


@dataclass(eq=False)
class StldrFile(DescribedProgram[RawStorageInfo]):
    """A `.stldr`, or what is named so (docs/formats/stldr.md)."""

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
        from loaderconv.lint.subjects.simulated import SimulatedStldr  # noqa: PLC0415 - most runs of lint run no loader

        return (SimulatedStldr(self.name, self.facts, self, self.reading, self.facts.simulation),)

    @cached_property
    def raw(self) -> RawStorageInfo | None:
        """The fields of StorageInfo, read as far as the file has bytes for them, whatever st_size says."""
        if self.descriptor is None or self.descriptor.type == c.STT_FUNC:
            return None
        return read_raw(self.behind(self.descriptor)[:SIZE_BYTES])

    @property
    def device_name(self) -> bytes:
        """DeviceName up to its first NUL, for rules that need `Fact.DESCRIPTOR`."""
        return self.info.name.partition(b"\0")[0]

    @property
    def groups(self) -> tuple[tuple[int, int], ...]:
        """The (count, size) slots that belong to StorageInfo; behind a short one lies something else."""
        size_bytes = self.descriptor.size_bytes if self.descriptor is not None else 0
        slots = (size_bytes - HEADER.size) // GROUP.size if size_bytes else len(self.info.groups)
        return self.info.groups[: max(slots, 0)]

    @property
    def describes_ram(self) -> bool:
        """The device is a memory that nobody erases, for rules that need `Fact.DESCRIPTOR`."""
        return KINDS.get(self.info.type_code) in _RAM_KINDS

    def at_info(self, field: str) -> Place:
        """Return the place of a field of StorageInfo, by its name there, for rules that need `Fact.DESCRIPTOR`."""
        return self.in_descriptor(field, *_FIELDS[field])

    def at_group(self, number: int) -> Place:
        """Return the place of a group of sectors, counted from 0, for rules that need `Fact.DESCRIPTOR`."""
        return self.in_descriptor(f"sectors[{number}]", HEADER.size + number * GROUP.size, GROUP.size)

    @cached_property
    def descriptor_holder(self) -> ElfSegment | None:
        """The PT_LOAD that holds StorageInfo, alone or not."""
        return None if self.descriptor is None else segment_of(self.descriptor.section)

    @cached_property
    def image_segments(self) -> tuple[ElfSegment, ...]:
        """The PT_LOADs with bytes that hosts download: all but the descriptor's own."""
        return tuple(s for s in self.image.load_segments if s is not self.descriptor_segment and s.data)

    @property
    def image_start(self) -> int | None:
        """The lowest address that hosts download to, None where there is nothing to download."""
        return min((segment.address for segment in self.image_segments), default=None)
