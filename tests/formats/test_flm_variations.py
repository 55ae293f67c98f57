"""Every way in which real FLMs differ from the textbook (docs/formats/flm.md, What breaks a naive parser)."""

from dataclasses import replace
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_schemas.device import DeviceKind, SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import Part, PlacementKind
from support.arm_attributes import (
    ARCH_V6_M,
    CPU_ARCH,
    PCS_RO_DATA,
    POSITION_INDEPENDENT,
    RO_RELATIVE_TO_PC,
    aeabi,
)
from support.elf_numbers import EABI3, EM_RISCV, STB_LOCAL, STT_FUNC, STT_NOTYPE, STT_OBJECT, STV_DEFAULT, STV_HIDDEN
from support.flm_builder import build, flash_device
from support.flm_recipe import (
    FLASH_DEVICE_SIZE_BYTES,
    ROUTINES,
    SHORT_FLASH_DEVICE_SIZE_BYTES,
    ExtraSymbol,
    FlmRecipe,
    gcc_shaped,
    routines_without,
)
from support.paths import corpus_flm
from support.reading import loader_of, notice_codes, routine_address, segment
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import keil_shaped

CODE_BYTES = 28
"""Seven routines of 4 bytes."""


def lengths(runs: tuple[SectorRun, ...]) -> list[tuple[int, int, int]]:
    return [(run.offset_bytes, run.sector_size_bytes, run.count) for run in runs]


class TestSections:
    def test_textbook_file_has_nothing_to_notice(self) -> None:
        loader = loader_of(FlmRecipe())
        assert loader.flavour is Flavour.FLM
        assert loader.identity.name == "built"
        assert loader.notices == ()
        assert [entry.symbol for entry in loader.entry_points] == [
            "Init",
            "UnInit",
            "EraseSector",
            "ProgramPage",
            "EraseChip",
            "BlankCheck",
            "Verify",
        ]

    def test_duplicate_prgdata(self) -> None:
        loader = loader_of(FlmRecipe(rw=b"RW data.", zi_size_bytes=40))
        code, data = segment(loader, Part.CODE), segment(loader, Part.DATA)
        assert (code.address, len(code.data), code.memory_size_bytes) == (0, CODE_BYTES, CODE_BYTES)
        assert (data.address, data.data, data.memory_size_bytes) == (CODE_BYTES, b"RW data.", 8 + 40)
        assert loader.placement.static_base == CODE_BYTES
        assert loader.ram.image_bytes == CODE_BYTES + 8 + 40

    @pytest.mark.parametrize("is_over_zi", [True, False])
    def test_descriptor_at_addresses_of_zeroed_data(self, is_over_zi: bool) -> None:
        recipe = FlmRecipe(zi_size_bytes=8192, is_descriptor_over_zi=is_over_zi)
        loader = loader_of(recipe)
        descriptor, data = segment(loader, Part.DESCRIPTOR), segment(loader, Part.DATA)
        assert descriptor.range.overlaps(data.range) is is_over_zi
        assert descriptor.data == flash_device(recipe)[:SHORT_FLASH_DEVICE_SIZE_BYTES]
        assert loader.device.name == "Builder Flash 64K"
        assert data.memory_size_bytes == 8 + 8192
        assert data.data == b"RW data."

    def test_descriptor_is_no_part_of_the_image(self) -> None:
        with_all, with_little = FlmRecipe(), FlmRecipe(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES)
        assert loader_of(with_all).ram.image_bytes == loader_of(with_little).ram.image_bytes == CODE_BYTES + 8 + 16

    def test_devdscr_with_only_176_bytes(self) -> None:
        recipe = FlmRecipe(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES)
        loader = loader_of(recipe)
        assert loader.device == loader_of(FlmRecipe()).device
        assert len(segment(loader, Part.DESCRIPTOR).data) == SHORT_FLASH_DEVICE_SIZE_BYTES

    def test_descriptor_of_unknown_size(self) -> None:
        loader = loader_of(FlmRecipe(descriptor_symbol_size_bytes=0))
        assert loader.device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize("address", [0x1000, 0xC000, 0x2000_0004])
    def test_prgcode_not_at_0(self, address: int) -> None:
        loader = loader_of(FlmRecipe(code_address=address))
        assert routine_address(loader, Routine.INIT) == address
        assert routine_address(loader, Routine.BLANK_CHECK) == address + 24
        assert segment(loader, Part.CODE).address == address
        assert loader.placement.static_base == address + CODE_BYTES
        assert loader.ram.image_bytes == CODE_BYTES + 8 + 16

    def test_gap_of_4_bytes_before_rw(self) -> None:
        loader = loader_of(FlmRecipe(data_gap_bytes=4))
        code, data = segment(loader, Part.CODE), segment(loader, Part.DATA)
        assert data.address == loader.placement.static_base == CODE_BYTES + 4
        assert data.data == b"RW data."
        assert code.range.end == data.address
        assert code.data == loader_of(FlmRecipe()).segments[0].data + bytes(4)
        assert loader.ram.image_bytes == CODE_BYTES + 4 + 8 + 16

    def test_no_rw(self) -> None:
        loader = loader_of(FlmRecipe(rw=b""))
        assert loader.placement.static_base == CODE_BYTES
        assert segment(loader, Part.DATA).data == b""
        assert segment(loader, Part.DATA).memory_size_bytes == 16

    def test_no_zi(self) -> None:
        loader = loader_of(FlmRecipe(zi_size_bytes=0))
        data = segment(loader, Part.DATA)
        assert (data.address, data.data, data.memory_size_bytes) == (CODE_BYTES, b"RW data.", 8)

    def test_neither_rw_nor_zi(self) -> None:
        loader = loader_of(FlmRecipe(rw=b"", zi_size_bytes=0))
        assert loader.placement.static_base is None
        assert [each.part for each in loader.segments] == [Part.CODE, Part.DESCRIPTOR]
        assert loader.placement.kind is PlacementKind.POSITION_INDEPENDENT

    def test_rw_of_odd_size(self) -> None:
        data = segment(loader_of(FlmRecipe(rw=b"five.", zi_size_bytes=3)), Part.DATA)
        assert (data.data, data.memory_size_bytes) == (b"five.", 8)

    @pytest.mark.parametrize(
        "name", ["DeviceData", "device_info", ".rodata", ".text.FlashDevice", "[bold]", "Dev Dscr", "ÄÖ"]
    )
    def test_flashdevice_in_oddly_named_section(self, name: str) -> None:
        recipe = FlmRecipe(descriptor_section=name)
        assert loader_of(recipe).device == loader_of(FlmRecipe()).device

    def test_flashdevice_inside_prgcode(self) -> None:
        recipe = FlmRecipe(descriptor_section="PrgCode")
        loader = loader_of(recipe)
        code = segment(loader, Part.CODE)
        assert loader.device == loader_of(FlmRecipe()).device
        assert len(code.data) == CODE_BYTES + FLASH_DEVICE_SIZE_BYTES
        assert segment(loader, Part.DESCRIPTOR).address == CODE_BYTES
        assert loader.placement.static_base == CODE_BYTES + FLASH_DEVICE_SIZE_BYTES

    def test_debug_sections_are_kept_in_the_document(self) -> None:
        file = parse_loader(build(FlmRecipe(extra_sections=((".debug_info", b"DWARF"),))), "built")
        (debug,) = (each for each in file.image.sections if each.name == ".debug_info")
        assert debug.data == b"DWARF"
        assert file.loader == loader_of(FlmRecipe())


