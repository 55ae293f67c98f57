"""What a loader with a descriptor symbol is made of, whatever its flavour: descriptor, routines, loaded bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from loaderconv_formats.elf.build_facts import BuildFacts, build_facts
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.loaded import LoadedRange, image_alignment, loaded_ranges
from loaderconv_formats.elf.lookup import bytes_behind, symbols_by_name
from loaderconv_formats.elf.routines import check_loaded, descriptor_segment, entry_points
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Identity
from loaderconv_schemas.memory import Part, Segment


@dataclass(frozen=True)
class Anatomy:
    """The parts of one loader.

    Attributes:
        descriptor: the symbol.
        descriptor_data: the file's bytes from there to the end of its section, at least one.
        entry_points: in the order of the flavour's table.
        loaded: what hosts download, by address; at least one range.
        alignment_bytes: the largest of the loaded sections.
        facts: what the file says of its build.
    """

    descriptor: ElfSymbol
    descriptor_data: bytes
    entry_points: tuple[EntryPoint, ...]
    loaded: tuple[LoadedRange, ...]
    alignment_bytes: int
    facts: BuildFacts

    @property
    def image_size_bytes(self) -> int:
        """RAM from the first loaded byte to the end of the last range, gaps included."""
        return max(each.end for each in self.loaded) - self.loaded[0].address

    def identity(self, name: str) -> Identity:
        """Return what the file says of its origin, under the name of the file without suffix."""
        return Identity(
            name=name,
            toolchain=self.facts.toolchain,
            cpu=self.facts.cpu,
            architecture=self.facts.architecture,
            float_abi=self.facts.float_abi,
        )

    def descriptor_segment(self, size_bytes: int) -> Segment:
        """Return the descriptor, which takes so many bytes, as a segment of the common model."""
        data = self.descriptor_data[:size_bytes]
        return Segment(
            part=Part.DESCRIPTOR,
            address=self.descriptor.address,
            data=data,
            memory_size_bytes=len(data),
            writable=False,
            executable=False,
        )


def dissect(image: ElfImage, *, descriptor_name: str, source_file: str, routines: Mapping[str, Routine]) -> Anatomy:
    """Take a file apart.

    Args:
        image: the file as a document.
        descriptor_name: symbol of the descriptor.
        source_file: where authors define it, for the hint.
        routines: the flavour's routines by symbol.

    Raises:
        UnreadableInput: no descriptor, a routine without bytes, or nothing to load.
    """
    symbols = symbols_by_name(image)
    descriptor = symbols.get(descriptor_name)
    if descriptor is None:
        raise UnreadableInput(
            f"The file has no symbol {descriptor_name}.",
            hint=f"A loader describes its memory there; link {source_file} and keep the symbol table.",
        )
    entries = entry_points(symbols, routines)
    without = descriptor_segment(image, descriptor, entries)
    loaded = loaded_ranges(image, without=without)
    check_loaded(entries, loaded)
    if not loaded:
        raise UnreadableInput("No segment of the file holds code.", hint="Link the driver into a PT_LOAD segment.")
    return Anatomy(
        descriptor=descriptor,
        descriptor_data=bytes_behind(image, descriptor),
        entry_points=entries,
        loaded=loaded,
        alignment_bytes=image_alignment(image, without=without),
        facts=build_facts(image),
    )
