"""Builds FLMs in the shapes that real files have, byte by byte, so that a test can ask for exactly one oddity.

Shares no code with the package: neither pyelftools nor LIEF can write a file from nothing, and the project's own writer
is what these files are to test. The order is armlink's (measured on 428 files): the program headers come behind all
contents, and the descriptor's addresses overlap the zeroed data.

    file                               addresses
    +--------------------------+
    | ELF header               |       PT_LOAD 0x30000007      PT_LOAD 0x20000004
    +--------------------------+
    | PrgCode                  |       | PrgCode
    |   (gap)                  |       |   (gap)
    | PrgData PROGBITS         |       | PrgData
    +--------------------------+       +---- end of file bytes ----+
    | DevDscr                  |       | PrgData NOBITS            | FlashDevice
    +--------------------------+       +---------------------------+    ...
    | .comment .ARM.attributes |                                   |
    | .symtab .strtab .shstrtab|
    +--------------------------+
    | program headers          |
    | section headers          |
    +--------------------------+
"""

from dataclasses import dataclass

from support.flm_recipe import (
    FLASH_DEVICE_SIZE_BYTES,
    NO_MORE_RUNS,
    PT_LOAD,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHN_ABS,
    SHT_ARM_ATTRIBUTES,
    SHT_NOBITS,
    SHT_NULL,
    SHT_PROGBITS,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_GLOBAL,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STV_DEFAULT,
    STV_HIDDEN,
    FlmRecipe,
)


@dataclass
class _Section:
    """A section to be; `offset` comes with the layout."""

    name: str
    kind: int
    flags: int = 0
    address: int = 0
    data: bytes = b""
    memory_size_bytes: int | None = None
    link: int = 0
    info: int = 0
    alignment: int = 1
    entry_size_bytes: int = 0
    offset: int = 0

    @property
    def size_bytes(self) -> int:
        return len(self.data) if self.memory_size_bytes is None else self.memory_size_bytes

    @property
    def end_address(self) -> int:
        return self.address + self.size_bytes


@dataclass(frozen=True)
class _Symbol:
    """A symbol to be; the section is an index."""

    name: str
    value: int
    size_bytes: int
    kind: int
    binding: int
    visibility: int
    section_index: int


def build(recipe: FlmRecipe) -> bytes:
    """Return the file."""
    program = _program_sections(recipe)
    descriptor = _descriptor_sections(recipe, program)
    loaded = [_Section("", SHT_NULL), *program, *descriptor]
    sections = [*loaded, *_unloaded_sections(recipe, loaded)]
    names = _add_section_names(sections)
    body = _lay_out(recipe, sections)
    segments = _segments(recipe, program, descriptor)
    program_headers = b"".join(segments)
    program_headers_offset = _elf_header_size_bytes(recipe) + len(body)
    section_headers = b"".join(_section_header(recipe, section, names) for section in sections)
    header = _elf_header(recipe, program_headers_offset, segments, section_headers, len(sections))
    return header + body + program_headers + section_headers


def flash_device(recipe: FlmRecipe) -> bytes:
    """Return the whole struct FlashDevice, also what the file may not ship."""
    fixed = recipe.pack(
        "H128sHIIIIB3xII",
        recipe.version,
        recipe.device_name,
        recipe.device_type,
        recipe.base_address,
        recipe.size_bytes,
        recipe.page_size_bytes,
        recipe.reserved,
        recipe.erased_value,
        recipe.program_timeout_ms,
        recipe.erase_timeout_ms,
    )
    origin = recipe.base_address if recipe.are_sector_addresses_absolute else 0
    entries = [(size_bytes, origin + offset) for size_bytes, offset in recipe.runs]
    if recipe.is_run_table_terminated:
        entries.append(NO_MORE_RUNS)
    table = b"".join(recipe.pack("II", *entry) for entry in entries)
    return (fixed + table).ljust(FLASH_DEVICE_SIZE_BYTES, b"\0")


def _shipped_descriptor(recipe: FlmRecipe) -> bytes:
    return flash_device(recipe)[: recipe.descriptor_shipped_bytes]


def _code(recipe: FlmRecipe) -> bytes:
    """Return PrgCode without a descriptor, filled up to whole words."""
    code = b"".join(recipe.routines.values())
    return code + bytes(-len(code) % 4)