class TestDescriptor:
    def test_name_with_junk_behind_nul(self) -> None:
        loader = loader_of(FlmRecipe(device_name=b"Clean\0junk \xff\x80"))
        assert loader.device.name == "Clean"
        assert notice_codes(loader) == ["name-junk"]

    def test_name_that_fills_its_field(self) -> None:
        loader = loader_of(FlmRecipe(device_name=b"N" * 128))
        assert loader.device.name == "N" * 128
        assert notice_codes(loader) == ["name-unterminated"]

    def test_name_that_is_not_ascii(self) -> None:
        loader = loader_of(FlmRecipe(device_name="Gerät".encode("latin-1")))
        assert loader.device.name == r"Ger\xe4t"
        assert notice_codes(loader) == ["name-not-printable"]

    def test_name_of_no_characters(self) -> None:
        assert loader_of(FlmRecipe(device_name=b"")).device.name == ""

    def test_absolute_addrsector_that_is_devadr(self) -> None:
        runs = ((0x800, 0), (0x1000, 0x4000))
        recipe = FlmRecipe(base_address=0x0100_0000, size_bytes=0x8000, runs=runs, are_sector_addresses_absolute=True)
        loader = loader_of(recipe)
        assert lengths(loader.device.sectors) == [(0, 0x800, 8), (0x4000, 0x1000, 4)]
        assert notice_codes(loader) == ["absolute-sector-addresses"]

    def test_absolute_addrsector_that_is_not_devadr(self) -> None:
        """nrf53xx_network_uicr.flm: copied from the file for the main flash."""
        recipe = FlmRecipe(base_address=0x01FF_8000, size_bytes=0x1000, runs=((0x800, 0x0100_0000),))
        loader = loader_of(recipe)
        assert lengths(loader.device.sectors) == [(0, 0x800, 2)]
        assert loader.device.base_address == 0x01FF_8000
        assert notice_codes(loader) == ["absolute-sector-addresses"]
        assert "0x01000000" in loader.notices[0].message
        assert "0x01ff8000" in loader.notices[0].message

    def test_addrsector_that_is_a_plain_offset_stays(self) -> None:
        """A first run that starts inside the device is an oddity of its own, not an absolute address."""
        loader = loader_of(FlmRecipe(runs=((0x1000, 0x8000),)))
        assert lengths(loader.device.sectors) == [(0x8000, 0x1000, 8)]
        assert notice_codes(loader) == []

    def test_several_runs(self) -> None:
        runs = ((0x4000, 0), (0x1_0000, 0x1_0000), (0x2_0000, 0x2_0000))
        loader = loader_of(FlmRecipe(size_bytes=0x10_0000, runs=runs))
        assert lengths(loader.device.sectors) == [
            (0, 0x4000, 4),
            (0x1_0000, 0x1_0000, 1),
            (0x2_0000, 0x2_0000, 7),
        ]
        assert loader.notices == ()

    def test_neighbouring_runs_of_one_size_stay_apart(self) -> None:
        loader = loader_of(FlmRecipe(runs=((0x1000, 0), (0x1000, 0x8000))))
        assert lengths(loader.device.sectors) == [(0, 0x1000, 8), (0x8000, 0x1000, 8)]

    def test_511_runs(self) -> None:
        runs = tuple((0x80, 0x80 * number) for number in range(511))
        assert len(loader_of(FlmRecipe(runs=runs, size_bytes=511 * 0x80)).device.sectors) == 511

    def test_sectors_that_do_not_fill_the_device(self) -> None:
        loader = loader_of(FlmRecipe(size_bytes=0x1800, runs=((0x1000, 0),)))
        assert lengths(loader.device.sectors) == [(0, 0x1000, 1)]
        assert notice_codes(loader) == ["uneven-sector-run"]

    @pytest.mark.parametrize(
        ("page", "sector"),
        [
            pytest.param(0x8000, 0x1000, id="page larger than sector"),
            pytest.param(0x300, 0x1000, id="sector no multiple of page"),
            pytest.param(0x1200, 0x2400, id="page no power of two"),
            pytest.param(0x3000, 0x3000, id="sector no power of two"),
            pytest.param(1, 1, id="bytes"),
            pytest.param(0, 0x1000, id="no page"),
            pytest.param(0x1_0001, 0x1000, id="page beyond the header's PAGE_MAX"),
        ],
    )
    def test_pages_and_sectors_are_read_as_they_are(self, page: int, sector: int) -> None:
        device = loader_of(FlmRecipe(page_size_bytes=page, size_bytes=sector * 16, runs=((sector, 0),))).device
        assert device.page_size_bytes == page
        assert lengths(device.sectors) == [(0, sector, 16)]

    def test_erased_value_of_mram(self) -> None:
        assert loader_of(FlmRecipe(erased_value=0)).device.erased_value == 0

    def test_version_of_rust(self) -> None:
        assert loader_of(FlmRecipe(version=0x0001)).device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (0, DeviceKind.UNKNOWN),
            (1, DeviceKind.MCU_FLASH),
            (2, DeviceKind.NOR_FLASH_8_BIT),
            (3, DeviceKind.NOR_FLASH_16_BIT),
            (4, DeviceKind.NOR_FLASH_32_BIT),
            (5, DeviceKind.SPI_FLASH),
            (6, DeviceKind.UNKNOWN),
            (0xFFFF, DeviceKind.UNKNOWN),
        ],
    )
    def test_device_types(self, code: int, kind: DeviceKind) -> None:
        device = loader_of(FlmRecipe(device_type=code)).device
        assert (device.type_code, device.kind) == (code, kind)

    @pytest.mark.corpus
    @pytest.mark.parametrize(
        ("name", "base", "sectors"),
        [
            ("nrf53xx_network.flm", 0x0100_0000, (0, 0x800, 128)),
            ("nrf53xx_network_uicr.flm", 0x01FF_8000, (0, 0x800, 2)),
        ],
    )
    def test_real_files_with_absolute_addrsector(self, name: str, base: int, sectors: tuple[int, int, int]) -> None:
        path = corpus_flm(name)
        device = parse_loader(path.read_bytes(), path.stem).loader.device
        assert device.base_address == base
        assert lengths(device.sectors) == [sectors]


