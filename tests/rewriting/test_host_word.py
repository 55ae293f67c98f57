"""An image never starts where hosts write their BKPT."""

from collections.abc import Callable

import pytest

from loaderconv.rewriting import host_word
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.stldr.reader import read_stldr
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader
from support.rewriting import codes, fixture, in_code_segment, rewritten, saved, section_of, storage_info

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


def test_descriptor_in_the_code_segment_moves_and_then_gets_its_own() -> None:
    result = rewritten(saved(in_code_segment(fixture(AT_BASE))))
    assert codes(result) == ["host-word", "descriptor-size", "device-name"]
    assert storage_info(read_elf(result.data)).value == 0


@pytest.mark.parametrize("address", [0, 0x2000_8000])
def test_descriptor_elsewhere_stays(address: int) -> None:
    image = fixture(AT_BASE)
    symbol = storage_info(image)
    image.load_segments[1].address = image.load_segments[1].physical_address = address
    section_of(symbol).address = symbol.value = address
    result = rewritten(saved(image))
    assert codes(result) == ["host-word", "device-name"]
    assert storage_info(read_elf(result.data)).value == address


def _other_routine(loader: Loader) -> Loader:
    first, *rest = loader.entry_points
    return loader.model_copy(update={"entry_points": (first.model_copy(update={"address": first.address + 4}), *rest)})


def _larger_image(loader: Loader) -> Loader:
    first, *rest = loader.segments
    larger = first.model_copy(update={"memory_size_bytes": first.memory_size_bytes + 4})
    return loader.model_copy(update={"segments": (larger, *rest)})


def _other_device(loader: Loader) -> Loader:
    return loader.model_copy(update={"device": loader.described_device.model_copy(update={"page_size_bytes": 512})})


@pytest.mark.parametrize("change", [_other_routine, _larger_image, _other_device])
def test_move_that_changes_the_meaning_is_refused(
    change: Callable[[Loader], Loader], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(fixture(AT_BASE))
    monkeypatch.setattr(host_word, "read_stldr", lambda image, name: change(read_stldr(image, name)))
    with pytest.raises(ConversionRefused, match="read as another one"):
        rewritten(data)


def aligned(alignment: int) -> ElfImage:
    image = fixture(AT_BASE)
    sections_named(image, ".data")[0].alignment = alignment
    return image


@pytest.mark.parametrize(("alignment", "distance"), [(1, 4), (4, 4), (8, 8), (128, 128)])
def test_distance_keeps_the_largest_alignment(alignment: int, distance: int) -> None:
    result = rewritten(saved(aligned(alignment)))
    assert min(segment.address for segment in read_elf(result.data).load_segments) == BASE + distance


def test_alignment_to_the_base_itself_is_refused() -> None:
    with pytest.raises(ConversionRefused, match="aligned to 256 bytes") as refusal:
        rewritten(saved(aligned(256)))
    assert "at 0x20000004" in refusal.value.hint


def test_vector_table_that_would_lose_its_alignment_is_refused() -> None:
    image = fixture(AT_BASE)
    (text,) = sections_named(image, ".text")
    image.symbols.append(ElfSymbol("g_pfnVectors", BASE, 64, c.STT_OBJECT, section=text))
    with pytest.raises(ConversionRefused, match="vector table at 0x20000000"):
        rewritten(saved(image))


def test_zeros_at_the_base_are_no_place_for_the_word_either() -> None:
    """Init would clear the BKPT to which it returns."""
    data, linked = saved(fixture("strict_stldr.stldr")), fixture("strict_stldr.stldr")
    assert codes(rewritten(data, name="strict_stldr")) == []
    zeros = ElfSection(".noinit", c.SHT_NOBITS, c.SHF_ALLOC | c.SHF_WRITE, BASE, 4, 4)
    linked.sections.append(zeros)
    with pytest.raises(ConversionRefused, match="starts at 0x20000000"):
        rewritten(saved(linked), name="strict_stldr")


def test_image_starts_where_its_zeros_do() -> None:
    """Between two bases nobody writes."""
    image = fixture("strict_stldr.stldr")
    image.sections.append(ElfSection(".noinit", c.SHT_NOBITS, c.SHF_ALLOC | c.SHF_WRITE, BASE - 8, 8, 4))
    assert codes(rewritten(saved(image), name="strict_stldr")) == []


def test_addresses_in_debug_information_alone_move_no_code() -> None:
    image = fixture(AT_BASE)
    (table,) = sections_named(image, ".rel.text")
    image.sections = [section for section in image.sections if section.type != c.SHT_REL]
    table.info_section = next(section for section in image.sections if not section.is_allocated)
    image.sections.append(table)
    with pytest.raises(ConversionRefused, match="without relocations for what is loaded") as refusal:
        rewritten(saved(image))
    assert "Link it for 0x20000004." in refusal.value.hint


def test_registers_in_a_section_do_not_move() -> None:
    image = fixture(AT_BASE)
    image.sections.append(ElfSection(".registers", c.SHT_NOBITS, c.SHF_ALLOC | c.SHF_WRITE, 0x5200_5000, 64, 4))
    with pytest.raises(ConversionRefused, match=r"section '\.registers' at 0x52005000 lies far"):
        rewritten(saved(image))


def test_what_was_checked_of_a_move_is_said() -> None:
    checks = rewritten(saved(fixture(AT_BASE))).checks
    assert checks[0].endswith("its bytes are those that the relocations ask for.")
    assert "every byte" in rewritten(saved(fixture("strict_stldr.stldr"))).checks[0]


def test_code_for_a_fixed_address_is_never_moved() -> None:
    image = fixture(AT_BASE)
    image.sections = [section for section in image.sections if section.type != c.SHT_REL]
    with pytest.raises(ConversionRefused, match="without relocations") as refusal:
        rewritten(saved(image))
    assert "0x20000004" in refusal.value.hint


def test_image_behind_the_word_is_left_alone() -> None:
    result = rewritten(saved(fixture("strict_stldr.stldr")), name="strict_stldr")
    assert codes(result) == []
