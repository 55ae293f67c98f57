"""Builds executables of IAR loaders in the shapes that real files have, so that a test can ask for exactly one oddity.

The tables of symbols and names come first in the file, the program headers last. Parameters, arguments and stack are
NOBITS and lie outside of every segment.

    addresses
    | vector table | stubs, functions, constants |   buffer   | data | parameters, arguments, stack |
    +------------- PT_LOAD ----------------------+            + PT_L +
"""

import struct
from dataclasses import dataclass

from support.elf_builder import ElfFile, Section, Segment, Symbol, build_elf
from support.elf_numbers import (
    PF_R,
    PF_W,
    PF_X,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_ARM_ATTRIBUTES,
    SHT_NOBITS,
    SHT_PROGBITS,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
)
from support.iar_recipe import ARGUMENT_TEXT_BYTES, IarRecipe

VECTOR_TABLE_BYTES = 64


@dataclass(frozen=True)
class IarLayout:
    """Where a recipe's parts lie; ends are exclusive.

    Attributes:
        functions: address by symbol, without the Thumb bit.
        framework_version: address of the constant.
        init_table: first address and end.
        code_end: end of the code's section.
        parameters: address of theFlashParams.
        arguments: addresses of __argc, __argv, __argvbuf.
        zeros: address and size of the NOBITS section.
        stack: first address and end.
    """

    functions: dict[str, int]
    framework_version: int
    init_table: tuple[int, int]
    code_end: int
    parameters: int
    arguments: tuple[int, int, int]
    zeros: tuple[int, int]
    stack: tuple[int, int]


def layout(recipe: IarRecipe) -> IarLayout:
    """Return where the parts lie."""
    at = recipe.code_address + (VECTOR_TABLE_BYTES if recipe.has_vector_table else 0)
    functions = {}
    for name, instructions in {**recipe.stubs, "FlashBreak": recipe.break_code, **recipe.functions}.items():
        functions[name] = at
        at = _aligned(at + len(instructions), 4)
    if recipe.init_address is not None:
        functions["FlashInit"] = recipe.init_address
    version, at = at, at + 4
    table = (at, at + len(recipe.init_table))
    zeros_start = at = recipe.data_address + len(_data(recipe))
    parameters = at - recipe.parameters_size_bytes
    if not recipe.are_parameters_in_file:
        parameters, at = at, at + recipe.parameters_size_bytes
    arguments = (at, at + 4, at + 4 + 4 * (recipe.argument_slots or 0))
    stack_start = _aligned(arguments[2] + ARGUMENT_TEXT_BYTES, 8)
    stack = (stack_start, stack_start + recipe.stack_size_bytes)
    return IarLayout(
        functions, version, table, table[1], parameters, arguments, (zeros_start, stack[1] - zeros_start), stack
    )


def build(recipe: IarRecipe) -> bytes:
    """Return the file."""
    places = layout(recipe)
    code, data, overlay, zeros = _sections(recipe, places)
    segments = [Segment(PF_R | PF_X, code)]
    if recipe.is_single_segment:
        segments = [Segment(PF_R | PF_W | PF_X, [*code, *data])]
    elif data:
        segments.append(Segment(PF_R | PF_W, data))
    segments += [Segment(PF_R | PF_X, [each]) for each in overlay]
    loaded = [*code, *data, *overlay, zeros]
    entry = places.functions.get("FlashInitEntry", 0) | int(recipe.is_thumb)
    return build_elf(
        ElfFile(
            sections=[*loaded, *_unloaded_sections(recipe)],
            segments=segments,
            symbols=_symbols(recipe, places, loaded),
            entry=entry if recipe.entry is None else recipe.entry,
            flags=recipe.flags,
            are_tables_in_front=True,
        )
    )


def _aligned(address: int, alignment: int) -> int:
    return address + -address % alignment


def _data(recipe: IarRecipe) -> bytes:
    """Return the bytes of the variables, with the parameter block where the file holds it."""
    data = recipe.data + bytes(-len(recipe.data) % 4)
    return data + bytes(recipe.parameters_size_bytes) if recipe.are_parameters_in_file else data


def _sections(recipe: IarRecipe, places: IarLayout) -> tuple[list[Section], list[Section], list[Section], Section]:
    """Return the sections of code, of data, of FlashInit inside the buffer, and the zeroed one."""
    code = []
    start = recipe.code_address
    if recipe.has_vector_table:
        code.append(Section("A0", SHT_PROGBITS, SHF_ALLOC, start, _vector_table(recipe, places), alignment=4))
        start += VECTOR_TABLE_BYTES
    flags = SHF_ALLOC | SHF_EXECINSTR
    code.append(Section(recipe.code_section, SHT_PROGBITS, flags, start, _code(recipe, places, start), alignment=4))
    data = []
    if contents := _data(recipe):
        gap = recipe.data_address - places.code_end if recipe.is_single_segment else None
        writable = SHF_ALLOC | SHF_WRITE
        data.append(
            Section(
                recipe.data_section,
                flags=writable,
                address=recipe.data_address,
                data=contents,
                alignment=4,
                gap_bytes=gap,
            )
        )
    overlay = []
    if recipe.init_address is not None:
        instructions = recipe.functions["FlashInit"]
        overlay.append(Section("A0_2", SHT_PROGBITS, flags, recipe.init_address, instructions, alignment=4))
    zeros_start, zeros_size = places.zeros
    zeros = Section(
        recipe.zeroed_section, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, zeros_start, zeros_bytes=zeros_size, alignment=8
    )
    return code, data, overlay, zeros