class TestSymbols:
    @pytest.mark.parametrize("visibility", [STV_HIDDEN, STV_DEFAULT])
    def test_visibility_does_not_matter(self, visibility: int) -> None:
        assert len(loader_of(FlmRecipe(visibility=visibility)).entry_points) == len(ROUTINES)

    @pytest.mark.parametrize("name", ROUTINES)
    def test_missing_routine_is_read(self, name: str) -> None:
        loader = loader_of(FlmRecipe(routines=routines_without(name)))
        assert name not in [entry.symbol for entry in loader.entry_points]
        assert len(loader.entry_points) == len(ROUTINES) - 1

    @pytest.mark.parametrize(
        "look_alike", ["_Init", "init", "INIT", "Init ", "Init.1", "__Init_from_arm", "SystemInit"]
    )
    def test_look_alike_does_not_count(self, look_alike: str) -> None:
        extra = ExtraSymbol(look_alike, value=1, size_bytes=4, kind=STT_FUNC, section="PrgCode")
        loader = loader_of(FlmRecipe(routines=routines_without("Init"), extra_symbols=(extra,)))
        assert loader.entry_point(Routine.INIT) is None

    def test_variable_of_that_name_does_not_count(self) -> None:
        extra = ExtraSymbol("Verify", value=CODE_BYTES, size_bytes=4, kind=STT_OBJECT, section="PrgData")
        loader = loader_of(FlmRecipe(routines=routines_without("Verify"), extra_symbols=(extra,)))
        assert loader.entry_point(Routine.VERIFY) is None

    def test_global_routine_wins_over_a_static_one(self) -> None:
        extra = ExtraSymbol("Init", value=9, size_bytes=4, kind=STT_FUNC, binding=STB_LOCAL, section="PrgCode")
        assert routine_address(loader_of(FlmRecipe(extra_symbols=(extra,))), Routine.INIT) == 0

    def test_untyped_routine_of_assembly_counts(self) -> None:
        extra = ExtraSymbol("Verify", value=1, kind=STT_NOTYPE, section="PrgCode")
        loader = loader_of(FlmRecipe(routines=routines_without("Verify"), extra_symbols=(extra,)))
        entry = loader.entry_point(Routine.VERIFY)
        assert entry is not None
        assert (entry.address, entry.thumb) == (0, True)

    def test_read_extension(self) -> None:
        extra = ExtraSymbol("Read", value=5, size_bytes=4, kind=STT_FUNC, section="PrgCode")
        assert routine_address(loader_of(FlmRecipe(extra_symbols=(extra,))), Routine.READ) == 4

    def test_arm_state_routines_are_read(self) -> None:
        assert not any(entry.thumb for entry in loader_of(FlmRecipe(is_thumb=False)).entry_points)

    def test_routine_sizes(self) -> None:
        loader = loader_of(FlmRecipe(routines={"Init": bytes(8), "UnInit": bytes(2), "Verify": bytes(4)}))
        assert [(entry.symbol, entry.address, entry.size_bytes) for entry in loader.entry_points] == [
            ("Init", 0, 8),
            ("UnInit", 8, 2),
            ("Verify", 10, 4),
        ]

    def test_a_static_function_is_no_routine(self) -> None:
        """A driver's own `static int Read()` for its bus must not be called as the loader's Read."""
        own = ExtraSymbol("Read", value=1, size_bytes=4, kind=STT_FUNC, binding=STB_LOCAL, section="PrgCode")
        assert loader_of(FlmRecipe(extra_symbols=(own,))).entry_point(Routine.READ) is None

    def test_where_all_are_local_they_count(self) -> None:
        """GNU ld makes hidden symbols local."""
        own = tuple(
            ExtraSymbol(name, value=4 * number + 1, size_bytes=4, kind=STT_FUNC, binding=STB_LOCAL, section="PrgCode")
            for number, name in enumerate(("Init", "UnInit", "EraseSector", "ProgramPage"))
        )
        loader = loader_of(FlmRecipe(routines={"code": bytes(16)}, extra_symbols=own))
        assert [entry.symbol for entry in loader.entry_points] == ["Init", "UnInit", "EraseSector", "ProgramPage"]


