"""What a new file looks like, and which loaders become none (docs/formats, What real files look like)."""

from dataclasses import replace

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.attributes import Attribute, read_attributes
from loaderconv_formats.elf.build_facts import PI_FLAG, SB_FLAG
from loaderconv_formats.elf.image import ElfImage, ElfSection
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.loader_writer import loader_document
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Architecture, Flavour, Loader
from loaderconv_schemas.memory import Part, Segment
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_builder import layout
from support.iar_recipe import IarRecipe, relocatable_shaped
from support.loader_models import segment
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe, gcc_shaped

ALLOC, EXEC, WRITE = c.SHF_ALLOC, c.SHF_EXECINSTR, c.SHF_WRITE

BUILT = {
    Flavour.FLM: parse_loader(build_flm(FlmRecipe()), "made").loader,
    Flavour.STLDR: parse_loader(build_stldr(StldrRecipe()), "made").loader,
    Flavour.IAR: parse_loader(build_iar(IarRecipe()), "made").loader,
}


def new_file(loader: Loader) -> ElfImage:
    return read_elf(write_elf(loader_document(loader, comment="made by a test")))


def changed(loader: Loader, **fields: object) -> Loader:
    """Return a loader with other values; `static_base` and the like are fields of its placement."""
    names = {"static_base", "evidence", "alignment_bytes"} & fields.keys()
    placement = loader.placement.model_copy(update={str(name): fields.pop(name) for name in names})
    return loader.model_copy(update={**fields, "placement": placement})


def shown(section: ElfSection) -> tuple[str, int, int, int, int]:
    return section.name, section.type, section.flags, section.address, section.size_bytes


def allocated(image: ElfImage) -> list[ElfSection]:
    return [section for section in image.sections if section.is_allocated]


class TestFlm:
    def test_it_is_shaped_as_armlink_shapes_it(self) -> None:
        image = new_file(BUILT[Flavour.FLM])
        assert [(each.type, each.flags, each.address) for each in image.segments] == [
            (c.PT_LOAD, 0x3000_0007, 0),
            (c.PT_LOAD, 0x2000_0004, 36),
        ]
        assert [(len(each.data), each.memory_size_bytes) for each in image.segments] == [(36, 52), (4256, 4256)]
        assert [shown(section) for section in allocated(image)] == [
            ("PrgCode", c.SHT_PROGBITS, ALLOC | EXEC, 0, 28),
            ("PrgData", c.SHT_PROGBITS, ALLOC | WRITE, 28, 8),
            ("PrgData", c.SHT_NOBITS, ALLOC | WRITE, 36, 16),
            ("DevDscr", c.SHT_PROGBITS, ALLOC, 36, 4256),
        ]
        assert image.entry == 0

    def test_its_symbols_are_hidden(self) -> None:
        symbols = {symbol.name: symbol for symbol in new_file(BUILT[Flavour.FLM]).symbols}
        routines = {entry.symbol for entry in BUILT[Flavour.FLM].entry_points}
        assert {symbols[name].type for name in routines} == {c.STT_FUNC}
        assert (symbols["FlashDevice"].type, symbols["FlashDevice"].size_bytes) == (c.STT_OBJECT, 4256)
        assert {(symbol.binding, symbol.other) for symbol in symbols.values()} == {(c.STB_GLOBAL, c.STV_HIDDEN)}

    @pytest.mark.parametrize(
        ("recipe", "address"),
        [
            pytest.param(FlmRecipe(rw=b""), 28, id="zeros only"),
            pytest.param(FlmRecipe(rw=b"", zi_size_bytes=0), 28, id="no data"),
        ],
    )
    def test_hosts_that_insist_on_data_find_a_section(self, recipe: FlmRecipe, address: int) -> None:
        image = new_file(parse_loader(build_flm(recipe), "made").loader)
        data = [each for each in image.sections if each.name == "PrgData" and each.type == c.SHT_PROGBITS]
        assert [shown(section) for section in data] == [("PrgData", c.SHT_PROGBITS, ALLOC | WRITE, address, 0)]

    def test_code_and_data_under_different_flags_stay_apart(self) -> None:
        code, data, descriptor = BUILT[Flavour.FLM].segments
        code = code.model_copy(update={"writable": False})
        data = data.model_copy(update={"executable": False})
        image = new_file(changed(BUILT[Flavour.FLM], segments=(code, data, descriptor)))
        assert [each.flags & 7 for each in image.segments] == [c.PF_R | c.PF_X, c.PF_R | c.PF_W, c.PF_R]

    @pytest.mark.parametrize(
        ("static_base", "zeros"), [pytest.param(36, 8, id="zeros in between"), pytest.param(None, 0, id="no r9")]
    )
    def test_ranges_that_meet_stay_apart_where_one_segment_could_not_hold_both(
        self, static_base: int | None, zeros: int
    ) -> None:
        _, _, descriptor = BUILT[Flavour.FLM].segments
        code = segment(Part.CODE, 0, 36 - zeros, zeros)
        part = Part.CODE if static_base is None else Part.DATA
        behind = segment(part, 36, 8).model_copy(update={"executable": True, "writable": False})
        source = changed(BUILT[Flavour.FLM], segments=(code, behind, descriptor), static_base=static_base)
        image = new_file(source)
        assert [each.address for each in image.segments[:2]] == [0, 36]
        assert parse_loader(write_elf(image), "made").loader.image_segments == (code, behind)

    def test_a_descriptor_that_lay_nowhere_starts_where_the_bytes_end(self) -> None:
        image = new_file(changed(BUILT[Flavour.FLM], segments=BUILT[Flavour.FLM].image_segments))
        assert image.segments[1].address == image.segments[0].file_end

    @pytest.mark.parametrize("size_bytes", [64, 63])
    def test_code_up_to_the_end_of_memory_leaves_no_address_for_prgdata(self, size_bytes: int) -> None:
        *_, descriptor = BUILT[Flavour.FLM].segments
        entry = BUILT[Flavour.FLM].entry_points[0].model_copy(update={"address": 0xFFFF_FFC0})
        code = segment(Part.CODE, 0xFFFF_FFC0, size_bytes)
        source = changed(BUILT[Flavour.FLM], segments=(code, descriptor), entry_points=(entry,), static_base=None)
        if size_bytes == 63:
            assert 0xFFFF_FFFF in {section.address for section in new_file(source).sections}
        else:
            with pytest.raises(ConversionRefused, match="no free address for PrgData"):
                new_file(source)

    def test_a_static_base_outside_of_the_image_is_refused(self) -> None:
        with pytest.raises(ConversionRefused, match="0x00001000 of made lies outside"):
            new_file(changed(BUILT[Flavour.FLM], static_base=0x1000))