def _vector_table(recipe: IarRecipe, places: IarLayout) -> bytes:
    stack_word = places.stack[1] if recipe.vector_stack_word is None else recipe.vector_stack_word
    start = places.functions.get("FlashInitEntry", 0) | int(recipe.is_thumb)
    start = start if recipe.vector_start_word is None else recipe.vector_start_word
    return struct.pack("<II", stack_word, start).ljust(VECTOR_TABLE_BYTES, b"\0")


def _code(recipe: IarRecipe, places: IarLayout, start: int) -> bytes:
    code = bytearray(places.code_end - start)
    contents = {**recipe.stubs, "FlashBreak": recipe.break_code, **recipe.functions}
    for name, instructions in contents.items():
        at = places.functions[name] - start
        if name != "FlashInit" or recipe.init_address is None:
            code[at : at + len(instructions)] = instructions
    struct.pack_into("<H", code, places.framework_version - start, recipe.framework_version or 0)
    code[places.init_table[0] - start :] = recipe.init_table
    return bytes(code)


def _unloaded_sections(recipe: IarRecipe) -> list[Section]:
    sections = [Section(name, data=data) for name, data in recipe.extra_sections]
    sections += [Section(".comment", data=recipe.comment), Section(".iar.rtmodel", data=b"__dlib_version\x006\0")]
    if recipe.arm_attributes:
        sections.append(Section(".ARM.attributes", SHT_ARM_ATTRIBUTES, data=recipe.arm_attributes))
    return sections


def _symbols(recipe: IarRecipe, places: IarLayout, loaded: list[Section]) -> list[Symbol]:
    """Return all symbols but the omitted ones, each in the section that holds its address."""
    found = _function_symbols(recipe, places) + _variable_symbols(recipe, places)
    limits = {
        "CSTACK$$Base": places.stack[0],
        "CSTACK$$Limit": places.stack[1],
        "RamBottom$$Base": recipe.data_address,
        "RamBottom$$Limit": places.stack[1],
        "Region$$Table$$Base": places.init_table[0],
        "Region$$Table$$Limit": places.init_table[1],
    }
    if recipe.static_base is not None:
        limits |= {"SB$$Base": recipe.static_base, "__iar_static_base$$SB": recipe.static_base}
    found += [Symbol(name, address, kind=STT_NOTYPE) for name, address in limits.items()]
    holders = {symbol.name: _holder(symbol, loaded) for symbol in found}
    placed = [
        Symbol(each.name, each.value, each.size_bytes, each.kind, section=holders[each.name])
        for each in found
        if each.name not in recipe.omitted
    ]
    return [*placed, *(each.among(loaded) for each in recipe.extra_symbols)]


def _function_symbols(recipe: IarRecipe, places: IarLayout) -> list[Symbol]:
    bit = int(recipe.is_thumb)
    sizes = {name: len(instructions) for name, instructions in recipe.functions.items()}
    return [Symbol(name, address | bit, sizes.get(name, 0), STT_FUNC) for name, address in places.functions.items()]


def _variable_symbols(recipe: IarRecipe, places: IarLayout) -> list[Symbol]:
    buffer_kind, bit = (STT_FUNC, 1) if recipe.are_buffer_symbols_functions else (STT_NOTYPE, 0)
    found = [
        Symbol("FlashBufferStart", recipe.buffer[0] | bit, kind=buffer_kind),
        Symbol("FlashBufferEnd", recipe.buffer[1] | bit, kind=buffer_kind),
        Symbol("theFlashParams", places.parameters, recipe.parameters_size_bytes, STT_OBJECT),
    ]
    if recipe.framework_version is not None:
        found.append(Symbol("frameworkVersion", places.framework_version, 2, STT_OBJECT))
    if recipe.has_vector_table:
        found.append(Symbol("__vector_table", recipe.code_address, VECTOR_TABLE_BYTES, STT_OBJECT))
    if recipe.argument_slots is not None:
        sizes = {"__argc": 4, "__argv": 4 * recipe.argument_slots, "__argvbuf": ARGUMENT_TEXT_BYTES}
        places_of = zip(sizes.items(), places.arguments, strict=True)
        found += [Symbol(name, address, size, STT_OBJECT) for (name, size), address in places_of]
    return found


def _holder(symbol: Symbol, loaded: list[Section]) -> Section | int:
    """Return the section that holds a symbol's address; the last one counts for ends behind all sections."""
    address = symbol.value & ~1
    return next((each for each in loaded if each.address <= address < each.end_address), loaded[-1])
