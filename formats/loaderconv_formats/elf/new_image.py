"""Puts a loader's bytes into a new document: PT_LOAD segments, sections over all of them, and symbols.

The layout is the one that `elf.loaded` reads: bytes in a PT_LOAD, zeros in NOBITS sections behind them, zeros in
another memory in a NOBITS section outside of every PT_LOAD.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment, ElfSymbol, SegmentView
from loaderconv_formats.elf.loaded import LoadedRange
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Segment

SEGMENT_ALIGNMENT = 4
"""p_align. Not the image's: a stldr starts 4 bytes behind a RAM base, and sections carry their own."""


@dataclass(frozen=True)
class LocalSymbol:
    """A name for a place in the image, for debuggers and disassemblers; hosts look up global symbols only.

    Attributes:
        name: as it will be spelled.
        value: address, with bit 0 set for Thumb functions.
        size_bytes: 0 where unknown.
        type: STT_*.
    """

    name: str
    value: int
    size_bytes: int
    type: int


@dataclass(frozen=True)
class Stretch:
    """Addresses of one range that become sections of one kind: with bytes, then without.

    Attributes:
        start: first address.
        end: first address behind.
        name: of the section with bytes.
        flags: its sh_flags besides SHF_ALLOC.
        zeros_name: of the NOBITS section.
        zeros_flags: its sh_flags besides SHF_ALLOC.
    """

    start: int
    end: int
    name: str
    flags: int
    zeros_name: str
    zeros_flags: int


@dataclass(frozen=True)
class NewRange:
    """Bytes and zeros at consecutive addresses, and the sections that name them.

    Attributes:
        loaded: addresses, bytes and p_flags.
        stretches: parts that together cover the range, by address.
    """

    loaded: LoadedRange
    stretches: tuple[Stretch, ...]


def check_has_code(loader: Loader) -> None:
    """Raise ConversionRefused where there is nothing that a host could download."""
    if not any(segment.data for segment in loader.image_segments):
        raise ConversionRefused(
            f"There is no machine code in {loader.identity.name}.",
            hint="A set of C-SPY macros cannot become an executable; where one is missing, put it where it is named.",
        )


def check_static_base(loader: Loader) -> None:
    """Raise ConversionRefused where r9 points outside of the image: no section could be there to say so."""
    base = loader.placement.static_base
    if base is not None and not any(base in segment.range for segment in loader.image_segments):
        raise ConversionRefused(
            f"The static base 0x{base:08x} of {loader.identity.name} lies outside of its image.",
            hint="Take the loader from its origin again.",
        )


def entry_of(loader: Loader) -> int:
    """Return e_entry: Init, as in real stldrs and IAR loaders; 0 where a loader has none."""
    init = loader.entry_point(Routine.INIT)
    return 0 if init is None else init.address | int(init.thumb)


def range_of(segment: Segment, arm_flags: int) -> LoadedRange:
    """Return a segment of the model with p_flags that say the same, and what armlink adds to them."""
    flags = c.PF_R | (c.PF_W if segment.writable else 0) | (c.PF_X if segment.executable else 0)
    return LoadedRange(segment.address, segment.data, segment.memory_size_bytes, flags | arm_flags)


def zeros_among_code(loaded: LoadedRange) -> int:
    """Return sh_flags for zeros that no reader shall take for the data to which r9 points."""
    return c.SHF_EXECINSTR | (c.SHF_WRITE if loaded.flags & c.PF_W else 0)


def add_ranges(image: ElfImage, ranges: Iterable[NewRange], alignment_bytes: int) -> list[ElfSection]:
    """Add ranges in the order given, and return their sections.

    Args:
        image: the document.
        ranges: what a host downloads.
        alignment_bytes: a power of two; the image must stay congruent to its link address modulo this.
    """
    pieces = []
    for new in ranges:
        segment = _add_segment(image, new.loaded)
        for stretch in new.stretches:
            pieces += _pieces(stretch, new.loaded, segment)
    sections = [_section(piece, alignment_bytes) for piece in _cut_at(alignment_bytes, pieces)]
    if sections and all(section.alignment < alignment_bytes for section in sections):
        sections[0].alignment = alignment_bytes  # no multiple lies in the image, and the claim must stand somewhere
    image.sections += sections
    return sections