class TestStldr:
    def test_descriptor_and_image_are_apart(self) -> None:
        image = new_file(BUILT[Flavour.STLDR])
        descriptor, body = image.segments
        assert (descriptor.address, len(descriptor.data), descriptor.flags) == (0, 200, c.PF_R)
        assert (body.address, len(body.data), body.memory_size_bytes) == (0x2000_0004, 36, 52)
        assert [shown(section) for section in allocated(image)] == [
            (".Dev_Info", c.SHT_PROGBITS, ALLOC, 0, 200),
            (".text", c.SHT_PROGBITS, ALLOC | EXEC, 0x2000_0004, 36),
            (".bss", c.SHT_NOBITS, ALLOC | WRITE, 0x2000_0028, 16),
        ]
        assert image.entry == 0x2000_0005

    def test_zeros_in_another_memory_lie_outside_of_every_segment(self) -> None:
        recipe = replace(gcc_shaped(), zi_address=0x2402_0000, zi_size_bytes=0x200, is_zi_in_segment=False)
        image = new_file(parse_loader(build_stldr(recipe), "made").loader)
        assert max(each.memory_end for each in image.segments) < 0x2402_0000
        assert shown(allocated(image)[-1]) == (".bss", c.SHT_NOBITS, ALLOC | WRITE, 0x2402_0000, 0x200)

    def test_a_descriptor_never_shares_addresses_with_the_image(self) -> None:
        """Code at 0 is what CubeProgrammer's own loaders for internal flash have."""
        source = parse_loader(build_stldr(StldrRecipe(code_address=0, descriptor_address=0x1000, entry=1)), "made")
        image = new_file(source.loader)
        descriptor, body = image.segments
        assert (body.address, body.memory_end) == (0, 52)
        assert descriptor.address == 52

    def test_r9_points_to_the_first_writable_section(self) -> None:
        source = BUILT[Flavour.STLDR]
        image = new_file(changed(source, static_base=0x2000_0020, evidence=(PI_FLAG, SB_FLAG)))
        assert [shown(section)[:4] for section in allocated(image)[1:]] == [
            (".text", c.SHT_PROGBITS, ALLOC | EXEC, 0x2000_0004),
            (".data", c.SHT_PROGBITS, ALLOC | WRITE, 0x2000_0020),
            (".bss", c.SHT_NOBITS, ALLOC | WRITE, 0x2000_0028),
        ]
        assert image.segments[1].flags == 0x3000_0007

    def test_the_segment_to_which_r9_points_is_marked_where_the_code_s_is_not(self) -> None:
        code, descriptor = BUILT[Flavour.STLDR].segments
        data = segment(Part.DATA, 0x2000_1000, b"RW data.", zeros=8)
        source = changed(
            BUILT[Flavour.STLDR],
            segments=(code, data, descriptor),
            static_base=0x2000_1000,
            ram=BUILT[Flavour.STLDR].ram.model_copy(update={"image_bytes": 0x1000 - 4 + 16}),
        )
        image = new_file(source)
        assert [each.flags for each in image.segments] == [c.PF_R, 7, c.PF_R | c.PF_W | c.PF_ARM_SB]
        assert parse_loader(write_elf(image), "made").loader == source

    def test_an_alignment_is_claimed_by_a_section_that_keeps_it(self) -> None:
        """The vector table of GCC's loaders, at a multiple of 0x200 behind a start at RAM + 4."""
        code = segment(Part.CODE, 0x2000_0004, 0x400)
        source = BUILT[Flavour.STLDR]
        image = new_file(changed(source, segments=(code, source.segments[-1]), alignment_bytes=0x200))
        claims = [(section.address, section.alignment) for section in allocated(image)[1:]]
        assert claims == [(0x2000_0004, 4), (0x2000_0200, 0x200)]
        assert all(address % alignment == 0 for address, alignment in claims)

    def test_an_alignment_that_nothing_keeps_is_claimed_all_the_same(self) -> None:
        image = new_file(changed(BUILT[Flavour.STLDR], alignment_bytes=0x200))
        assert [section.alignment for section in allocated(image)] == [4, 0x200, 8]

    def test_zeros_belong_to_the_segment_right_in_front_of_them(self) -> None:
        """Two segments closer to each other than an alignment gap, with zeros behind the second."""
        code = segment(Part.CODE, 0x2000_0004, 32)
        data = segment(Part.DATA, 0x2000_0024, 8, zeros=100)
        source = BUILT[Flavour.STLDR]
        image = new_file(changed(source, segments=(code, data, source.segments[-1])))
        assert parse_loader(write_elf(image), "made").loader.image_segments == (code, data)


