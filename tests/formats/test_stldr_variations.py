"""Every way in which real stldrs differ from the textbook (docs/formats/stldr.md, What breaks a naive parser).

The numbers in the names are those of the list there; those of its variations that concern writers have no test here.
"""

from dataclasses import replace

import pytest

from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.device import DeviceKind, SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Flavour, FloatAbi, Loader
from loaderconv_schemas.memory import Part, PlacementKind
from support.arm_attributes import CPU_ARCH, CPU_ARCH_PROFILE, PROFILE_M, aeabi
from support.bounded_memory import peak_bytes
from support.elf_builder import ExtraSymbol
from support.elf_numbers import (
    EABI5,
    EABI5_HARD_FLOAT,
    HAS_ENTRY,
    PF_ARM_ENTRY,
    PF_ARM_PI,
    PF_ARM_SB,
    PF_R,
    PF_W,
    PF_X,
    SHF_ALLOC,
    SHF_WRITE,
    STT_FUNC,
    STT_OBJECT,
)
from support.reading import notice_codes, routine_address, segment
from support.stldr_builder import build, storage_info
from support.stldr_recipe import (
    NEWLIB,
    RETURN_ONE,
    ROUTINES,
    SHORT_STORAGE_INFO_SIZE_BYTES,
    STORAGE_INFO_SIZE_BYTES,
    StldrRecipe,
    gcc_shaped,
    keil_shaped,
    routines_without,
    stripped_shaped,
)

TEXTBOOK = StldrRecipe()
SHAPES = {"IAR": TEXTBOOK, "GCC": gcc_shaped(), "Keil": keil_shaped(), "stripped": stripped_shaped()}
FIRST_ROUTINE = TEXTBOOK.code_address


def loader_of(recipe: StldrRecipe) -> Loader:
    return parse_loader(build(recipe), "built").loader


def refusal(recipe: StldrRecipe) -> str:
    with pytest.raises(UnreadableInput) as caught:
        loader_of(recipe)
    return caught.value.message


def bytes_in_memory(loader: Loader) -> dict[int, int]:
    """Return what a host downloads, by address."""
    image: dict[int, int] = {}
    for each in loader.image_segments:
        image.update(enumerate(each.data, start=each.address))
    return image


def lengths(runs: tuple[SectorRun, ...]) -> list[tuple[int, int, int]]:
    return [(run.offset_bytes, run.sector_size_bytes, run.count) for run in runs]


@pytest.mark.parametrize("recipe", SHAPES.values(), ids=SHAPES.keys())
def test_00_every_toolchains_shape_is_read(recipe: StldrRecipe) -> None:
    loader = loader_of(recipe)
    assert (loader.flavour, loader.identity.name, loader.notices) == (Flavour.STLDR, "built", ())
    assert loader.device == loader_of(TEXTBOOK).device
    assert sorted(entry.symbol for entry in loader.entry_points) == sorted(ROUTINES)
    assert all(entry.thumb and entry.size_bytes == len(RETURN_ONE) for entry in loader.entry_points)
    assert routine_address(loader, Routine.INIT) == recipe.code_address
    descriptor = segment(loader, Part.DESCRIPTOR)
    assert (descriptor.address, descriptor.data) == (recipe.descriptor_address, storage_info(recipe))
    assert loader.placement.kind is PlacementKind.ABSOLUTE


def test_01_descriptor_address_lies_in_both_segments() -> None:
    """The code's segment has zeros there; only the symbol's section leads to the descriptor."""
    recipe = gcc_shaped()
    loader = loader_of(recipe)
    code = segment(loader, Part.CODE)
    at = recipe.descriptor_address - code.address
    assert code.data[at : at + STORAGE_INFO_SIZE_BYTES] == bytes(STORAGE_INFO_SIZE_BYTES)
    assert segment(loader, Part.DESCRIPTOR).data == storage_info(recipe)
    assert code.data.endswith(b"RW data.")


def test_01_the_hole_is_part_of_the_image() -> None:
    recipe = gcc_shaped()
    loader = loader_of(recipe)
    assert loader.ram.image_bytes == recipe.image_end + recipe.zi_size_bytes - recipe.code_address


