"""Reads an ELF file into the document. Headers by pyelftools; symbols with struct, because objects cost milliseconds.

Input is hostile: sizes are checked against the file before anything is allocated, and whatever pyelftools raises on
damaged bytes leaves here as UnreadableInput.
"""

import struct
from functools import cache
from typing import Any

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import (
    ElfImage,
    ElfRelocation,
    ElfSection,
    ElfSegment,
    ElfSymbol,
    SegmentView,
)
from loaderconv_formats.file_bytes import MAX_FILE_BYTES
from loaderconv_schemas.errors import UnreadableInput

MAX_SEGMENTS = 64
"""No loader of 1,500 surveyed has more than 5 program headers; every section is looked up in each."""

MAX_OVERLAP = 8
"""Segments, sections and names may share bytes, but not more than this often: a bound on memory, not on files."""

_DAMAGED_HINT = "The file looks truncated or damaged: take it from its origin again."


def read_elf(data: bytes) -> ElfImage:
    """Return the document of an ELF32 little-endian Arm executable.

    Raises:
        UnreadableInput: not such a file, or damaged; the message says which.
    """
    _check_identity(data)
    try:
        return _Reader(data).image()
    except UnreadableInput:
        raise
    except Exception as problem:
        raise UnreadableInput(
            f"The ELF headers contradict each other ({type(problem).__name__}).", hint=_DAMAGED_HINT
        ) from problem


def _check_identity(data: bytes) -> None:
    """Raise UnreadableInput unless the file starts as an ELF32 little-endian Arm executable does."""
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableInput(
            f"The file has {len(data)} bytes; no flash loader is that large.", hint="Name the loader file itself."
        )
    if not data:
        raise UnreadableInput("The file is empty.", hint=_DAMAGED_HINT)
    if not data.startswith(c.ELF_MAGIC):
        raise UnreadableInput(
            "The file is not an ELF file.",
            hint="Flash loaders are linked ELF files; a .hex, .bin or text file cannot be one.",
        )
    if len(data) < c.EHDR_SIZE:
        raise UnreadableInput(f"The ELF file ends after {len(data)} bytes, inside its header.", hint=_DAMAGED_HINT)
    problem = why_unfit(data)
    if problem is not None:
        raise problem


def why_unfit(data: bytes) -> UnreadableInput | None:
    """Return why a complete ELF header is not that of a linked ELF32 little-endian Arm program, None where it is."""
    if len(data) < c.EHDR_SIZE:
        return None
    if data[4] != c.ELFCLASS32:
        return UnreadableInput("The ELF file is not 32-bit.", hint="Cortex-M loaders are 32-bit Arm programs.")
    if data[5] != c.ELFDATA2LSB:
        return UnreadableInput("The ELF file is big-endian.", hint="Cortex-M loaders are little-endian Arm programs.")
    file_type, machine = struct.unpack_from("<HH", data, 16)
    if machine != c.EM_ARM:
        name = c.MACHINE_NAMES.get(machine, f"machine {machine}")
        return UnreadableInput(
            f"The ELF file is for {name}, not for Arm.", hint="Only loaders for Cortex-M can be read."
        )
    if file_type != c.ET_EXEC:
        return UnreadableInput(
            f"The ELF file is not a linked executable (e_type {file_type}).",
            hint="Name the output of the linker, not an object file or a library.",
        )
    return None


@cache
def _structs() -> Any:
    """Return pyelftools' layouts of the headers of such a file; making them takes longer than reading one."""
    from elftools.elf.structs import ELFStructs  # noqa: PLC0415 - 100 ms that `--help` does not need

    structs = ELFStructs(little_endian=True, elfclass=32)
    structs.create_basic_structs()
    structs.create_advanced_structs()
    return structs