class TestIar:
    def test_c_spy_finds_its_symbols(self) -> None:
        source = BUILT[Flavour.IAR]
        interface = source.iar_interface
        assert interface is not None
        assert interface.buffer is not None
        assert interface.arguments is not None
        image = new_file(source)
        symbols = {symbol.name: symbol for symbol in image.symbols}
        assert symbols["FlashInitEntry"].value == image.entry
        assert (symbols["theFlashParams"].type, symbols["theFlashParams"].size_bytes) == (c.STT_OBJECT, 20)
        assert symbols["FlashBufferEnd"].value == interface.buffer.end
        assert symbols["FlashBreak"].value & 1
        assert symbols["__argv"].size_bytes == 4 * interface.arguments.max_count
        version = symbols["frameworkVersion"]
        assert version.section is not None
        at = version.value - version.section.address
        assert version.section.data[at : at + 2] == bytes((200, 0))

    def test_a_call_ends_in_code(self) -> None:
        symbols = {symbol.name: symbol for symbol in new_file(BUILT[Flavour.IAR]).symbols}
        assert (symbols["FlashBreak"].type, symbols["FlashBreak"].size_bytes) == (c.STT_FUNC, 0)

    @pytest.mark.parametrize("recipe", [IarRecipe(), relocatable_shaped()], ids=["absolute", "relocatable"])
    def test_the_end_of_a_section_belongs_to_it(self, recipe: IarRecipe) -> None:
        """An absolute symbol would stay where it is when the loader moves."""
        code_end, (zeros, zeros_size) = layout(recipe).code_end, layout(recipe).zeros
        recipe = replace(recipe, buffer=(zeros + zeros_size, zeros + zeros_size), init_table=b"table...")
        symbols = {symbol.name: symbol for symbol in new_file(parse_loader(build_iar(recipe), "made").loader).symbols}
        ends = {
            "CSTACK$$Limit": zeros + zeros_size,
            "FlashBufferStart": zeros + zeros_size,
            "FlashBufferEnd": zeros + zeros_size,
        }
        if not recipe.is_single_segment:
            ends["Region$$Table$$Limit"] = code_end + len(recipe.init_table)
        for name, address in ends.items():
            holder = symbols[name].section
            assert holder is not None, name
            assert (symbols[name].value, holder.end) == (address, address)

    def test_an_address_that_one_section_ends_at_and_another_holds_belongs_to_the_latter(self) -> None:
        symbols = {symbol.name: symbol for symbol in new_file(BUILT[Flavour.IAR]).symbols}
        for name, holder_name, address in (
            ("FlashBufferEnd", ".data", IarRecipe().data_address),
            ("theFlashParams", ".bss", layout(IarRecipe()).zeros[0]),
        ):
            holder = symbols[name].section
            assert holder is not None
            assert (holder.name, holder.address, symbols[name].value) == (holder_name, address, address)

    def test_a_section_may_be_written_where_its_segment_may(self) -> None:
        code, data = BUILT[Flavour.IAR].segments
        tables = segment(Part.DATA, 0x1FFF_0000, 16, zeros=8).model_copy(update={"writable": False})
        source = changed(BUILT[Flavour.IAR], segments=(tables, code, data))
        image = new_file(source)
        assert [shown(section)[:3] for section in allocated(image)] == [
            (".rodata", c.SHT_PROGBITS, ALLOC),
            (".bss", c.SHT_NOBITS, ALLOC),
            (".text", c.SHT_PROGBITS, ALLOC | EXEC),
            (".data", c.SHT_PROGBITS, ALLOC | WRITE),
            (".bss", c.SHT_NOBITS, ALLOC | WRITE),
        ]
        assert parse_loader(write_elf(image), "made").loader.image_segments == source.segments

    def test_a_relocatable_loader_names_its_static_base_twice(self) -> None:
        image = new_file(parse_loader(build_iar(relocatable_shaped()), "made").loader)
        bases = [symbol.value for symbol in image.symbols if symbol.name in ("SB$$Base", "__iar_static_base$$SB")]
        assert bases == [0, 0]

    def test_a_version_without_a_place_is_left_out(self) -> None:
        """C-SPY does without: 20 of 249 surveyed loaders have none."""
        interface = BUILT[Flavour.IAR].iar_interface
        assert interface is not None
        without = interface.model_copy(update={"framework_version_address": None})
        image = new_file(changed(BUILT[Flavour.IAR], iar_interface=without))
        assert "frameworkVersion" not in {symbol.name for symbol in image.symbols}

    def test_a_buffer_up_to_the_end_of_the_address_space_is_refused(self) -> None:
        interface = BUILT[Flavour.IAR].iar_interface
        assert interface is not None
        assert interface.buffer is not None
        buffer = interface.buffer.model_copy(update={"start": 0xFFFF_F000, "size_bytes": 0x1000})
        with pytest.raises(ConversionRefused, match="end of the address space"):
            new_file(changed(BUILT[Flavour.IAR], iar_interface=interface.model_copy(update={"buffer": buffer})))

    def test_a_loader_that_c_spy_cannot_drive_is_refused(self) -> None:
        with pytest.raises(ConversionRefused, match="how C-SPY drives made"):
            new_file(changed(BUILT[Flavour.IAR], iar_interface=None))


