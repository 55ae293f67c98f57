"""StorageInfo gets its 200 bytes and a segment of its own, and nobody else loses a byte."""

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSymbol, SegmentView
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused
from support.paths import FIXTURES
from support.rewriting import (
    codes,
    fixture,
    in_code_segment,
    in_section_of_constants,
    rewritten,
    saved,
    section_of,
    storage_info,
)

SHORT = "strict_stldr_short.stldr"
ZEROS_OF_MISSING_GROUPS = bytes(64)


def check_shape(image: ElfImage) -> bytes:
    """Check that the descriptor is as every host wants it, and return it."""
    symbol = storage_info(image)
    section = section_of(symbol)
    segment = segment_of(section)
    assert segment is not None
    assert (symbol.value, symbol.size_bytes, symbol.binding) == (section.address, 200, c.STB_GLOBAL)
    assert (segment.address, len(segment.data), segment.memory_size_bytes) == (section.address, 200, 200)
    assert segment.physical_address == segment.address
    assert [each for each in image.sections if segment_of(each) is segment] == [section]
    assert section.flags & (c.SHF_WRITE | c.SHF_EXECINSTR) == 0
    return segment.data


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(fixture(SHORT), id="in a hole of the code segment"),
        pytest.param(in_code_segment(fixture(SHORT)), id="in the code segment"),
        pytest.param(in_section_of_constants(fixture(SHORT)), id="in a section of constants"),
    ],
)
def test_short_descriptor_without_room_goes_to_address_zero(image: ElfImage) -> None:
    data = saved(image)
    before = parse_loader(data, "before").loader
    result = rewritten(data, name=before.described_device.name)
    assert codes(result) == ["descriptor-size"]
    descriptor = check_shape(read_elf(result.data))
    after = parse_loader(result.data, "after").loader
    assert storage_info(read_elf(result.data)).value == 0
    assert descriptor[136:] == ZEROS_OF_MISSING_GROUPS
    assert after.device == before.device
    assert after.image_segments == before.image_segments


@pytest.mark.parametrize("shape", [in_code_segment, in_section_of_constants])
def test_shared_descriptor_of_the_right_size_moves_out(shape: object) -> None:
    assert callable(shape)
    data = saved(shape(fixture("strict_stldr.stldr")))
    result = rewritten(data, name="strict_stldr")
    assert codes(result) == ["descriptor-size"]
    assert "in a segment with something else" in result.changes[0].message
    check_shape(read_elf(result.data))
    assert parse_loader(result.data, "x").loader.image_segments == parse_loader(data, "x").loader.image_segments


def test_bytes_behind_a_short_descriptor_are_never_taken() -> None:
    image = in_code_segment(fixture(SHORT))
    symbol = storage_info(image)
    code = segment_of(symbol.section)
    assert code is not None
    behind = symbol.value + 136 - code.address
    assert any(code.data[behind : behind + 4]), "something lies there"
    result = rewritten(saved(image), name="strict_stldr_short")
    assert check_shape(read_elf(result.data))[136:] == ZEROS_OF_MISSING_GROUPS


def test_short_descriptor_with_room_stays_where_it_is() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    shorten(image, 136)
    result = rewritten(saved(image), name="strict_stldr_at_zero")
    assert codes(result) == ["descriptor-size"]
    assert "something else" not in result.changes[0].message
    after = read_elf(result.data)
    assert check_shape(after)[136:] == ZEROS_OF_MISSING_GROUPS
    assert after.load_segments[0].address == 0
    assert section_of(storage_info(after)).name == ".Dev_Info"


def shorten(image: ElfImage, size_bytes: int) -> None:
    symbol = storage_info(image)
    segment = segment_of(symbol.section)
    assert segment is not None
    section_of(symbol).size_bytes = symbol.size_bytes = segment.memory_size_bytes = size_bytes
    segment.data = segment.data[:size_bytes]


def test_part_of_a_group_is_no_group() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    shorten(image, 140)
    segment = image.load_segments[0]
    segment.data = segment.data[:136] + b"\x05\0\0\0"
    result = rewritten(saved(image), name="strict_stldr_at_zero")
    assert check_shape(read_elf(result.data))[136:] == ZEROS_OF_MISSING_GROUPS


def test_where_code_lies_at_zero_the_descriptor_goes_behind_it() -> None:
    image = in_code_segment(fixture(SHORT))
    image.add_load_segment(4, bytes(range(1, 0x21)), flags=c.PF_R | c.PF_X, alignment=4)
    result = rewritten(saved(image), name="strict_stldr_short")
    check_shape(read_elf(result.data))
    assert storage_info(read_elf(result.data)).value == 0x24


def test_symbol_without_a_size_gets_one() -> None:
    """Keil leaves st_size at 0, and ST's OpenOCD reads st_size bytes."""
    image = fixture("strict_stldr.stldr")
    storage_info(image).size_bytes = 0
    result = rewritten(saved(image), name="strict_stldr")
    assert codes(result) == ["descriptor-symbol-size"]
    check_shape(read_elf(result.data))
    assert rewritten(result.data, name="strict_stldr").data == result.data