def _program_sections(recipe: FlmRecipe) -> list[_Section]:
    contents = _code(recipe) + (_shipped_descriptor(recipe) if recipe.is_descriptor_in_code else b"")
    code = _Section("PrgCode", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, recipe.code_address, contents, alignment=4)
    data_address = code.end_address + recipe.data_gap_bytes
    rw, zi_size_bytes = recipe.rw, recipe.zi_size_bytes
    if recipe.is_single_segment:
        rw, zi_size_bytes = rw + bytes(zi_size_bytes), 0
    sections = [code]
    if rw:
        sections.append(_Section("PrgData", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, data_address, rw, alignment=4))
    if zi_size_bytes:
        zi = _Section("PrgData", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, data_address + len(rw), alignment=4)
        zi.memory_size_bytes = zi_size_bytes
        sections.append(zi)
    return sections


def _descriptor_sections(recipe: FlmRecipe, program: list[_Section]) -> list[_Section]:
    if recipe.is_descriptor_in_code:
        return []
    below = [each for each in program if each.kind == SHT_PROGBITS] if recipe.is_descriptor_over_zi else program
    address = max(each.end_address for each in below)
    address += -address % 4
    data = _shipped_descriptor(recipe)
    return [_Section(recipe.descriptor_section, SHT_PROGBITS, SHF_ALLOC, address, data, alignment=4)]


def _unloaded_sections(recipe: FlmRecipe, loaded: list[_Section]) -> list[_Section]:
    sections = [_Section(name, SHT_PROGBITS, data=data) for name, data in recipe.extra_sections]
    if recipe.comment:
        sections.append(_Section(".comment", SHT_PROGBITS, data=recipe.comment))
    if recipe.arm_attributes:
        sections.append(_Section(".ARM.attributes", SHT_ARM_ATTRIBUTES, data=recipe.arm_attributes))
    if recipe.has_symtab:
        strtab_index = len(loaded) + len(sections) + 1
        sections += _symbol_sections(recipe, [*loaded, *sections], strtab_index)
    return sections


def _symbol_sections(recipe: FlmRecipe, sections: list[_Section], strtab_index: int) -> list[_Section]:
    symbols = sorted(_symbols(recipe, sections), key=lambda symbol: symbol.binding != STB_LOCAL)
    offsets, strings = _string_table([symbol.name for symbol in symbols])
    if not recipe.are_names_terminated:
        strings = strings[:-1]
    table = b"".join(_symbol_entry(recipe, symbol, offsets[symbol.name]) for symbol in symbols)
    symtab = _Section(".symtab", SHT_SYMTAB, data=table, link=strtab_index, alignment=4)
    symtab.info = sum(symbol.binding == STB_LOCAL for symbol in symbols)
    symtab.entry_size_bytes = len(table) // len(symbols)
    return [symtab, _Section(".strtab", SHT_STRTAB, data=strings)]


def _symbols(recipe: FlmRecipe, sections: list[_Section]) -> list[_Symbol]:
    index_of = {section.name: index for index, section in reversed(list(enumerate(sections)))}
    code_index = index_of["PrgCode"]
    symbols = [
        _Symbol("", 0, 0, STT_NOTYPE, STB_LOCAL, STV_DEFAULT, 0),
        _Symbol("$t", recipe.code_address, 0, STT_NOTYPE, STB_LOCAL, STV_DEFAULT, code_index),
        _Symbol("FlashPrg.c", 0, 0, STT_FILE, STB_LOCAL, STV_DEFAULT, SHN_ABS),
    ]
    if recipe.build_attributes:
        symbols.append(_Symbol(recipe.build_attributes, 0, 0, STT_NOTYPE, STB_GLOBAL, STV_HIDDEN, SHN_ABS))
    address = recipe.code_address
    for name, code in recipe.routines.items():
        value = address | int(recipe.is_thumb)
        symbols.append(_Symbol(name, value, len(code), STT_FUNC, STB_GLOBAL, recipe.visibility, code_index))
        address += len(code)
    symbols.append(_descriptor_symbol(recipe, sections, index_of[recipe.descriptor_section]))
    symbols += [
        _Symbol(
            extra.name,
            extra.value,
            extra.size_bytes,
            extra.kind,
            extra.binding,
            extra.visibility,
            SHN_ABS if extra.section is None else index_of[extra.section],
        )
        for extra in recipe.extra_symbols
    ]
    return symbols