class TestFileShape:
    def test_entry_set(self) -> None:
        file = parse_loader(build(FlmRecipe(entry=1, program_flags=0xB000_0007)), "built")
        assert file.image.entry == 1
        assert file.loader == loader_of(FlmRecipe())

    def test_eabi_3(self) -> None:
        loader = loader_of(FlmRecipe(flags=EABI3))
        assert loader.device == loader_of(FlmRecipe()).device
        assert loader.identity.float_abi is None

    def test_risc_v_is_named_in_the_refusal(self) -> None:
        with pytest.raises(UnreadableInput, match="RISC-V"):
            loader_of(FlmRecipe(machine=EM_RISCV))

    def test_gcc_with_one_segment(self) -> None:
        recipe = gcc_shaped(aeabi(POSITION_INDEPENDENT))
        loader = loader_of(recipe)
        image = b"".join(each.data for each in loader.image_segments)
        assert loader.device == loader_of(FlmRecipe()).device
        assert loader.placement.static_base == CODE_BYTES
        assert len(loader.entry_points) == len(ROUTINES)
        assert image[CODE_BYTES : CODE_BYTES + 24] == b"RW data." + bytes(16)
        assert loader.identity.toolchain == "GCC: (GNU Toolchain) 12.2.1"

    def test_executable_descriptor_segment(self) -> None:
        assert loader_of(FlmRecipe(descriptor_flags=0x2000_0005)) == loader_of(FlmRecipe())

    def test_stripped_to_the_interface(self) -> None:
        loader = loader_of(FlmRecipe(build_attributes="", comment=b""))
        assert len(loader.entry_points) == len(ROUTINES)
        assert (loader.identity.toolchain, loader.identity.cpu, loader.identity.architecture) == (None, None, None)
        assert loader.placement.kind is PlacementKind.POSITION_INDEPENDENT

    def test_bytes_behind_the_file_are_ignored_and_told_of(self) -> None:
        loader = parse_loader(build(FlmRecipe()) + bytes(1000), "built").loader
        assert notice_codes(loader) == ["trailing-bytes"]
        assert loader.model_copy(update={"notices": ()}) == loader_of(FlmRecipe())