class _Reader:
    """One pass over one file; holds what the steps share."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        structs = _structs()
        header = self._header = structs.Elf_Ehdr.parse(data[: c.EHDR_SIZE])
        if header["e_phnum"] > MAX_SEGMENTS:
            raise UnreadableInput(
                f"The file has {header['e_phnum']} segments; no loader needs more than {MAX_SEGMENTS}.",
                hint=_DAMAGED_HINT,
            )
        if header["e_shnum"] >= c.SHN_LORESERVE:
            raise UnreadableInput(
                f"The file has {header['e_shnum']} sections; symbols can tell {c.SHN_LORESERVE - 1} apart.",
                hint=_DAMAGED_HINT,
            )
        self._segment_headers = self._table(
            structs.Elf_Phdr, header["e_phoff"], header["e_phnum"], header["e_phentsize"], c.PHDR_SIZE
        )
        self._section_headers = self._table(
            structs.Elf_Shdr, header["e_shoff"], header["e_shnum"], header["e_shentsize"], c.SHDR_SIZE
        )

    def image(self) -> ElfImage:
        header = self._header
        segments = self._segments()
        by_index = self._sections([segment for segment, _ in segments], [offset for _, offset in segments])
        symbols = self._symbols(by_index)
        self._relocations(by_index, symbols)
        return ElfImage(
            entry=header["e_entry"],
            flags=header["e_flags"],
            os_abi=self._data[7],
            abi_version=self._data[8],
            segments=[segment for segment, _ in segments],
            sections=[section for section in by_index if section is not None],
            symbols=[symbol for symbol in symbols if symbol is not None],
            trailing_bytes=len(self._data) - self._end(),
        )

    def _end(self) -> int:
        """Return the offset behind the last thing that the headers tell of."""
        header = self._header
        ends: list[int] = [
            c.EHDR_SIZE,
            header["e_phoff"] + len(self._segment_headers) * c.PHDR_SIZE,
            header["e_shoff"] + len(self._section_headers) * c.SHDR_SIZE,
            *(each["p_offset"] + each["p_filesz"] for each in self._segment_headers),
            *(
                each["sh_offset"] + each["sh_size"]
                for each in self._section_headers
                if _number(each["sh_type"], "sh_type") not in (c.SHT_NOBITS, c.SHT_NULL)
            ),
        ]
        return min(max(ends), len(self._data))

    def _table(self, record: Any, offset: int, count: int, entry_size: int, expected: int) -> list[Any]:
        """Parse a header table; the whole of it must lie in the file."""
        if not count:
            return []
        if entry_size != expected:
            raise UnreadableInput(f"A header table has entries of {entry_size} bytes.", hint=_DAMAGED_HINT)
        self._slice(offset, count * entry_size, "A header table")
        view = memoryview(self._data)
        return [
            record.parse(view[at : at + entry_size].tobytes())
            for at in range(offset, offset + count * entry_size, entry_size)
        ]

    def _slice(self, offset: int, size_bytes: int, what: str) -> bytes:
        """Return bytes of the file. Raises UnreadableInput where it is shorter."""
        if offset + size_bytes > len(self._data):
            raise UnreadableInput(
                f"{what} ends at offset 0x{offset + size_bytes:x}, the file at 0x{len(self._data):x}.",
                hint=_DAMAGED_HINT,
            )
        return self._data[offset : offset + size_bytes]

    @property
    def _limit_bytes(self) -> int:
        return MAX_OVERLAP * max(len(self._data), 1 << 16)

    def _bound(self, total: int, what: str) -> None:
        if total > self._limit_bytes:
            raise UnreadableInput(f"{what} overlap each other over and over.", hint=_DAMAGED_HINT)

    def _segments(self) -> list[tuple[ElfSegment, int]]:
        """Return the segments with their file offsets."""
        self._bound(sum(header["p_filesz"] for header in self._segment_headers), "The segments")
        found = []
        for number, header in enumerate(self._segment_headers):
            data = self._slice(header["p_offset"], header["p_filesz"], f"Segment {number}")
            memory_size = max(header["p_memsz"], len(data))
            if header["p_vaddr"] + memory_size > 1 << 32:
                raise UnreadableInput(f"Segment {number} goes beyond the 32-bit address space.", hint=_DAMAGED_HINT)
            segment = ElfSegment(
                type=_number(header["p_type"], "p_type"),
                address=header["p_vaddr"],
                data=data,
                memory_size_bytes=memory_size,
                flags=header["p_flags"],
                alignment=header["p_align"],
                physical_address=header["p_paddr"],
                read_from=header["p_offset"],
            )
            found.append((segment, header["p_offset"]))
        return found

    def _sections(self, segments: list[ElfSegment], offsets: list[int]) -> list[ElfSection | None]:
        """Return the sections by their index in the file; None stands for tables that the writer makes anew."""
        headers = self._section_headers
        if not headers:
            return []
        types = [_number(header["sh_type"], "sh_type") for header in headers]
        self._bound(
            sum(h["sh_size"] for h, kind in zip(headers, types, strict=True) if kind != c.SHT_NOBITS), "The sections"
        )
        names = _Names(self._string_table(self._header["e_shstrndx"]), self._limit_bytes)
        made_anew = {0, self._header["e_shstrndx"], *self._symbol_tables(types)}
        found: list[ElfSection | None] = []
        for index, (header, kind) in enumerate(zip(headers, types, strict=True)):
            if index in made_anew or kind == c.SHT_NULL:
                found.append(None)
                continue
            section = ElfSection(
                name=names.at(header["sh_name"]),
                type=kind,
                flags=header["sh_flags"],
                address=header["sh_addr"],
                size_bytes=header["sh_size"],
                alignment=header["sh_addralign"],
                entry_size_bytes=header["sh_entsize"],
                info=header["sh_info"],
                read_from=header["sh_offset"],
            )
            if kind != c.SHT_NOBITS:
                section.content = self._content(index, header, segments, offsets)
            elif section.is_allocated and section.end > 1 << 32:
                raise UnreadableInput(f"Section {index} goes beyond the 32-bit address space.", hint=_DAMAGED_HINT)
            found.append(section)
        self._link(found)
        return found

    def _content(
        self,
        index: int,
        header: Any,
        segments: list[ElfSegment],
        offsets: list[int],
    ) -> SegmentView | bytes:
        """Return a view where the bytes lie in a PT_LOAD at the section's own address, else a copy."""
        offset, size = header["sh_offset"], header["sh_size"]
        own = self._slice(offset, size, f"Section {index}")
        if not header["sh_flags"] & c.SHF_ALLOC:
            return own
        for segment, start in zip(segments, offsets, strict=True):
            inside = start <= offset and offset + size <= start + len(segment.data)
            if segment.type == c.PT_LOAD and inside and header["sh_addr"] - segment.address == offset - start:
                return SegmentView(segment, offset - start)
        return own

    def _symbol_tables(self, types: list[int]) -> set[int]:
        """Return the indexes of the symbol table and of its string table.

        Any further symbol table, of which the specification allows none, goes as well: in a new file its section
        indexes would be wrong, and it might be taken for the real one.
        """
        found = {index for index, kind in enumerate(types) if kind == c.SHT_SYMTAB}
        return found | {self._section_headers[min(found)]["sh_link"]} if found else found

    def _link(self, sections: list[ElfSection | None]) -> None:
        """Turn sh_link and sh_info, which are indexes, into references."""
        for section, header in zip(sections, self._section_headers, strict=True):
            if section is None:
                continue
            link = header["sh_link"]
            if 0 < link < len(sections):
                section.link = sections[link]
                section.links_to_symbols = _number(self._section_headers[link]["sh_type"], "sh_type") == c.SHT_SYMTAB
            if section.type in (c.SHT_REL, c.SHT_RELA) and 0 < section.info < len(sections):
                section.info_section = sections[section.info]

    def _string_table(self, index: int) -> bytes:
        if not 0 < index < len(self._section_headers):
            return b""
        header = self._section_headers[index]
        return self._slice(header["sh_offset"], header["sh_size"], f"String table {index}")

    def _symbols(self, sections: list[ElfSection | None]) -> list[ElfSymbol | None]:
        """Return the symbols by their index in the file; index 0 is no symbol."""
        header = next((h for h in self._section_headers if _number(h["sh_type"], "sh_type") == c.SHT_SYMTAB), None)
        if header is None:
            return []
        table = self._slice(header["sh_offset"], header["sh_size"] // c.SYM_SIZE * c.SYM_SIZE, "The symbol table")
        names = _Names(self._string_table(header["sh_link"]), self._limit_bytes)
        found: list[ElfSymbol | None] = [None]
        for name, value, size, info, other, index in struct.iter_unpack("<IIIBBH", table[c.SYM_SIZE :]):
            section = sections[index] if 0 < index < len(sections) else None
            symbol = ElfSymbol(
                name=names.at(name),
                value=value,
                size_bytes=size,
                type=info & 0xF,
                binding=info >> 4,
                other=other,
                section=section,
                special_index=0 if section is not None else (index if index >= c.SHN_LORESERVE else _orphan(index)),
            )
            found.append(symbol)
        return found

    def _relocations(self, sections: list[ElfSection | None], symbols: list[ElfSymbol | None]) -> None:
        """Replace the bytes of relocation sections over the symbol table by entries that hold references."""
        found = [each for each in sections if each is not None and _relocates_symbols(each)]
        if sum(section.size_bytes for section in found) > len(self._data):
            raise UnreadableInput("The relocations overlap each other.", hint=_DAMAGED_HINT)
        for section in found:
            with_addend = section.type == c.SHT_RELA
            size = c.RELA_SIZE if with_addend else c.REL_SIZE
            if len(section.data) % size:
                continue  # it ends inside an entry; no host needs it, and its bytes are kept
            entries = []
            for fields in struct.iter_unpack("<IIi" if with_addend else "<II", section.data):
                index = fields[1] >> 8
                symbol = symbols[index] if index < len(symbols) else None
                entries.append(ElfRelocation(fields[0], fields[1] & 0xFF, symbol, fields[2] if with_addend else None))
            section.content = entries


def _relocates_symbols(section: ElfSection) -> bool:
    return section.type in (c.SHT_REL, c.SHT_RELA) and section.links_to_symbols


def _orphan(index: int) -> int:
    """Map the index of a section that the document does not hold: undefined stays so, a dangling one is absolute."""
    return c.SHN_UNDEF if index == c.SHN_UNDEF else c.SHN_ABS


class _Names:
    """A string table; bytes that are not UTF-8 survive a round trip.

    Strings may share bytes, so thousands of names can be cut from one: what they take together is bounded.
    """

    def __init__(self, table: bytes, limit_bytes: int) -> None:
        self._table = table
        self._left_bytes = limit_bytes
        self._known: dict[int, str] = {}

    def at(self, offset: int) -> str:
        """Return the string at an offset."""
        if offset not in self._known:
            end = self._table.find(b"\0", offset)
            raw = self._table[offset : end if end >= 0 else len(self._table)]
            self._left_bytes -= len(raw)
            if self._left_bytes < 0:
                raise UnreadableInput("The names overlap each other over and over.", hint=_DAMAGED_HINT)
            self._known[offset] = raw.decode("utf-8", "surrogateescape")
        return self._known[offset]


def _number(value: int | str, field: str) -> int:
    """Return the number of an enumeration member for which pyelftools gives its name."""
    if isinstance(value, int):
        return value
    from elftools.elf import enums  # noqa: PLC0415 - loaded already by its structs

    table = enums.ENUM_P_TYPE_ARM if field == "p_type" else enums.ENUM_SH_TYPE_ARM
    return int(table[value])