def add_routine(image: ElfImage, sections: Iterable[ElfSection], entry: EntryPoint, visibility: int) -> None:
    """Add the symbol of a routine.

    Raises:
        ConversionRefused: no section has bytes for it.
    """
    with_bytes = [section for section in sections if section.type == c.SHT_PROGBITS]
    if _section_at(with_bytes, entry.address) is None:
        raise ConversionRefused(
            f"{entry.symbol} at 0x{entry.address:08x} lies outside of the loader's bytes.",
            hint="Take the loader from its origin again.",
        )
    value = entry.address | int(entry.thumb)
    add_symbol(image, with_bytes, ElfSymbol(entry.symbol, value, entry.size_bytes, c.STT_FUNC, other=visibility))


def add_symbol(image: ElfImage, sections: Iterable[ElfSection], symbol: ElfSymbol) -> None:
    """Add a symbol in the section that holds its address, else in the one that ends there; else as an absolute one.

    An absolute symbol would stay where it is when a relocatable loader moves.
    """
    listed = list(sections)
    ending = (section for section in listed if section.end == symbol.address)
    symbol.section = _section_at(listed, symbol.address) or next(ending, None)
    symbol.special_index = c.SHN_UNDEF if symbol.section is not None else c.SHN_ABS
    image.symbols.append(symbol)


def add_local_symbols(image: ElfImage, sections: Iterable[ElfSection], symbols: Iterable[LocalSymbol]) -> None:
    """Add names for places in the image."""
    listed = list(sections)
    for symbol in symbols:
        local = ElfSymbol(symbol.name, symbol.value, symbol.size_bytes, symbol.type, c.STB_LOCAL)
        add_symbol(image, listed, local)


def free_address(candidates: Iterable[int], size_bytes: int, taken: Sequence[AddressRange]) -> int:
    """Return the first candidate, rounded up to a word, from where so many bytes are free.

    Raises:
        ConversionRefused: there is none.
    """
    for candidate in candidates:
        start = candidate + -candidate % 4
        if start + size_bytes > ADDRESS_SPACE_BYTES:
            continue
        wanted = AddressRange(start=start, size_bytes=size_bytes)
        if not any(wanted.overlaps(each) for each in taken):
            return start
    raise ConversionRefused(
        "The loader leaves no addresses for its descriptor.", hint="Take the loader from its origin again."
    )


def _section_at(sections: Iterable[ElfSection], address: int) -> ElfSection | None:
    return next((section for section in sections if section.address <= address < section.end), None)


@dataclass(frozen=True)
class _Piece:
    """A section to be, in a segment, or without bytes where that is None."""

    name: str
    start: int
    end: int
    flags: int
    segment: ElfSegment | None


def _add_segment(image: ElfImage, loaded: LoadedRange) -> ElfSegment | None:
    if not loaded.data:
        return None
    segment = image.add_load_segment(loaded.address, loaded.data, flags=loaded.flags, alignment=SEGMENT_ALIGNMENT)
    segment.memory_size_bytes = loaded.memory_size_bytes
    return segment


def _pieces(stretch: Stretch, loaded: LoadedRange, segment: ElfSegment | None) -> list[_Piece]:
    bytes_end = min(stretch.end, max(stretch.start, loaded.address + len(loaded.data)))
    pieces = (
        _Piece(stretch.name, stretch.start, bytes_end, stretch.flags, segment),
        _Piece(stretch.zeros_name, bytes_end, stretch.end, stretch.zeros_flags, None),
    )
    return [piece for piece in pieces if piece.start < piece.end]


def _cut_at(alignment_bytes: int, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Return the pieces, one of them in two where none starts at a multiple of the alignment.

    A section can claim an alignment only where its own address keeps it; in GCC's stldr this is the vector table,
    somewhere behind the first address of the code. Zeros stay whole, since two NOBITS sections may be two ranges.
    """
    if any(piece.start % alignment_bytes == 0 for piece in pieces):
        return list(pieces)
    for number, piece in enumerate(pieces):
        middle = piece.start + -piece.start % alignment_bytes
        if piece.segment is not None and middle < piece.end:
            halves = (replace(piece, end=middle), replace(piece, start=middle))
            return [*pieces[:number], *halves, *pieces[number + 1 :]]
    return list(pieces)


def _section(piece: _Piece, alignment_bytes: int) -> ElfSection:
    return ElfSection(
        piece.name,
        c.SHT_NOBITS if piece.segment is None else c.SHT_PROGBITS,
        c.SHF_ALLOC | piece.flags,
        piece.start,
        piece.end - piece.start,
        min(alignment_bytes, piece.start & -piece.start or alignment_bytes),
        content=None if piece.segment is None else SegmentView(piece.segment, piece.start - piece.segment.address),
    )