@pytest.mark.parametrize("is_first", [False, True])
def test_01_descriptor_address_lies_in_the_zeroed_tail_of_the_code_segment(is_first: bool) -> None:
    recipe = replace(keil_shaped(), is_descriptor_first=is_first)
    loader = loader_of(recipe)
    code = segment(loader, Part.CODE)
    assert code.range.overlaps(segment(loader, Part.DESCRIPTOR).range)
    assert code.memory_size_bytes == recipe.image_end - recipe.code_address + recipe.zi_size_bytes
    assert loader.device.name == "built"


@pytest.mark.parametrize("recipe", SHAPES.values(), ids=SHAPES.keys())
def test_02_st_size_of_0(recipe: StldrRecipe) -> None:
    loader = loader_of(replace(recipe, descriptor_symbol_size_bytes=0))
    assert segment(loader, Part.DESCRIPTOR).data == storage_info(recipe)
    assert loader.notices == ()


def test_02_st_size_of_0_in_front_of_other_bytes() -> None:
    recipe = replace(TEXTBOOK, descriptor_symbol_size_bytes=0, behind_descriptor=b"other data" * 20)
    assert segment(loader_of(recipe), Part.DESCRIPTOR).data == storage_info(recipe)


def test_02_st_size_of_0_with_2_slots() -> None:
    recipe = replace(TEXTBOOK, descriptor_symbol_size_bytes=0, descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES)
    loader = loader_of(recipe)
    assert len(segment(loader, Part.DESCRIPTOR).data) == SHORT_STORAGE_INFO_SIZE_BYTES
    assert notice_codes(loader) == ["short-descriptor"]


def test_02_st_size_beyond_the_structure() -> None:
    recipe = replace(TEXTBOOK, descriptor_symbol_size_bytes=400, behind_descriptor=bytes(200))
    assert loader_of(recipe) == loader_of(TEXTBOOK)


def test_02_st_size_beyond_the_section() -> None:
    recipe = replace(TEXTBOOK, descriptor_symbol_size_bytes=400, descriptor_shipped_bytes=127)
    assert "StorageInfo has 127 bytes" in refusal(recipe)


@pytest.mark.parametrize("address", [0, 0x2407_FF00])
@pytest.mark.parametrize("is_first", [False, True])
def test_03_descriptor_segment_is_first_or_second(is_first: bool, address: int) -> None:
    loader = loader_of(replace(TEXTBOOK, is_descriptor_first=is_first, descriptor_address=address))
    assert segment(loader, Part.DESCRIPTOR).address == address
    assert [each.part for each in loader.segments] == [Part.CODE, Part.DESCRIPTOR]
    assert loader.ram == loader_of(TEXTBOOK).ram


def test_03_address_0_is_an_address() -> None:
    recipe = replace(TEXTBOOK, code_address=0, descriptor_address=0x2000_4E00, entry=1)
    loader = loader_of(recipe)
    assert routine_address(loader, Routine.INIT) == 0
    assert segment(loader, Part.CODE).address == 0
    assert loader.device == loader_of(TEXTBOOK).device


@pytest.mark.parametrize("name", ["", "P1-P2 ro", ".Dev_Info", "DevInfo", ".symtab", ".stm32_device_info", " ", "[b]"])
def test_04_section_names_mean_nothing(name: str) -> None:
    recipe = replace(TEXTBOOK, code_section=name, constants_section=name, data_section=name, descriptor_section=name)
    assert loader_of(recipe) == loader_of(TEXTBOOK)


def test_04_attributes_in_a_nameless_section() -> None:
    attributes = aeabi({CPU_ARCH: 13, CPU_ARCH_PROFILE: PROFILE_M}, cpu_name=b"Cortex-M7")
    loader = loader_of(replace(stripped_shaped(), arm_attributes=attributes))
    assert (loader.identity.cpu, loader.identity.architecture) == ("Cortex-M7", "ARMv7E-M")


@pytest.mark.parametrize("arm_bits", [0, PF_ARM_PI, PF_ARM_ENTRY, PF_ARM_SB | PF_ARM_PI, PF_ARM_PI | PF_ARM_ENTRY])
def test_05_arm_bits_in_p_flags(arm_bits: int) -> None:
    recipe = replace(keil_shaped(), program_flags=PF_R | PF_X | PF_W | arm_bits, descriptor_flags=PF_R | arm_bits)
    code = segment(loader_of(recipe), Part.CODE)
    assert (code.writable, code.executable) == (True, True)


