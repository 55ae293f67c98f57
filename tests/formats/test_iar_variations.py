"""Every way in which executables of IAR loaders differ from each other (docs/formats/iar.md).

The numbers in the names are those of the list there, What breaks a naive parser. Item 23 is in `test_iar_look_alikes`;
the others concern `.flash` and `.board` files. What has no number comes from the sections before it.
"""

from dataclasses import replace

import pytest

from loaderconv_formats.loader_file import LoaderFile, parse_loader
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Architecture, Flavour, Loader
from loaderconv_schemas.memory import Part, PlacementKind
from support import elf_surgery as elf
from support.arm_attributes import ARCH_V7, CPU_ARCH, CPU_ARCH_PROFILE, PROFILE_A, PROFILE_M, aeabi
from support.bounded_memory import peak_bytes
from support.elf_numbers import SHT_RELA
from support.elf_surgery import Shdr
from support.iar_builder import build, layout
from support.iar_recipe import (
    ARGUMENT_TEXT_BYTES,
    C_LAYER,
    CORE,
    FL2_LAYER,
    RETURN_ZERO,
    IarRecipe,
    arm_state_shaped,
    overlay_shaped,
    relocatable_shaped,
    sparse_shaped,
    stubs_with,
)
from support.reading import notice_codes, read_or_refusal, routine_address, segment

TEXTBOOK = IarRecipe()
PLACES = layout(TEXTBOOK)
SHAPES = {
    "Cortex-M": TEXTBOOK,
    "relocatable": relocatable_shaped(),
    "Arm state": arm_state_shaped(),
    "overlay": overlay_shaped(),
    "sparse": sparse_shaped(),
}


def loader_of(recipe: IarRecipe) -> Loader:
    return parse_loader(build(recipe), "built").loader


def interface_of(recipe: IarRecipe) -> IarInterface:
    interface = loader_of(recipe).iar_interface
    assert interface is not None
    return interface


def of(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)


class TestTextbook:
    def test_loader(self) -> None:
        loader = loader_of(TEXTBOOK)
        assert (loader.flavour, loader.device, loader.notices) == (Flavour.IAR, None, ())
        assert [entry.symbol for entry in loader.entry_points] == [
            "FlashInitEntry",
            "FlashWriteEntry",
            "FlashEraseWriteEntry",
        ]
        assert [entry.size_bytes for entry in loader.entry_points] == [0, 0, 0]
        assert routine_address(loader, Routine.INIT) == PLACES.functions["FlashInitEntry"]
        assert (loader.placement.kind, loader.placement.static_base) == (PlacementKind.ABSOLUTE, None)
        assert loader.identity.toolchain == "IAR ELF Linker V9.30.1.335"

    def test_interface(self) -> None:
        interface = interface_of(TEXTBOOK)
        assert interface.parameters == of(PLACES.parameters, PLACES.parameters + 20)
        assert interface.buffer == of(0x2000_0800, 0x2000_F000)
        assert interface.break_address == PLACES.functions["FlashBreak"]
        assert interface.stack == of(*PLACES.stack)
        assert interface.stack_pointer == PLACES.stack[1]
        assert interface.vector_table == TEXTBOOK.code_address
        assert interface.framework_version == 200
        assert interface.init_table is None
        assert not interface.init_lies_in_buffer

    @pytest.mark.parametrize("recipe", SHAPES.values(), ids=SHAPES.keys())
    def test_every_shape_is_read(self, recipe: IarRecipe) -> None:
        places, loader = layout(recipe), loader_of(recipe)
        for routine, name in ((Routine.INIT, "FlashInitEntry"), (Routine.ERASE_SECTOR, "FlashEraseWriteEntry")):
            assert routine_address(loader, routine) == places.functions[name]
        assert loader.iar_interface is not None
        assert loader.iar_interface.break_address == places.functions["FlashBreak"]
        assert loader.iar_interface.buffer == of(*recipe.buffer)
        assert not {"core-symbol-missing", "empty-buffer"} & set(notice_codes(loader))


