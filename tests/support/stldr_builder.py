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
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_LOCAL,
    STT_FUNC,
    STT_OBJECT,
    STV_HIDDEN,
)
from support.stldr_recipe import STORAGE_INFO_SIZE_BYTES, StldrRecipe


def build(recipe: StldrRecipe) -> bytes:
    """Return the file."""
    program, outside = _program_sections(recipe)
    descriptor = _descriptor_section(recipe)
    segments = [Segment(recipe.program_flags, program), Segment(recipe.descriptor_flags, [descriptor])]
    loaded = [*program, *outside, descriptor]
    if recipe.is_descriptor_first:
        segments.reverse()
        loaded = [descriptor, *program, *outside]
    sections = [*loaded, *_unloaded_sections(recipe)]
    return build_elf(
        ElfFile(
            sections=sections,
            segments=segments,
            symbols=_symbols(recipe, program[0], descriptor, sections),
            entry=recipe.entry,
            flags=recipe.flags,
            are_tables_in_front=recipe.are_tables_in_front,
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
        sections.append(Section(recipe.constants_section, SHT_PROGBITS, SHF_ALLOC, address, recipe.constants))
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
    return Section(
        recipe.descriptor_section,
        flags=recipe.descriptor_section_flags,
        address=recipe.descriptor_address,
        data=shipped + recipe.behind_descriptor,
        alignment=4,
    )


def _unloaded_sections(recipe: StldrRecipe) -> list[Section]:
    sections = [Section(name, data=data) for name, data in recipe.extra_sections]
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
        symbols.append(Symbol(name, value, size_bytes, STT_FUNC, visibility=recipe.visibility, section=code))
        address += size_bytes
    size_bytes = recipe.descriptor_symbol_size_bytes
    described = Symbol(
        "StorageInfo", descriptor.address, size_bytes, STT_OBJECT, visibility=recipe.visibility, section=descriptor
    )
    return [*symbols, described, *(each.among(sections) for each in recipe.extra_symbols)]
