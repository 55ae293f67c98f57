"""The ELF document: segments own bytes, sections are views, symbols hold references, so that nothing goes stale.

Indexes and file offsets do not exist here, but to tell people where something was; the writer computes them. What a
reader found in a file is kept whether it is understood or not.
"""

from dataclasses import dataclass, field

from loaderconv_formats.elf import constants as c


@dataclass(eq=False, slots=True)
class ElfSegment:
    """A program header and the bytes that it covers.

    Attributes:
        type: p_type.
        address: p_vaddr.
        data: p_filesz bytes.
        memory_size_bytes: p_memsz.
        flags: p_flags, with the bits that armlink adds.
        alignment: p_align.
        physical_address: p_paddr.
        read_from: p_offset in the file that was read, to point people there; None for new ones, not kept up to date.
    """

    type: int
    address: int
    data: bytes
    memory_size_bytes: int
    flags: int
    alignment: int
    physical_address: int
    read_from: int | None = None

    @property
    def file_end(self) -> int:
        """First address behind the bytes that the file holds."""
        return self.address + len(self.data)

    @property
    def memory_end(self) -> int:
        """First address behind the segment in memory."""
        return self.address + self.memory_size_bytes


@dataclass(frozen=True, eq=False)
class SegmentView:
    """Bytes of a section that lie in a segment.

    Attributes:
        segment: the owner of the bytes.
        offset_bytes: where they start in it.
    """

    segment: ElfSegment
    offset_bytes: int


@dataclass(eq=False, slots=True)
class ElfSection:
    """A section header and where its bytes are.

    Attributes:
        name: sh_name; names may repeat, be empty, or hold blanks.
        type: sh_type.
        flags: sh_flags.
        address: sh_addr.
        size_bytes: sh_size.
        alignment: sh_addralign.
        entry_size_bytes: sh_entsize.
        content: a view into a segment, own bytes, relocations, or None for a section without bytes (NOBITS).
        link: the section that sh_link names; None for none.
        links_to_symbols: sh_link names the symbol table.
        info: sh_info, where it is a plain number.
        info_section: the section that sh_info names (relocation sections).
        read_from: sh_offset in the file that was read, to point people there; None for new ones, not kept up to date.
    """

    name: str
    type: int
    flags: int = 0
    address: int = 0
    size_bytes: int = 0
    alignment: int = 1
    entry_size_bytes: int = 0
    content: "SegmentView | bytes | list[ElfRelocation] | None" = None
    link: "ElfSection | None" = None
    links_to_symbols: bool = False
    info: int = 0
    info_section: "ElfSection | None" = None
    read_from: int | None = None

    @property
    def is_allocated(self) -> bool:
        """The section takes room in the target's memory."""
        return bool(self.flags & c.SHF_ALLOC)

    @property
    def end(self) -> int:
        """First address behind the section."""
        return self.address + self.size_bytes

    @property
    def data(self) -> bytes:
        """The bytes in the file; empty for NOBITS and for relocations, which are entries here."""
        match self.content:
            case SegmentView(segment=segment, offset_bytes=offset):
                return segment.data[offset : offset + self.size_bytes]
            case bytes() as own:
                return own
            case _:
                return b""


@dataclass(eq=False, slots=True)
class ElfSymbol:
    """A symbol table entry.

    Attributes:
        name: st_name.
        value: st_value; bit 0 marks Thumb code for functions.
        size_bytes: st_size.
        type: STT_*.
        binding: STB_*.
        other: st_other; its low bits are the visibility.
        section: the section that st_shndx names, None for the special indexes.
        special_index: st_shndx where `section` is None: SHN_UNDEF, SHN_ABS, or an index that names no section.
    """

    name: str
    value: int
    size_bytes: int = 0
    type: int = c.STT_NOTYPE
    binding: int = c.STB_GLOBAL
    other: int = c.STV_DEFAULT
    section: ElfSection | None = None
    special_index: int = c.SHN_UNDEF

    @property
    def is_defined(self) -> bool:
        """The symbol stands for something in this file."""
        return self.section is not None or self.special_index != c.SHN_UNDEF

    @property
    def address(self) -> int:
        """The value without the Thumb bit where the symbol is a function."""
        return self.value & ~1 if self.type == c.STT_FUNC else self.value


@dataclass(eq=False, slots=True)
class ElfRelocation:
    """A relocation entry of a linked file (`--emit-relocs`).

    Attributes:
        offset: r_offset, an address.
        type: relocation type.
        symbol: the symbol, None for index 0.
        addend: r_addend; None in a REL section.
    """

    offset: int
    type: int
    symbol: ElfSymbol | None
    addend: int | None


@dataclass(eq=False)
class ElfImage:
    """A linked ELF32 little-endian Arm file.

    Attributes:
        entry: e_entry.
        flags: e_flags.
        os_abi: EI_OSABI.
        abi_version: EI_ABIVERSION.
        segments: program headers in file order.
        sections: section headers in file order, without the null header and the tables that the writer makes.
        symbols: in file order, without the null symbol.
        trailing_bytes: how many bytes of the file lie behind everything that its headers tell of; they are not kept.
    """

    entry: int = 0
    flags: int = c.EF_ARM_EABI_VER5
    os_abi: int = 0
    abi_version: int = 0
    segments: list[ElfSegment] = field(default_factory=list)
    sections: list[ElfSection] = field(default_factory=list)
    symbols: list[ElfSymbol] = field(default_factory=list)
    trailing_bytes: int = 0

    @property
    def load_segments(self) -> list[ElfSegment]:
        """The PT_LOAD segments in file order."""
        return [segment for segment in self.segments if segment.type == c.PT_LOAD]

    def add_load_segment(self, address: int, data: bytes, *, flags: int, alignment: int) -> ElfSegment:
        """Append a PT_LOAD whose memory size is its file size, and return it."""
        segment = ElfSegment(c.PT_LOAD, address, data, len(data), flags, alignment, address)
        self.segments.append(segment)
        return segment

    def add_view(
        self, name: str, segment: ElfSegment, *, address: int, size_bytes: int, flags: int, alignment: int
    ) -> ElfSection:
        """Append a PROGBITS section over bytes of `segment`, and return it."""
        section = ElfSection(
            name,
            c.SHT_PROGBITS,
            flags,
            address,
            size_bytes,
            alignment,
            content=SegmentView(segment, address - segment.address),
        )
        self.sections.append(section)
        return section