def test_padding_behind_the_descriptor_is_cut_off() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    segment = image.load_segments[0]
    segment.data += bytes(8)
    segment.memory_size_bytes = section_of(storage_info(image)).size_bytes = 208
    assert check_shape(read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data))


def test_nobody_else_moves_with_the_descriptor() -> None:
    image = fixture(SHORT)
    own = section_of(storage_info(image))
    after = read_elf(rewritten(saved(image), name="strict_stldr_short").data)
    kept = {section.name: section.address for section in image.sections if section is not own}
    assert {section.name: section.address for section in after.sections if section.name in kept} == kept
    values = [symbol.value for symbol in image.symbols if symbol.section is not own]
    assert [symbol.value for symbol in after.symbols if section_name(symbol) != own.name] == values


def section_name(symbol: ElfSymbol) -> str | None:
    return symbol.section.name if symbol.section else None


def test_short_descriptor_at_another_address_than_zero_stays_there_too() -> None:
    image = at(0x2000_1000)
    shorten(image, 136)
    after = read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data)
    check_shape(after)
    assert storage_info(after).value == 0x2000_1000


def at(address: int) -> ElfImage:
    """Return a loader with a descriptor alone at an address."""
    image = fixture("strict_stldr_at_zero.stldr")
    segment, symbol = image.load_segments[0], storage_info(image)
    segment.address = segment.physical_address = section_of(symbol).address = symbol.value = address
    return image


def preceded(*, is_in_section: bool, address: int = 0x2000_1000) -> ElfImage:
    """Return a loader with eight bytes in front of its descriptor, in the section or between segment and section."""
    image = at(address + 8)
    segment, symbol = image.load_segments[0], storage_info(image)
    section = section_of(symbol)
    segment.address = segment.physical_address = address
    segment.data = b"build 7\0" + segment.data
    segment.memory_size_bytes = len(segment.data)
    if is_in_section:
        section.address, section.size_bytes = address, len(segment.data)
    else:
        section.content = SegmentView(segment, 8)
    return image


@pytest.mark.parametrize("is_in_section", [True, False])
def test_descriptor_behind_something_moves_out(is_in_section: bool) -> None:
    """ST's OpenOCD reads it from the start of its section."""
    image = preceded(is_in_section=is_in_section)
    result = rewritten(saved(image), name="strict_stldr_at_zero")
    assert codes(result) == ["descriptor-size"]
    after = parse_loader(result.data, "x")
    assert check_shape(after.image) == image.load_segments[0].data[8:]
    assert any(each.data.startswith(b"build 7") for each in after.loader.image_segments)


def test_what_precedes_the_descriptor_never_becomes_the_start_of_the_image() -> None:
    with pytest.raises(ConversionRefused, match="200 bytes and shares its segment at 0x00000000"):
        rewritten(saved(preceded(is_in_section=True, address=0)))


def test_section_that_starts_at_another_address_than_its_bytes_gives_the_descriptor_away() -> None:
    image = at(0x2000_1000)
    segment, symbol = image.load_segments[0], storage_info(image)
    segment.data = b"build 7\0" + segment.data
    segment.memory_size_bytes = section_of(symbol).size_bytes = len(segment.data)
    section_of(symbol).address -= 8
    check_shape(read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data))


def test_bytes_of_the_section_count_and_not_those_of_a_segment_at_its_address() -> None:
    image = at(0x2000_1000)
    section, segment = section_of(storage_info(image)), image.load_segments[0]
    section.content, descriptor = section.data, section.data
    segment.data = bytes(200)
    after = read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data)
    assert check_shape(after) == descriptor


def test_variable_behind_the_descriptor_is_kept_even_if_it_is_zero() -> None:
    image = at(0)
    segment, symbol = image.load_segments[0], storage_info(image)
    segment.data += bytes(8)
    segment.memory_size_bytes = section_of(symbol).size_bytes = len(segment.data)
    image.symbols.append(ElfSymbol("zero", 200, 8, c.STT_OBJECT, section=section_of(symbol)))
    assert codes(rewritten(saved(image), name="strict_stldr_at_zero")) == []


def test_ten_groups_in_use_are_no_reason_to_refuse() -> None:
    image = at(0)
    segment, symbol = image.load_segments[0], storage_info(image)
    segment.data = segment.data[:120] + (b"\1\0\0\0" + b"\0\x10\0\0") * 10 + bytes(8)
    segment.memory_size_bytes = section_of(symbol).size_bytes = symbol.size_bytes = len(segment.data)
    assert check_shape(read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data)) == segment.data[:200]


def test_what_follows_the_end_of_the_table_is_no_group() -> None:
    image = at(0x2000_1000)
    segment, symbol = image.load_segments[0], storage_info(image)
    groups = (b"\1\0\0\0" + b"\0\x10\0\0") * 9 + bytes(8) + b"\1\0\0\0" + b"\0\x10\0\0"
    segment.data = segment.data[:120] + groups
    segment.memory_size_bytes = section_of(symbol).size_bytes = symbol.size_bytes = len(segment.data)
    after = parse_loader(rewritten(saved(image), name="strict_stldr_at_zero").data, "x").loader
    assert after.segments[-1].data == segment.data[:200]