@pytest.mark.parametrize("program_flags", [PF_R | PF_X, PF_R | PF_X | PF_ARM_ENTRY])
def test_05_code_segment_without_write_permission_holds_data(program_flags: int) -> None:
    recipe = replace(gcc_shaped(), program_flags=program_flags)
    loader = loader_of(recipe)
    code = segment(loader, Part.CODE)
    assert code.data[recipe.data_address - code.address :] == b"RW data."
    assert not code.writable
    assert loader.ram == loader_of(gcc_shaped()).ram


def test_06_zeroed_data_outside_of_every_segment() -> None:
    """IAR leaves it out of p_memsz; the RAM is needed all the same."""
    inside, outside = loader_of(TEXTBOOK), loader_of(replace(TEXTBOOK, is_zi_in_segment=False))
    assert outside.ram == inside.ram
    assert outside.segments == inside.segments


def test_06_zeroed_data_at_another_place() -> None:
    recipe = replace(TEXTBOOK, is_zi_in_segment=False, zi_address=0x2000_8000, zi_size_bytes=4096)
    loader = loader_of(recipe)
    zeros = segment(loader, Part.DATA)
    assert (zeros.address, zeros.data, zeros.memory_size_bytes) == (0x2000_8000, b"", 4096)
    assert loader.ram.image_bytes >= recipe.image_end - recipe.code_address + 4096


def test_06_zeroed_data_in_another_memory_makes_p_memsz_64_megabytes() -> None:
    recipe = replace(
        gcc_shaped(), code_address=0x2000_0004, entry=0x2000_0005, zi_address=0x2402_0000, zi_size_bytes=0x100
    )
    recipe = replace(recipe, descriptor_address=recipe.hole_address)
    data = build(recipe)
    program = max(each.memory_size_bytes for each in parse_loader(data, "built").image.load_segments)
    assert program == 0x0402_00FC
    loader = parse_loader(data, "built").loader
    code, zeros = segment(loader, Part.CODE), segment(loader, Part.DATA)
    assert code.memory_size_bytes == len(code.data) == recipe.image_end - recipe.code_address
    assert (zeros.address, zeros.data, zeros.memory_size_bytes) == (0x2402_0000, b"", 0x100)
    assert loader.ram.image_bytes == code.memory_size_bytes + 0x100
    assert peak_bytes(lambda: parse_loader(data, "built")) < 4 << 20


def test_07_constants_that_are_only_allocated_are_downloaded() -> None:
    recipe = replace(gcc_shaped(), constants=b"constant table. ")
    recipe = replace(recipe, descriptor_address=recipe.hole_address)
    image = bytes_in_memory(loader_of(recipe))
    start = recipe.code_address + recipe.code_size_bytes
    assert bytes(image[start + number] for number in range(16)) == b"constant table. "


def test_08_read_write_position_independent_builds_tell_their_static_base() -> None:
    recipe = keil_shaped()
    placement = loader_of(recipe).placement
    assert placement.static_base == recipe.data_address
    assert placement.kind is PlacementKind.ABSOLUTE
    assert placement.evidence == ("PF_ARM_PI on the code segment", "PF_ARM_SB on the code segment")


def test_08_static_base_of_a_build_with_zeroed_data_only() -> None:
    recipe = replace(keil_shaped(), data=b"")
    recipe = replace(recipe, descriptor_address=recipe.image_end)
    assert loader_of(recipe).placement.static_base == recipe.image_end


@pytest.mark.parametrize("address", [0, 0x2000_0000])
def test_08_static_base_is_not_a_writable_descriptor(address: int) -> None:
    recipe = replace(keil_shaped(), descriptor_section_flags=SHF_ALLOC | SHF_WRITE, descriptor_address=address)
    assert loader_of(recipe).placement.static_base == recipe.data_address