@pytest.mark.parametrize("loader", BUILT.values(), ids=BUILT)
class TestEveryFlavour:
    @pytest.mark.parametrize("kept", [0, 1])
    def test_a_loader_without_machine_code_is_refused(self, loader: Loader, kept: int) -> None:
        zeros = Segment(
            part=Part.DATA, address=0x2000_0000, data=b"", memory_size_bytes=64, writable=True, executable=False
        )
        with pytest.raises(ConversionRefused, match="no machine code in made") as refusal:
            new_file(changed(loader, segments=(zeros,)[:kept]))
        assert refusal.value.hint

    def test_a_routine_outside_of_the_bytes_is_refused(self, loader: Loader) -> None:
        entry = loader.entry_points[0].model_copy(update={"address": 0x3000_0000})
        with pytest.raises(ConversionRefused, match=f"{entry.symbol} at 0x30000000 lies outside"):
            new_file(changed(loader, entry_points=(entry,)))


def test_code_for_another_core_is_not_told_to_be_for_cortex_m() -> None:
    source = BUILT[Flavour.IAR]
    identity = source.identity.model_copy(update={"architecture": Architecture.NOT_CORTEX_M})
    values = read_attributes(new_file(changed(source, identity=identity))).values
    assert Attribute.CPU_ARCH in values
    assert not {Attribute.CPU_ARCH_PROFILE, Attribute.THUMB_ISA_USE} & values.keys()


@pytest.mark.parametrize("flavour", [Flavour.FLM, Flavour.STLDR])
def test_a_device_is_needed_where_the_file_describes_one(flavour: Flavour) -> None:
    with pytest.raises(ConversionRefused, match="which memory made serves"):
        new_file(changed(BUILT[flavour], device=None))