def followed_by_constants(address: int, size_bytes: int) -> ElfImage:
    """Return a loader with a descriptor of some size, and constants of its source file behind it in its segment."""
    image = fixture("strict_stldr_at_zero.stldr")
    shorten(image, size_bytes)
    segment, symbol = image.load_segments[0], storage_info(image)
    section = section_of(symbol)
    segment.address = segment.physical_address = section.address = symbol.value = address
    segment.data += b"needed"
    segment.memory_size_bytes = section.size_bytes = len(segment.data)
    return image


@pytest.mark.parametrize("address", [0, 0x2000_1000])
def test_constants_behind_a_whole_descriptor_are_no_reason_to_change_anything(address: int) -> None:
    result = rewritten(saved(followed_by_constants(address, 200)), name="strict_stldr_at_zero")
    assert codes(result) == []


def test_constants_behind_a_short_descriptor_stay() -> None:
    result = rewritten(saved(followed_by_constants(0x2000_1000, 136)), name="strict_stldr_at_zero")
    after = parse_loader(result.data, "x")
    assert check_shape(after.image)[136:] == ZEROS_OF_MISSING_GROUPS
    assert any(each.data.endswith(b"needed") for each in after.loader.image_segments)
    assert storage_info(after.image).value == 0


def test_constants_behind_a_short_descriptor_never_become_the_start_of_the_image() -> None:
    with pytest.raises(ConversionRefused, match="136 bytes and shares its segment at 0x00000000") as refusal:
        rewritten(saved(followed_by_constants(0, 136)))
    assert "SECTOR_NUM 10" in refusal.value.hint


def test_more_than_ten_groups_in_use_are_refused() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    segment = image.load_segments[0]
    segment.data = segment.data[:120] + (b"\1\0\0\0" + b"\0\x10\0\0") * 11
    segment.memory_size_bytes = len(segment.data)
    symbol = storage_info(image)
    symbol.size_bytes = section_of(symbol).size_bytes = len(segment.data)
    with pytest.raises(ConversionRefused, match="more than 10 sector groups"):
        rewritten(saved(image))


def test_eleventh_group_behind_the_end_of_the_table_is_cut_off() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    segment = image.load_segments[0]
    segment.data += bytes(8)
    segment.memory_size_bytes = len(segment.data)
    symbol = storage_info(image)
    symbol.size_bytes = section_of(symbol).size_bytes = len(segment.data)
    check_shape(read_elf(rewritten(saved(image), name="strict_stldr_at_zero").data))


@pytest.mark.parametrize("is_shared", [True, False])
def test_relocations_go_on_naming_the_place_that_the_code_reads(is_shared: bool) -> None:
    image = fixture(SHORT)
    symbol = storage_info(image)
    old_address = symbol.value
    text = next(section for section in image.sections if section.name == ".text")
    entries = [ElfRelocation(text.address, 2, symbol, None)]
    entries.append(ElfRelocation(text.address + 4, 2, symbols_by_name(image)["Init"], None))
    table = ElfSection(".rel.text", c.SHT_REL, size_bytes=16, alignment=4, entry_size_bytes=8, content=[*entries])
    table.links_to_symbols, table.info_section = True, text
    image.sections.append(table)
    if is_shared:
        in_code_segment(image)
    after = read_elf(rewritten(saved(image), name="strict_stldr_short").data)
    check_shape(after)
    named, other = next(targets(section) for section in after.sections if section.type == c.SHT_REL)
    assert other is symbols_by_name(after)["Init"]
    assert (named.value, named.binding) == (old_address, c.STB_LOCAL)
    assert named.name == "StorageInfo.as_linked"
    assert (named.section is not None) is is_shared


def targets(table: ElfSection) -> list[ElfSymbol]:
    assert isinstance(table.content, list)
    return [entry.symbol for entry in table.content if entry.symbol is not None]


def test_absolute_symbol_gets_a_section() -> None:
    """Some post-processors leave absolute symbols."""
    image = fixture("strict_stldr_at_zero.stldr")
    symbol = storage_info(image)
    image.sections.remove(section_of(symbol))
    image.symbols = [each for each in image.symbols if each is symbol or each.section is not symbol.section]
    symbol.section, symbol.special_index = None, c.SHN_ABS
    result = rewritten(saved(image), name="strict_stldr_at_zero")
    check_shape(read_elf(result.data))
    assert len(read_elf(result.data).load_segments) == 2


def test_right_descriptor_is_left_alone() -> None:
    for name in ("strict_stldr", "strict_stldr_at_zero"):
        data = (FIXTURES / f"{name}.stldr").read_bytes()
        result = rewritten(data, name=name)
        assert codes(result) == []
        assert symbols_by_name(read_elf(result.data))["StorageInfo"].value == storage_info(read_elf(data)).value