def _descriptor_symbol(recipe: FlmRecipe, sections: list[_Section], index: int) -> _Symbol:
    address = sections[index].address + (len(_code(recipe)) if recipe.is_descriptor_in_code else 0)
    size_bytes = recipe.descriptor_symbol_size_bytes
    return _Symbol("FlashDevice", address, size_bytes, STT_OBJECT, STB_GLOBAL, recipe.visibility, index)


def _symbol_entry(recipe: FlmRecipe, symbol: _Symbol, name_offset: int) -> bytes:
    info = symbol.binding << 4 | symbol.kind
    place = (symbol.value, symbol.size_bytes)
    traits = (info, symbol.visibility, symbol.section_index)
    if recipe.class_bits == 64:
        return recipe.pack("IBBHNN", name_offset, *traits, *place)
    return recipe.pack("INNBBH", name_offset, *place, *traits)


def _string_table(names: list[str]) -> tuple[dict[str, int], bytes]:
    """Return each name's offset, and the table."""
    offsets, table = {"": 0}, b"\0"
    for name in names:
        if name not in offsets:
            offsets[name] = len(table)
            table += name.encode("utf-8") + b"\0"
    return offsets, table


def _add_section_names(sections: list[_Section]) -> dict[str, int]:
    """Append .shstrtab and return each name's offset in it."""
    sections.append(_Section(".shstrtab", SHT_STRTAB))
    offsets, sections[-1].data = _string_table([section.name for section in sections])
    return offsets


def _lay_out(recipe: FlmRecipe, sections: list[_Section]) -> bytes:
    """Give every section its place in the file and return what lies between the ELF header and the other headers."""
    start = _elf_header_size_bytes(recipe)
    body = bytearray()
    previous: _Section | None = None
    for section in sections[1:]:
        is_behind_gap = section.name == "PrgData" and previous is not None and previous.name == "PrgCode"
        body += bytes(recipe.data_gap_bytes if is_behind_gap else -len(body) % section.alignment)
        section.offset = start + len(body)
        body += section.data
        previous = section
    return bytes(body) + bytes(-len(body) % 8)


def _segments(recipe: FlmRecipe, program: list[_Section], descriptor: list[_Section]) -> list[bytes]:
    """Return the program headers."""
    if recipe.is_single_segment:
        return [_program_header(recipe, recipe.program_flags, [*program, *descriptor])]
    segments = [_program_header(recipe, recipe.program_flags, program)]
    if descriptor:
        segments.append(_program_header(recipe, recipe.descriptor_flags, descriptor))
    return segments


def _program_header(recipe: FlmRecipe, flags: int, sections: list[_Section]) -> bytes:
    first = sections[0]
    last_in_file = [section for section in sections if section.kind == SHT_PROGBITS][-1]
    file_size_bytes = last_in_file.offset + last_in_file.size_bytes - first.offset
    memory_size_bytes = max(section.end_address for section in sections) - first.address
    place = (first.offset, first.address, first.address, file_size_bytes, memory_size_bytes)
    if recipe.class_bits == 64:
        return recipe.pack("IINNNNNN", PT_LOAD, flags, *place, 4)
    return recipe.pack("INNNNNIN", PT_LOAD, *place, flags, 4)


def _section_header(recipe: FlmRecipe, section: _Section, names: dict[str, int]) -> bytes:
    return recipe.pack(
        "IINNNNIINN",
        names[section.name],
        section.kind,
        section.flags,
        section.address,
        section.offset,
        section.size_bytes,
        section.link,
        section.info,
        section.alignment if section.kind else 0,
        section.entry_size_bytes,
    )


def _elf_header_size_bytes(recipe: FlmRecipe) -> int:
    return 64 if recipe.class_bits == 64 else 52


def _elf_header(
    recipe: FlmRecipe, program_headers_offset: int, segments: list[bytes], section_headers: bytes, section_count: int
) -> bytes:
    """Return the ELF header; section headers follow the program headers, the last section holds the names."""
    identity = b"\x7fELF" + bytes([recipe.class_bits // 32, 2 if recipe.is_big_endian else 1, 1])
    program_headers_size_bytes = sum(map(len, segments))
    return identity.ljust(16, b"\0") + recipe.pack(
        "HHINNNIHHHHHH",
        recipe.file_type,
        recipe.machine,
        1,
        recipe.entry,
        program_headers_offset,
        program_headers_offset + program_headers_size_bytes,
        recipe.flags,
        _elf_header_size_bytes(recipe),
        len(segments[0]),
        len(segments),
        len(section_headers) // section_count,
        section_count,
        section_count - 1,
    )
