"""An address without a relocation is never left behind by a move."""

import struct

import pytest

from loaderconv.rewriting.relocation import move_image
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSymbol
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_schemas.errors import ConversionRefused
from support.rewriting import codes, fixture, rewritten, saved
from support.small_image import BASE, code_of, small_image

INSIDE = BASE + 0x20


def with_word(value: int, offset: int = 8) -> ElfImage:
    """Return an image with a relocation at its start, and a word without one."""
    image = small_image((struct.pack("<I", INSIDE), 2, "inside"))
    code = code_of(image)
    image.load_segments[0].data = code[:offset] + struct.pack("<I", value) + code[offset + 4 :]
    return image


@pytest.mark.parametrize("offset", [4, 8, 0x3C])
@pytest.mark.parametrize("value", [INSIDE, INSIDE | 1])
def test_address_of_a_symbol_is_refused(value: int, offset: int) -> None:
    """As LONG(__bss_start__) in a linker script leaves it, or a veneer."""
    with pytest.raises(ConversionRefused, match=f"word at 0x{BASE + offset:08x} has no relocation, .* 'inside'"):
        move_image(with_word(value, offset), 4)


def test_address_of_a_function_counts_without_its_thumb_bit_too() -> None:
    image = with_word(INSIDE)
    image.symbols[0].value, image.symbols[0].type = INSIDE | 1, c.STT_FUNC
    with pytest.raises(ConversionRefused, match="has no relocation"):
        move_image(image, 4)


@pytest.mark.parametrize(
    ("value", "offset"),
    [
        pytest.param(INSIDE + 2, 8, id="another address"),
        pytest.param(0x4000_0000, 8, id="absolute symbol"),
        pytest.param(INSIDE, 10, id="not aligned"),
    ],
)
def test_other_words_stay(value: int, offset: int) -> None:
    image = with_word(value, offset)
    move_image(image, 4)
    assert code_of(image)[offset : offset + 4] == struct.pack("<I", value)


@pytest.mark.parametrize(
    "spoil", [{"name": "$t"}, {"name": ""}, {"type": c.STT_SECTION}, {"type": c.STT_FILE}], ids=str
)
def test_symbols_that_no_script_names(spoil: dict[str, object]) -> None:
    image = with_word(INSIDE + 4)
    symbol = ElfSymbol("other", INSIDE + 4, section=image.sections[0])
    for field, value in spoil.items():
        setattr(symbol, field, value)
    image.symbols.append(symbol)
    move_image(image, 4)
    assert code_of(image)[8:12] == struct.pack("<I", INSIDE + 4)


def test_marker_is_no_relocation_of_the_word() -> None:
    image = small_image((struct.pack("<I", INSIDE), 0, "inside"))
    with pytest.raises(ConversionRefused, match="word at 0x20000000 has no relocation"):
        move_image(image, 4)


def test_relocation_of_another_section_is_none_of_the_word() -> None:
    image = with_word(INSIDE)
    section = ElfSection(".debug_info", c.SHT_PROGBITS, size_bytes=4, content=bytes(4))
    entry = ElfRelocation(BASE + 8, 3, image.symbols[1], None)
    table = ElfSection(".rel.debug_info", c.SHT_REL, content=[entry], links_to_symbols=True, info_section=section)
    image.sections += [section, table]
    with pytest.raises(ConversionRefused, match="word at 0x20000008 has no relocation"):
        move_image(image, 4)


def test_words_of_a_section_that_starts_between_two_words() -> None:
    image = with_word(INSIDE, 8)
    section = image.sections[0]
    section.address += 2
    section.size_bytes -= 2
    section.content = image.add_view(
        "", image.load_segments[0], address=BASE + 2, size_bytes=62, flags=0, alignment=1
    ).content
    image.sections.pop()
    content = image.sections[1].content
    assert isinstance(content, list)
    content[0].offset += 4
    with pytest.raises(ConversionRefused, match="word at 0x20000008"):
        move_image(image, 4)


def test_addresses_whose_relocations_were_taken_away() -> None:
    """As objcopy -R .rel.data leaves them."""
    image = fixture("strict_stldr_emit_relocs.elf")
    (data,) = sections_named(image, ".data")
    (table,) = sections_named(image, ".rel.data")
    assert codes(rewritten(saved(image))) == ["host-word", "device-name"]
    image.sections.remove(table)
    with pytest.raises(ConversionRefused, match=f"word at 0x{data.address:08x} has no relocation"):
        rewritten(saved(image))