class TestParameterBlock:
    def test_in_zeroed_data(self) -> None:
        """190 of 249 loaders: the file has no bytes for it."""
        zeros = segment(loader_of(TEXTBOOK), Part.DATA)
        assert PLACES.parameters in zeros.range
        assert PLACES.parameters >= zeros.address + len(zeros.data)

    def test_in_initialised_data(self) -> None:
        """59 of 249 loaders: the file has bytes for it."""
        recipe = replace(TEXTBOOK, are_parameters_in_file=True)
        loader, places = loader_of(recipe), layout(recipe)
        data = segment(loader, Part.DATA)
        assert loader.iar_interface is not None
        assert loader.iar_interface.parameters == of(places.parameters, places.parameters + 20)
        assert places.parameters + 20 <= data.address + len(data.data)
        assert loader.notices == ()

    @pytest.mark.parametrize("size", [0, 16, 24])
    def test_of_another_size(self, size: int) -> None:
        loader = loader_of(replace(TEXTBOOK, parameters_size_bytes=size))
        assert notice_codes(loader) == ["parameter-block-size"]
        assert f"{size} bytes" in loader.notices[0].message

    def test_beyond_the_address_space(self) -> None:
        data = build(TEXTBOOK)
        data = elf.put(data, elf.symbol(data, "theFlashParams") + elf.Sym.VALUE, 0xFFFF_FFF0)
        interface = parse_loader(data, "built").loader.iar_interface
        assert interface is not None
        assert interface.parameters is None

    def test_up_to_the_end_of_the_address_space(self) -> None:
        data = build(TEXTBOOK)
        data = elf.put(data, elf.symbol(data, "theFlashParams") + elf.Sym.VALUE, 0xFFFF_FFEC)
        interface = parse_loader(data, "built").loader.iar_interface
        assert interface is not None
        assert interface.parameters == of(0xFFFF_FFEC, 1 << 32)


class TestSymbols:
    @pytest.mark.parametrize("name", CORE)
    def test_one_core_symbol_missing(self, name: str) -> None:
        loader = loader_of(replace(TEXTBOOK, omitted=(name,)))
        assert loader.flavour is Flavour.IAR
        assert "core-symbol-missing" in notice_codes(loader)
        assert any(f"symbol {name}," in notice.message for notice in loader.notices)

    @pytest.mark.parametrize("version", [200, 100, 0xFFFF])
    def test_framework_version(self, version: int) -> None:
        assert interface_of(replace(TEXTBOOK, framework_version=version)).framework_version == version

    def test_framework_version_absent(self) -> None:
        """20 loaders of ILINK 6.40 to 7.40."""
        loader = loader_of(replace(TEXTBOOK, framework_version=None))
        assert loader.iar_interface is not None
        assert loader.iar_interface.framework_version is None
        assert loader.notices == ()

    @pytest.mark.parametrize("slots", [5, 6, 7])
    def test_arguments(self, slots: int) -> None:
        recipe = replace(TEXTBOOK, argument_slots=slots)
        count, vector, text = layout(recipe).arguments
        block = interface_of(recipe).arguments
        assert block is not None
        assert (block.count_address, block.vector, block.text) == (
            count,
            of(vector, vector + 4 * slots),
            of(text, text + ARGUMENT_TEXT_BYTES),
        )
        assert block.max_count == slots

    def test_arguments_absent(self) -> None:
        assert interface_of(replace(TEXTBOOK, argument_slots=None)).arguments is None

    @pytest.mark.parametrize("name", ["__argc", "__argv", "__argvbuf"])
    def test_arguments_half_there(self, name: str) -> None:
        assert interface_of(replace(TEXTBOOK, omitted=(name,))).arguments is None

    @pytest.mark.parametrize(
        ("name", "routine"),
        [("FlashSignoffEntry", Routine.SIGNOFF), ("FlashChecksumEntry", Routine.CHECKSUM)],
    )
    def test_optional_stubs(self, name: str, routine: Routine) -> None:
        recipe = replace(TEXTBOOK, stubs=stubs_with(name))
        assert routine_address(loader_of(recipe), routine) == layout(recipe).functions[name]
        assert loader_of(TEXTBOOK).entry_point(routine) is None

    def test_c_layer(self) -> None:
        functions = dict.fromkeys((*FL2_LAYER, *C_LAYER, "FlashChecksum", "FlashSignoff"), RETURN_ZERO)
        recipe = replace(TEXTBOOK, functions=functions)
        places = layout(recipe)
        assert {entry.symbol: (entry.address, entry.size_bytes) for entry in interface_of(recipe).c_layer} == {
            name: (places.functions[name], len(RETURN_ZERO)) for name in (*C_LAYER, "FlashChecksum", "FlashSignoff")
        }

    def test_fl2_layer_is_not_the_c_layer(self) -> None:
        recipe = replace(TEXTBOOK, functions=dict.fromkeys((*FL2_LAYER, "Fl2FlashMainEntry"), RETURN_ZERO))
        assert interface_of(recipe).c_layer == ()
        assert loader_of(recipe).entry_points == loader_of(TEXTBOOK).entry_points