class TestOtherLinkers:
    """Item 12 of the list: GCC, clang and Rust."""

    def test_descriptor_section_with_swept_in_bytes(self) -> None:
        """The script of pyocd/FlashAlgo gathers comments and debug data there: 0x159C bytes."""
        swept = b"GCC: (GNU) 12.2.1".ljust(0x159C - FLASH_DEVICE_SIZE_BYTES, b"\0")
        assert loader_of(FlmRecipe(behind_descriptor=swept)) == loader_of(FlmRecipe())

    def test_exactly_as_many_runs_as_there_are(self) -> None:
        """Rust's flash-algorithm crate declares an array of n + 1 pairs."""
        size = 160 + 8 * 2
        recipe = FlmRecipe(descriptor_shipped_bytes=size, descriptor_symbol_size_bytes=size, version=1)
        assert loader_of(recipe).device == loader_of(FlmRecipe()).device

    def test_empty_prgdata(self) -> None:
        """Code without variables needs no r9, so that nothing has to show that they may move."""
        recipe = replace(
            gcc_shaped(aeabi({CPU_ARCH: ARCH_V6_M, PCS_RO_DATA: RO_RELATIVE_TO_PC})), rw=b"", zi_size_bytes=0
        )
        without_section, with_empty_one = loader_of(recipe), loader_of(replace(recipe, has_empty_data=True))
        assert without_section.placement.kind is PlacementKind.POSITION_INDEPENDENT
        assert with_empty_one == without_section

    def test_everything_in_prgcode(self) -> None:
        recipe = replace(gcc_shaped(b""), descriptor_section="PrgCode", rw=b"", zi_size_bytes=0)
        loader = loader_of(recipe)
        assert [each.part for each in loader.segments] == [Part.CODE, Part.DESCRIPTOR]
        assert loader.device == loader_of(FlmRecipe()).device
        assert loader.placement.static_base is None


def test_stldr_named_flm(tmp_path: Path) -> None:
    """Item 11 of the list: a vendor's pack ships one, with PrgCode and DevInfo as in an FLM."""
    path = tmp_path / "MX25LM51245G_STM32L4R9I-DISCO-KEIL.FLM"
    path.write_bytes(build_stldr(replace(keil_shaped(), descriptor_address=0x2000_6000)))
    loader = read_loader_file(path).loader
    assert loader.flavour is Flavour.STLDR
    assert loader.identity.name == "MX25LM51245G_STM32L4R9I-DISCO-KEIL"
    assert segment(loader, Part.DESCRIPTOR).address == 0x2000_6000
    assert routine_address(loader, Routine.INIT) == 0x2000_0004
