"""Builds FLMs in the shapes that real files have, so that a test can ask for exactly one oddity.

The order is armlink's (measured on 428 files): the descriptor's addresses overlap the zeroed data.

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
    | .comment .ARM.attributes |
    | tables, headers          |
    +--------------------------+
"""

from dataclasses import replace

from support.elf_builder import ElfFile, Section, Segment, Symbol, build_elf
from support.elf_numbers import (
    ET_REL,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHN_ABS,
    SHT_ARM_ATTRIBUTES,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STV_HIDDEN,
)
from support.flm_recipe import FLASH_DEVICE_SIZE_BYTES, NO_MORE_RUNS, FlmRecipe


def build(recipe: FlmRecipe) -> bytes:
    """Return the file."""
    program = _program_sections(recipe)
    descriptor = _descriptor_sections(recipe, program)
    sections = [*program, *descriptor, *_unloaded_sections(recipe)]
    return build_elf(
        ElfFile(
            sections=sections,
            segments=_segments(recipe, program, descriptor),
            symbols=_symbols(recipe, sections) if recipe.has_symtab else None,
            encoding=recipe.encoding,
            machine=recipe.machine,
            file_type=recipe.file_type,
            entry=recipe.entry,
            flags=recipe.flags,
            are_names_terminated=recipe.are_names_terminated,
            relocations=recipe.relocations,
        )
    )


def flash_device(recipe: FlmRecipe) -> bytes:
    """Return the whole struct FlashDevice, also what the file may not ship."""
    pack = recipe.encoding.pack
    fixed = pack(
        "H128sHIIIIB3sII",
        recipe.version,
        recipe.device_name,
        recipe.device_type,
        recipe.base_address,
        recipe.size_bytes,
        recipe.page_size_bytes,
        recipe.reserved,
        recipe.erased_value,
        recipe.padding,
        recipe.program_timeout_ms,
        recipe.erase_timeout_ms,
    )
    origin = recipe.base_address if recipe.are_sector_addresses_absolute else 0
    entries = [(size_bytes, origin + offset) for size_bytes, offset in recipe.runs]
    if recipe.is_run_table_terminated:
        entries.append(NO_MORE_RUNS)
    table = b"".join(pack("II", *entry) for entry in entries)
    return (fixed + table).ljust(FLASH_DEVICE_SIZE_BYTES, b"\0")


def _shipped_descriptor(recipe: FlmRecipe) -> bytes:
    return flash_device(recipe)[: recipe.descriptor_shipped_bytes]


def _code(recipe: FlmRecipe) -> bytes:
    """Return PrgCode without a descriptor, filled up to whole words."""
    code = b"".join(recipe.routines.values())
    return code + bytes(-len(code) % 4)


def _program_sections(recipe: FlmRecipe) -> list[Section]:
    contents = _code(recipe) + (_shipped_descriptor(recipe) if recipe.is_descriptor_in_code else b"")
    flags = SHF_ALLOC | SHF_EXECINSTR
    code = Section(recipe.code_section, flags=flags, address=recipe.code_address, data=contents, alignment=4)
    data_address = code.end_address + recipe.data_gap_bytes
    rw, zeros_bytes = recipe.rw, recipe.zi_size_bytes
    if recipe.is_single_segment:
        rw, zeros_bytes = rw + bytes(zeros_bytes), 0
    sections = [code]
    if rw or recipe.has_empty_data:
        sections.append(Section("PrgData", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, data_address, rw, alignment=4))
    if zeros_bytes:
        address = data_address + len(rw) + recipe.zi_gap_bytes
        zi = Section("PrgData", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, address, alignment=4)
        sections.append(replace(zi, zeros_bytes=zeros_bytes))
    if len(sections) > 1:
        sections[1] = replace(sections[1], gap_bytes=recipe.data_gap_bytes)
    for each in recipe.program_sections:
        below = [s.end_address for s in sections if s.kind != SHT_NOBITS or each.kind == SHT_NOBITS]
        sections.append(replace(each, address=max(below)))
    return sections


def _descriptor_sections(recipe: FlmRecipe, program: list[Section]) -> list[Section]:
    if recipe.is_descriptor_in_code:
        return []
    below = [each for each in program if each.kind != SHT_NOBITS] if recipe.is_descriptor_over_zi else program
    address = max(each.end_address for each in below)
    address += -address % 4
    if recipe.descriptor_address is not None:
        address = recipe.descriptor_address
    data = _shipped_descriptor(recipe) + recipe.behind_descriptor
    return [Section(recipe.descriptor_section, flags=SHF_ALLOC, address=address, data=data, alignment=4)]


def _unloaded_sections(recipe: FlmRecipe) -> list[Section]:
    sections = [Section(name, data=data) for name, data in recipe.extra_sections]
    if recipe.comment:
        sections.append(Section(".comment", data=recipe.comment))
    if recipe.arm_attributes:
        sections.append(Section(".ARM.attributes", SHT_ARM_ATTRIBUTES, data=recipe.arm_attributes))
    return sections


def _segments(recipe: FlmRecipe, program: list[Section], descriptor: list[Section]) -> list[Segment]:
    if recipe.file_type == ET_REL:
        return []
    if recipe.is_single_segment:
        return [Segment(recipe.program_flags, [*program, *descriptor])]
    segments = [Segment(recipe.program_flags, program)]
    if not descriptor or not recipe.is_descriptor_loaded:
        return segments
    return [*segments, Segment(recipe.descriptor_flags, descriptor)]


def _symbols(recipe: FlmRecipe, sections: list[Section]) -> list[Symbol]:
    code = sections[0]
    symbols = [
        Symbol("$t", recipe.code_address, binding=STB_LOCAL, section=code),
        Symbol("FlashPrg.c", kind=STT_FILE, binding=STB_LOCAL, section=SHN_ABS),
    ]
    if recipe.build_attributes:
        symbols.append(Symbol(recipe.build_attributes, visibility=STV_HIDDEN, section=SHN_ABS))
    address = recipe.code_address
    for name, instructions in recipe.routines.items():
        value, size_bytes = address | int(recipe.is_thumb), len(instructions)
        symbols.append(Symbol(name, value, size_bytes, STT_FUNC, recipe.binding, recipe.visibility, code))
        address += size_bytes
    return [*symbols, _descriptor_symbol(recipe, sections), *(each.among(sections) for each in recipe.extra_symbols)]


def _descriptor_symbol(recipe: FlmRecipe, sections: list[Section]) -> Symbol:
    holder = next(each for each in sections if each.name == recipe.descriptor_section)
    return Symbol(
        recipe.descriptor_symbol,
        holder.address + (len(_code(recipe)) if recipe.is_descriptor_in_code else 0),
        recipe.descriptor_symbol_size_bytes,
        recipe.descriptor_symbol_kind,
        recipe.binding,
        recipe.visibility,
        holder,
    )