class TestInitialisedData:
    def test_init_table_filled(self) -> None:
        recipe = replace(TEXTBOOK, init_table=bytes(range(24)))
        loader = loader_of(recipe)
        assert loader.iar_interface is not None
        assert loader.iar_interface.init_table == of(*layout(recipe).init_table)
        assert notice_codes(loader) == ["init-table"]

    def test_init_table_empty(self) -> None:
        """The linker defines both symbols all the same."""
        assert PLACES.init_table[0] == PLACES.init_table[1]
        assert interface_of(TEXTBOOK).init_table is None

    def test_init_table_absent(self) -> None:
        omitted = ("Region$$Table$$Base", "Region$$Table$$Limit")
        assert interface_of(replace(TEXTBOOK, omitted=omitted)).init_table is None


class TestPlacement:
    def test_relocatable_loader(self) -> None:
        recipe = replace(relocatable_shaped(), static_base=0x400)
        loader = loader_of(recipe)
        assert loader.placement.kind is PlacementKind.RELOCATABLE_IAR
        assert loader.placement.static_base == 0x400
        assert routine_address(loader, Routine.PRE_INIT) == layout(recipe).functions["FlashPreInitEntry"]
        assert segment(loader, Part.CODE).address == 0

    @pytest.mark.parametrize("left", ["SB$$Base", "__iar_static_base$$SB"])
    def test_relocatable_loader_with_one_name_of_its_base(self, left: str) -> None:
        omitted = tuple({"SB$$Base", "__iar_static_base$$SB"} - {left})
        assert loader_of(replace(relocatable_shaped(), omitted=omitted)).placement.static_base == 0

    def test_relocatable_loader_without_base(self) -> None:
        placement = loader_of(replace(relocatable_shaped(), static_base=None)).placement
        assert (placement.kind, placement.static_base) == (PlacementKind.RELOCATABLE_IAR, None)

    def test_loader_that_is_not_relocatable_has_no_static_base(self) -> None:
        """Its code reaches its data by address, whatever the linker calls that place."""
        assert loader_of(replace(TEXTBOOK, static_base=0x2000_F000)).placement.static_base is None

    def test_loader_linked_at_0_is_not_relocatable(self) -> None:
        assert loader_of(sparse_shaped()).placement.kind is PlacementKind.ABSOLUTE

    def test_sparse_loader_needs_no_ram_for_the_hole(self) -> None:
        """Code in ITCM at 0, buffer and variables half a gigabyte above."""
        recipe = sparse_shaped()
        places, loader = layout(recipe), loader_of(recipe)
        code, data = segment(loader, Part.CODE), segment(loader, Part.DATA)
        assert (code.address, code.memory_size_bytes) == (0, places.code_end)
        assert (data.address, data.range.end) == (0x2020_8000, places.stack[1])
        stack_bytes = recipe.stack_size_bytes
        assert loader.ram.image_bytes == code.memory_size_bytes + data.memory_size_bytes - stack_bytes
        assert loader.ram.stack_bytes == stack_bytes
        assert loader.ram.page_buffer_bytes == 0x8000
        assert peak_bytes(lambda: loader_of(recipe)) < 4 << 20

    def test_buffer_and_stack_are_no_part_of_the_image(self) -> None:
        loader = loader_of(TEXTBOOK)
        variables = 8 + PLACES.zeros[1] - TEXTBOOK.stack_size_bytes
        assert loader.ram.image_bytes == PLACES.code_end - TEXTBOOK.code_address + variables
        assert loader.ram.stack_bytes == TEXTBOOK.stack_size_bytes

    @pytest.mark.parametrize("entry", [0, 0x2000_0041, 0xFFFF_FFFF])
    def test_e_entry_means_nothing(self, entry: int) -> None:
        """37 of 249 loaders have 0 or their start-up code there."""
        assert loader_of(replace(TEXTBOOK, entry=entry)) == loader_of(TEXTBOOK)