def test_08_static_base_of_a_build_that_only_its_attributes_tell() -> None:
    """Where the flag was lost in post-processing, the linker's note is left."""
    recipe = replace(
        keil_shaped(),
        program_flags=PF_R | PF_W | PF_X,
        build_attributes="BuildAttributes$$THM_ISAv4$S$PE$A:L22$X:L11$S22$IEEE1$IW$RWPI$ROPI$EBA8",
    )
    assert loader_of(recipe).placement.static_base == recipe.data_address


@pytest.mark.parametrize("recipe", [TEXTBOOK, gcc_shaped(), stripped_shaped()], ids=["IAR", "GCC", "stripped"])
def test_08_other_builds_have_no_static_base(recipe: StldrRecipe) -> None:
    assert loader_of(recipe).placement.static_base is None


@pytest.mark.parametrize("entry", [0, 0x0800_0189, 0xFFFF_FFFF])
@pytest.mark.parametrize("flags", [EABI5, EABI5 | HAS_ENTRY, EABI5_HARD_FLOAT | HAS_ENTRY])
def test_09_e_entry_is_no_entry_point(entry: int, flags: int) -> None:
    file = parse_loader(build(replace(TEXTBOOK, entry=entry, flags=flags)), "built")
    assert file.image.entry == entry
    assert file.loader.entry_points == loader_of(TEXTBOOK).entry_points
    assert file.loader.identity.float_abi is (FloatAbi.HARD if flags & 0x400 else None)


def test_10_table_of_2_slots_ends_where_the_symbol_ends() -> None:
    """What follows looks like further groups of sectors."""
    recipe = replace(
        TEXTBOOK,
        groups=((240, 0x1000), (1, 0x1_0000)),
        descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        descriptor_symbol_size_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        behind_descriptor=bytes.fromhex("07000000 00100000") * 8,
    )
    loader = loader_of(recipe)
    assert lengths(loader.device.sectors) == [(0, 0x1000, 240), (0xF_0000, 0x1_0000, 1)]
    assert len(segment(loader, Part.DESCRIPTOR).data) == SHORT_STORAGE_INFO_SIZE_BYTES
    assert notice_codes(loader) == ["short-descriptor"]


def test_10_table_of_no_slot_is_refused() -> None:
    recipe = replace(TEXTBOOK, descriptor_shipped_bytes=120, descriptor_symbol_size_bytes=120)
    assert "StorageInfo has 120 bytes" in refusal(recipe)


def test_10_several_groups_follow_each_other() -> None:
    """A hybrid S25HL: 32 small sectors, the rest of the first large one, then 511 large ones."""
    groups = ((32, 0x1000), (1, 0x2_0000), (511, 0x4_0000))
    size = 32 * 0x1000 + 0x2_0000 + 511 * 0x4_0000
    loader = loader_of(replace(TEXTBOOK, groups=groups, size_bytes=size))
    assert lengths(loader.device.sectors) == [(0, 0x1000, 32), (0x2_0000, 0x2_0000, 1), (0x4_0000, 0x4_0000, 511)]
    assert loader.notices == ()


def test_10_all_10_slots_need_no_end() -> None:
    groups = tuple((1, 0x1000) for _ in range(10))
    loader = loader_of(replace(TEXTBOOK, groups=groups, size_bytes=0xA000))
    assert [run.offset_bytes for run in loader.device.sectors] == [0x1000 * number for number in range(10)]


def test_10_a_group_of_no_sectors_ends_the_table() -> None:
    loader = loader_of(replace(TEXTBOOK, groups=((256, 0x1000), (0, 0x1000), (5, 0x1000))))
    assert lengths(loader.device.sectors) == [(0, 0x1000, 256)]


@pytest.mark.parametrize(("size_bytes", "told"), [(0x3D_0900, "4000000"), (1, "1"), (512 << 20, "536870912")])
def test_10_sectors_that_do_not_sum_up_to_the_size(size_bytes: int, told: str) -> None:
    loader = loader_of(replace(TEXTBOOK, size_bytes=size_bytes))
    assert loader.device.size_bytes == size_bytes
    assert lengths(loader.device.sectors) == [(0, 0x1000, 256)]
    assert notice_codes(loader) == ["sectors-do-not-fill-device"]
    assert told in loader.notices[0].message


