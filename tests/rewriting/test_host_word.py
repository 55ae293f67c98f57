"""An image never starts where hosts write their BKPT."""

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused
from support.rewriting import codes, fixture, rewritten, saved, section_of, storage_info

AT_BASE = "strict_stldr_emit_relocs.elf"
BASE = 0x2000_0000


def test_image_moves_behind_the_word() -> None:
    result = rewritten(saved(fixture(AT_BASE)), out="strict_stldr_emit_relocs.stldr")
    assert codes(result) == ["host-word"]
    assert "from 0x20000000 to 0x20000004" in result.changes[0].message
    before = {symbol.name: symbol.value for symbol in fixture(AT_BASE).symbols if symbol.section and symbol.name}
    after = {symbol.name: symbol.value for symbol in read_elf(result.data).symbols if symbol.name}
    assert after["Init"] == before["Init"] + 4
    assert rewritten(result.data, out="strict_stldr_emit_relocs.stldr").data == result.data


def test_moved_image_is_the_one_that_was_linked_there() -> None:
    """The fixture strict_stldr is the same program, linked behind the word."""
    result = rewritten(saved(fixture(AT_BASE)), name="strict_stldr")
    moved, linked = (
        parse_loader(result.data, "x").loader,
        parse_loader(saved(fixture("strict_stldr.stldr")), "x").loader,
    )
    assert moved.segments == linked.segments
    assert moved.entry_points == linked.entry_points


def test_descriptor_in_a_hole_of_the_image_moves_with_it() -> None:
    result = rewritten(saved(fixture(AT_BASE)))
    assert storage_info(read_elf(result.data)).value == storage_info(fixture(AT_BASE)).value + 4


def test_descriptor_elsewhere_stays() -> None:
    image = fixture(AT_BASE)
    symbol = storage_info(image)
    image.load_segments[1].address = image.load_segments[1].physical_address = 0
    section_of(symbol).address = symbol.value = 0
    result = rewritten(saved(image))
    assert codes(result) == ["host-word", "device-name"]
    assert storage_info(read_elf(result.data)).value == 0


def aligned(alignment: int) -> ElfImage:
    image = fixture(AT_BASE)
    sections_named(image, ".data")[0].alignment = alignment
    return image


@pytest.mark.parametrize(("alignment", "distance"), [(1, 4), (4, 4), (8, 8), (128, 128)])
def test_distance_keeps_the_largest_alignment(alignment: int, distance: int) -> None:
    result = rewritten(saved(aligned(alignment)))
    assert min(segment.address for segment in read_elf(result.data).load_segments) == BASE + distance


def test_alignment_to_the_base_itself_is_refused() -> None:
    with pytest.raises(ConversionRefused, match="aligned to 256 bytes"):
        rewritten(saved(aligned(256)))


def test_vector_table_that_would_lose_its_alignment_is_refused() -> None:
    image = fixture(AT_BASE)
    (text,) = sections_named(image, ".text")
    image.symbols.append(ElfSymbol("g_pfnVectors", BASE, 64, c.STT_OBJECT, section=text))
    with pytest.raises(ConversionRefused, match="g_pfnVectors"):
        rewritten(saved(image))
    image.symbols[-1].name = "__isr_vectors_of_nobody"
    assert codes(rewritten(saved(image))) == ["host-word", "device-name"]


def test_code_for_a_fixed_address_is_never_moved() -> None:
    image = fixture(AT_BASE)
    image.sections = [section for section in image.sections if section.type != c.SHT_REL]
    with pytest.raises(ConversionRefused, match="without relocations") as refusal:
        rewritten(saved(image))
    assert "0x20000004" in refusal.value.hint


def test_image_behind_the_word_is_left_alone() -> None:
    result = rewritten(saved(fixture("strict_stldr.stldr")), name="strict_stldr")
    assert codes(result) == []
