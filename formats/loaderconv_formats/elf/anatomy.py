"""What every loader is made of, whatever its flavour: routines, loaded bytes, and for some a descriptor."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from loaderconv_formats.elf.build_facts import BuildFacts, build_facts
from loaderconv_formats.elf.image import ElfImage, ElfSegment, ElfSymbol
from loaderconv_formats.elf.installed_note import installed_ranges
from loaderconv_formats.elf.loaded import LoadedRange, addresses_of, image_alignment, loaded_ranges
from loaderconv_formats.elf.lookup import bytes_behind
from loaderconv_formats.elf.routines import check_loaded
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import EntryPoint
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Identity
from loaderconv_schemas.memory import Part, Segment

MAX_GAP_BYTES = 1 << 16
"""What lies farther apart is in different memories: ST's H7RS loaders have code in DTCM and variables in AXI SRAM."""


@dataclass(frozen=True)
class Descriptor:
    """The structure in which a loader describes its memory.

    Attributes:
        symbol: its symbol.
        data: the file's bytes from there to the end of its section, at least one.
    """

    symbol: ElfSymbol
    data: bytes

    def segment(self, size_bytes: int) -> Segment:
        """Return the descriptor, which takes so many bytes, as a segment of the common model."""
        data = self.data[:size_bytes]
        return Segment(
            part=Part.DESCRIPTOR,
            address=self.symbol.address,
            data=data,
            memory_size_bytes=len(data),
            writable=False,
            executable=False,
        )


@dataclass(frozen=True)
class Anatomy:
    """The parts of one loader without its descriptor.

    Attributes:
        entry_points: in the order of the flavour's table.
        loaded: what hosts download, by address; at least one range.
        alignment_bytes: the largest of the loaded sections.
        facts: what the file says of its build.
        installed: what it says of RAM that it fills outside of its image.
    """

    entry_points: tuple[EntryPoint, ...]
    loaded: tuple[LoadedRange, ...]
    alignment_bytes: int
    facts: BuildFacts
    installed: tuple[AddressRange, ...]

    @property
    def image_size_bytes(self) -> int:
        """RAM for all loaded ranges, with the gaps between those that lie in one memory."""
        taken = addresses_of(self.loaded)
        gaps = (later.start - earlier.end for earlier, later in pairwise(taken))
        return sum(each.size_bytes for each in taken) + sum(gap for gap in gaps if gap <= MAX_GAP_BYTES)

    def identity(self, name: str) -> Identity:
        """Return what the file says of its origin, under the name of the file without suffix."""
        return Identity(
            name=name,
            toolchain=self.facts.toolchain,
            cpu=self.facts.cpu,
            architecture=self.facts.architecture,
            float_abi=self.facts.float_abi,
        )


def find_descriptor(image: ElfImage, symbols: Mapping[str, ElfSymbol], *, name: str, source_file: str) -> Descriptor:
    """Return the descriptor.

    Args:
        image: the file as a document.
        symbols: its symbols by name.
        name: of the descriptor's symbol.
        source_file: where authors define it, for the hint.

    Raises:
        UnreadableInput: there is none.
    """
    symbol = symbols.get(name)
    if symbol is None:
        raise UnreadableInput(
            f"The file has no symbol {name}.",
            hint=f"A loader describes its memory there; link {source_file} and keep the symbol table.",
        )
    return Descriptor(symbol, bytes_behind(image, symbol))


def dissect(image: ElfImage, entries: tuple[EntryPoint, ...], *, without: ElfSegment | None) -> Anatomy:
    """Take a file apart.

    Args:
        image: the file as a document.
        entries: its routines.
        without: the segment that holds only a descriptor, which no host downloads.

    Raises:
        UnreadableInput: a routine without bytes, or nothing to load.
    """
    loaded = loaded_ranges(image, without=without)
    check_loaded(entries, loaded)
    if not loaded:
        raise UnreadableInput("No segment of the file holds code.", hint="Link the driver into a PT_LOAD segment.")
    return Anatomy(
        entry_points=entries,
        loaded=loaded,
        alignment_bytes=image_alignment(image, without=without),
        facts=build_facts(image),
        installed=installed_ranges(image),
    )
