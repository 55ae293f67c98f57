"""Builds stldrs in the shapes that real files have, so that a test can ask for exactly one oddity.

file                               addresses (GCC's)
+--------------------------+
| ELF header, tables (IAR) |       PT_LOAD 7                 PT_LOAD 4
+--------------------------+
| code                     |       | .text
| constants                |       | .rodata
|   (hole)                 |       |   zeros                 | StorageInfo
| data                     |       | .data
+--------------------------+       +---- end of file bytes
| StorageInfo              |       | .bss
+--------------------------+
"""

from support.elf_builder import ElfFile, Encoding, Section, Segment, Symbol, build_elf
from support.elf_numbers import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_ARM_ATTRIBUTES,
    SHT_DYNAMIC,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_LOCAL,
    STT_FUNC,
    STT_OBJECT,
    STV_HIDDEN,
)
from support.stldr_recipe import STORAGE_INFO_SIZE_BYTES, DescriptorHome, StldrRecipe


def build(recipe: StldrRecipe) -> bytes:
    """Return the file."""
    program, outside = _program_sections(recipe)
    descriptor = _descriptor_section(recipe)
    loaded = [*program, *outside, descriptor]
    match recipe.descriptor_home:
        case DescriptorHome.OWN_SEGMENT:
            segments = [Segment(recipe.program_flags, program), Segment(recipe.descriptor_flags, [descriptor])]
        case DescriptorHome.CODE_SEGMENT:
            segments = [Segment(recipe.program_flags, [*program, descriptor])]
            loaded = [*program, descriptor, *outside]
        case DescriptorHome.NO_SEGMENT:
            segments = [Segment(recipe.program_flags, program)]
    if recipe.is_descriptor_first:
        segments.reverse()
        loaded = [descriptor, *program, *outside]
    if recipe.has_empty_segment:
        segments.append(Segment(recipe.descriptor_flags, []))
    sections = [*loaded, *_unloaded_sections(recipe)]
    return build_elf(
        ElfFile(
            sections=sections,
            segments=segments,
            symbols=_symbols(recipe, program[0], descriptor, sections) if recipe.has_symbols else None,
            entry=recipe.entry,
            flags=recipe.flags,
            are_tables_in_front=recipe.are_tables_in_front,
            relocations=recipe.relocations,
        )
    )


def storage_info(recipe: StldrRecipe) -> bytes:
    """Return the whole struct StorageInfo, also what the file may not ship."""
    pack = Encoding().pack
    fixed = pack(
        "100sHxxIIIBxxx",
        recipe.device_name,
        recipe.device_type,
        recipe.base_address,
        recipe.size_bytes,
        recipe.page_size_bytes,
        recipe.erased_value,
    )
    groups = b"".join(pack("II", *group) for group in recipe.groups)
    return (fixed + groups).ljust(STORAGE_INFO_SIZE_BYTES, b"\0")


def _program_sections(recipe: StldrRecipe) -> tuple[list[Section], list[Section]]:
    """Return the sections of the code's segment, and the zeroed data where it lies outside of every segment."""
    code = b"".join(recipe.routines.values()).ljust(recipe.code_size_bytes, b"\0")
    code_flags = SHF_ALLOC | SHF_EXECINSTR
    sections = [Section(recipe.code_section, SHT_PROGBITS, code_flags, recipe.code_address, code, alignment=4)]
    if recipe.constants:
        address = sections[0].end_address
        sections.append(Section(recipe.constants_section, recipe.constants_type, SHF_ALLOC, address, recipe.constants))
    writable = SHF_ALLOC | SHF_WRITE
    if recipe.data:
        data = Section(
            recipe.data_section,
            flags=writable,
            address=recipe.data_address,
            data=recipe.data,
            alignment=4,
            gap_bytes=recipe.hole_bytes,
        )
        sections.append(data)
    if not recipe.zi_size_bytes:
        return sections, []
    address = recipe.image_end if recipe.zi_address is None else recipe.zi_address
    zi = Section(recipe.data_section, SHT_NOBITS, writable, address, zeros_bytes=recipe.zi_size_bytes, alignment=4)
    return ([*sections, zi], []) if recipe.is_zi_in_segment else (sections, [zi])


def _descriptor_section(recipe: StldrRecipe) -> Section:
    shipped = storage_info(recipe)[: recipe.descriptor_shipped_bytes]
    data = recipe.in_front_of_descriptor + shipped + recipe.behind_descriptor
    has_bytes = recipe.descriptor_section_kind != SHT_NOBITS
    return Section(
        recipe.descriptor_section,
        recipe.descriptor_section_kind,
        recipe.descriptor_section_flags,
        recipe.descriptor_address,
        data=data if has_bytes else b"",
        zeros_bytes=0 if has_bytes else len(data),
        alignment=4,
    )


def _unloaded_sections(recipe: StldrRecipe) -> list[Section]:
    sections = [Section(name, data=data) for name, data in recipe.extra_sections]
    if recipe.dynamic:
        sections.append(Section(".dynamic", SHT_DYNAMIC, data=recipe.dynamic))
    if recipe.empty_section:
        sections.append(Section(recipe.empty_section, flags=SHF_WRITE))
    if recipe.comment:
        sections.append(Section(".comment", data=recipe.comment))
    if recipe.arm_attributes:
        sections.append(Section(recipe.arm_attributes_section, SHT_ARM_ATTRIBUTES, data=recipe.arm_attributes))
    return sections


def _symbols(recipe: StldrRecipe, code: Section, descriptor: Section, sections: list[Section]) -> list[Symbol]:
    symbols = [Symbol("$t", recipe.code_address, binding=STB_LOCAL, section=code)]
    if recipe.build_attributes:
        symbols.append(Symbol(recipe.build_attributes, visibility=STV_HIDDEN))
    address = recipe.code_address
    for name, instructions in recipe.routines.items():
        value, size_bytes = address | int(recipe.is_thumb), len(instructions)
        symbols.append(Symbol(name, value, size_bytes, STT_FUNC, recipe.binding, recipe.visibility, code))
        address += size_bytes
    described = Symbol(
        "StorageInfo",
        descriptor.address + len(recipe.in_front_of_descriptor),
        recipe.descriptor_symbol_size_bytes,
        STT_OBJECT,
        recipe.binding,
        recipe.visibility,
        descriptor,
    )
    if recipe.descriptor_symbol is not None:
        described = recipe.descriptor_symbol.among(sections)
    return [*symbols, described, *(each.among(sections) for each in recipe.extra_symbols)]