@pytest.mark.parametrize("buffer", [(0x2000_0800, 0x2000_0800), (0x2000_0800, 0x2000_0400)])
def test_16_buffer_of_no_bytes(buffer: tuple[int, int]) -> None:
    loader = loader_of(replace(TEXTBOOK, buffer=buffer))
    assert notice_codes(loader) == ["empty-buffer"]
    assert loader.ram.page_buffer_bytes == 0


@pytest.mark.parametrize("recipe", [TEXTBOOK, relocatable_shaped()], ids=["absolute", "relocatable"])
def test_17_thumb_bit_on_buffer_symbols(recipe: IarRecipe) -> None:
    plain = replace(recipe, are_buffer_symbols_functions=False)
    with_bit = replace(recipe, are_buffer_symbols_functions=True)
    assert interface_of(with_bit).buffer == interface_of(plain).buffer == of(*recipe.buffer)
    assert loader_of(with_bit).entry_points == loader_of(plain).entry_points


def test_18_flash_init_inside_the_buffer() -> None:
    recipe = overlay_shaped()
    loader = loader_of(recipe)
    assert loader.iar_interface is not None
    assert loader.iar_interface.init_lies_in_buffer
    assert notice_codes(loader) == ["init-in-buffer"]
    (overlay,) = (each for each in loader.image_segments if each.address == recipe.buffer[0])
    assert overlay.data == recipe.functions["FlashInit"]
    assert overlay.executable


def test_18_flash_init_behind_the_buffer_is_no_overlay() -> None:
    recipe = replace(TEXTBOOK, init_address=TEXTBOOK.buffer[1] + 0x1000)
    assert not interface_of(recipe).init_lies_in_buffer


def test_19_parameters_and_stack_outside_of_every_segment() -> None:
    file: LoaderFile = parse_loader(build(TEXTBOOK), "built")
    assert max(each.memory_end for each in file.image.load_segments) < PLACES.stack[0]
    data = segment(file.loader, Part.DATA)
    assert data.range.end == PLACES.stack[1]
    assert data.data == b"RW data."


@pytest.mark.parametrize("name", ["", " ", "P1-P2 zi ", ".text", "A1 rw", "[bold]", ".symtab"])
def test_19_section_names_mean_nothing(name: str) -> None:
    recipe = replace(TEXTBOOK, code_section=name, data_section=name, zeroed_section=name)
    assert loader_of(recipe) == loader_of(TEXTBOOK)


def test_20_no_vector_table() -> None:
    recipe = replace(TEXTBOOK, has_vector_table=False)
    interface = interface_of(recipe)
    assert interface.vector_table is None
    assert interface.stack_pointer == layout(recipe).stack[1]


def test_20_arm_state() -> None:
    loader = loader_of(arm_state_shaped())
    assert not any(entry.thumb for entry in loader.entry_points)
    assert loader.identity.architecture is Architecture.NOT_CORTEX_M
    assert notice_codes(loader) == ["arm-state"]