@pytest.mark.parametrize(
    "groups",
    [((2, 0x8000_0001),), ((0xFFFF_FFFF, 0xFFFF_FFFF),), ((1, 0xFFFF_FFFF), (1, 2)), ((1, 0x8000_0000),) * 3],
)
def test_10_sectors_beyond_the_address_space(groups: tuple[tuple[int, int], ...]) -> None:
    loader = loader_of(replace(TEXTBOOK, groups=groups))
    assert notice_codes(loader) == ["sectors-wrap"]
    assert sum(run.size_bytes for run in loader.device.sectors) <= 1 << 32


def test_10_sectors_of_no_size() -> None:
    loader = loader_of(replace(TEXTBOOK, groups=((5, 0), (256, 0x1000))))
    assert lengths(loader.device.sectors) == [(0, 0, 0), (0, 0x1000, 256)]


def test_10_billions_of_sectors_of_no_size() -> None:
    """A host that counts them would never come to the end."""
    loader = loader_of(replace(TEXTBOOK, groups=((0xFFFF_FFFF, 0),), size_bytes=0))
    assert lengths(loader.device.sectors) == [(0, 0, 0)]


@pytest.mark.parametrize(
    ("raw", "name", "codes"),
    [
        (b"W25Q64 (QSPI, 8 MB) rev 2", "W25Q64 (QSPI, 8 MB) rev 2", []),
        (b"  blanks around  ", "  blanks around  ", []),
        (b"MX25L512G_STM32F769I-DISCO\0sourcer32@gmail.com\0\xff\xff", "MX25L512G_STM32F769I-DISCO", ["name-junk"]),
        (b"", "", []),
        (b"\0behind", "", ["name-junk"]),
        (b"N" * 100, "N" * 100, ["name-unterminated"]),
        (b"\xffM\x1b[31m", r"\xffM\x1b[31m", ["name-not-printable"]),
    ],
)
def test_11_device_name_ends_at_the_first_nul(raw: bytes, name: str, codes: list[str]) -> None:
    loader = loader_of(replace(TEXTBOOK, device_name=raw))
    assert loader.device.name == name
    assert notice_codes(loader) == codes


@pytest.mark.parametrize(
    ("code", "kind"), [(0, DeviceKind.UNKNOWN), (1, DeviceKind.MCU_FLASH), (7, DeviceKind.SPI_FLASH), (11, "unknown")]
)
def test_11_device_types_outside_of_the_table_are_kept(code: int, kind: DeviceKind) -> None:
    device = loader_of(replace(TEXTBOOK, device_type=code)).device
    assert (device.type_code, device.kind) == (code, kind)


def test_12_look_alikes_are_no_entry_points() -> None:
    look_alikes = tuple(
        ExtraSymbol(name, value=FIRST_ROUTINE | 1, size_bytes=4, kind=STT_FUNC, section="P1 ro") for name in NEWLIB
    )
    loader = loader_of(replace(TEXTBOOK, extra_symbols=look_alikes))
    assert loader.entry_points == loader_of(TEXTBOOK).entry_points


def test_12_look_alikes_do_not_stand_in_for_missing_routines() -> None:
    routines = {**routines_without("Read", "Verify", "CheckSum"), **dict.fromkeys(NEWLIB, RETURN_ONE)}
    loader = loader_of(replace(TEXTBOOK, routines={**routines, "Checksum": RETURN_ONE, "verify": RETURN_ONE}))
    assert [entry.symbol for entry in loader.entry_points] == ["Init", "Write", "SectorErase", "MassErase"]


def test_12_a_variable_is_no_routine() -> None:
    extra = ExtraSymbol("Read", value=FIRST_ROUTINE, size_bytes=4, kind=STT_OBJECT, section="P1 ro")
    loader = loader_of(replace(TEXTBOOK, routines=routines_without("Read"), extra_symbols=(extra,)))
    assert loader.entry_point(Routine.READ) is None


@pytest.mark.parametrize("missing", ROUTINES)
def test_12_any_routine_may_be_missing(missing: str) -> None:
    loader = loader_of(replace(TEXTBOOK, routines=routines_without(missing)))
    assert len(loader.entry_points) == len(ROUTINES) - 1
    assert missing not in [entry.symbol for entry in loader.entry_points]