def test_20_one_stub_in_arm_state_is_enough() -> None:
    """No Cortex-M can run it."""
    data = build(TEXTBOOK)
    entry = elf.symbol(data, "FlashWriteEntry") + elf.Sym.VALUE
    loader = parse_loader(elf.put(data, entry, PLACES.functions["FlashWriteEntry"]), "built").loader
    assert [stub.thumb for stub in loader.entry_points] == [True, False, True]
    assert loader.identity.architecture is Architecture.NOT_CORTEX_M
    assert notice_codes(loader) == ["arm-state"]


@pytest.mark.parametrize(
    ("profile", "architecture"), [(PROFILE_M, Architecture.V7_M), (PROFILE_A, Architecture.NOT_CORTEX_M)]
)
def test_20_thumb_state_is_judged_by_the_attributes(profile: int, architecture: Architecture) -> None:
    attributes = aeabi({CPU_ARCH: ARCH_V7, CPU_ARCH_PROFILE: profile})
    loader = loader_of(replace(TEXTBOOK, arm_attributes=attributes))
    assert loader.identity.architecture is architecture
    assert loader.notices == ()


class Test21StackPointer:
    """CSTACK$$Limit, else word 0 of the vector table, else RamBottom$$Limit."""

    def test_21_limit_of_the_stack(self) -> None:
        recipe = replace(TEXTBOOK, vector_stack_word=0x2000_4000)
        assert interface_of(recipe).stack_pointer == PLACES.stack[1]

    def test_21_word_of_the_vector_table(self) -> None:
        recipe = replace(TEXTBOOK, vector_stack_word=0x2000_4000, omitted=("CSTACK$$Limit",))
        interface = interface_of(recipe)
        assert (interface.stack_pointer, interface.stack) == (0x2000_4000, None)

    @pytest.mark.parametrize("has_vector_table", [False, True])
    def test_21_limit_of_the_ram_bottom(self, has_vector_table: bool) -> None:
        recipe = replace(
            TEXTBOOK,
            has_vector_table=has_vector_table,
            vector_stack_word=0,
            omitted=("CSTACK$$Limit", "CSTACK$$Base"),
        )
        assert interface_of(recipe).stack_pointer == layout(recipe).stack[1]
        assert loader_of(recipe).ram.stack_bytes is None

    def test_21_nothing_tells(self) -> None:
        omitted = ("CSTACK$$Limit", "CSTACK$$Base", "RamBottom$$Limit")
        assert interface_of(replace(TEXTBOOK, has_vector_table=False, omitted=omitted)).stack_pointer is None


class Test24Damage:
    @pytest.mark.parametrize("recipe", SHAPES.values(), ids=SHAPES.keys())
    def test_24_truncated(self, recipe: IarRecipe) -> None:
        data = build(recipe)
        for size in range(0, len(data), 61):
            assert isinstance(read_or_refusal(data[:size]), UnreadableInput), f"{size} of {len(data)} bytes were read"

    @pytest.mark.parametrize("entry_size", [0, 1, 5, 0xFFFF_FFFF])
    def test_24_relocations_of_an_odd_size(self, entry_size: int) -> None:
        """The one corrupt file of the survey; no host needs its relocations."""
        data = build(replace(TEXTBOOK, extra_sections=((".rela.text", bytes(29)),)))
        header = elf.section(data, ".rela.text").header_offset
        data = elf.put(elf.put(data, header + Shdr.TYPE, SHT_RELA), header + Shdr.LINK, 1)
        data = elf.put(data, header + Shdr.ENTSIZE, entry_size)
        assert parse_loader(data, "built").loader == loader_of(TEXTBOOK)

    def test_24_routine_outside_of_the_file_bytes(self) -> None:
        data = build(TEXTBOOK)
        data = elf.put(data, elf.symbol(data, "FlashWriteEntry") + elf.Sym.VALUE, 0x2000_8001)
        outcome = read_or_refusal(data)
        assert isinstance(outcome, UnreadableInput)
        assert "FlashWriteEntry at 0x20008000" in outcome.message
