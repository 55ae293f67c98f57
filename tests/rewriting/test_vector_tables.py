"""Interrupts find their table only where it is aligned."""

import struct

import pytest

from loaderconv.rewriting.relocation import move_image
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_schemas.errors import ConversionRefused
from support.small_image import BASE, small_image

HANDLER = (struct.pack("<I", BASE + 0x25), 2, "inside")
STACK = (struct.pack("<I", 0x2000_8000), 0, "inside")


def named(name: str, size_bytes: int = 16, *, offset: int = 0, kind: int = c.STT_OBJECT) -> ElfImage:
    image = small_image(HANDLER)
    image.symbols.append(ElfSymbol(name, BASE + offset, size_bytes, kind, section=image.sections[0]))
    return image


@pytest.mark.parametrize("name", ["g_pfnVectors", "__Vectors", "__isr_vector", "vector_table", "VECTORS"])
def test_table_is_known_by_its_name(name: str) -> None:
    with pytest.raises(
        ConversionRefused, match="vector table at 0x20000000 would not be aligned to 128 bytes"
    ) as refusal:
        move_image(named(name), 4)
    assert "multiple of 128" in refusal.value.hint


@pytest.mark.parametrize(
    ("size_bytes", "alignment"), [(0, 128), (16, 128), (128, 128), (129, 256), (256, 256), (392, 512)]
)
def test_larger_tables_need_more(size_bytes: int, alignment: int) -> None:
    with pytest.raises(ConversionRefused, match=f"aligned to {alignment} bytes"):
        move_image(named("g_pfnVectors", size_bytes), alignment // 2)
    move_image(named("g_pfnVectors", size_bytes), alignment)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(lambda: named("handlers"), id="another name"),
        pytest.param(lambda: named("install_vector", kind=c.STT_FUNC), id="function"),
        pytest.param(lambda: named("__vector_table", offset=4), id="not aligned as it is"),
    ],
)
def test_what_is_no_table_may_move_by_any_distance(image: object) -> None:
    assert callable(image)
    moved = image()
    move_image(moved, 4)
    assert moved.load_segments[0].address == BASE + 4


def test_absolute_symbol_is_no_table() -> None:
    image = named("__vector_table")
    image.symbols[-1].section, image.symbols[-1].special_index = None, c.SHN_ABS
    move_image(image, 4)
    assert image.symbols[-1].value == BASE


def test_table_is_known_by_its_handlers() -> None:
    image = small_image(STACK, HANDLER, HANDLER, HANDLER)
    with pytest.raises(ConversionRefused, match="vector table at 0x20000000 would not be aligned to 128 bytes"):
        move_image(image, 4)
    move_image(image, 128)


def test_symbol_of_any_name_tells_how_large_such_a_table_is() -> None:
    image = small_image(STACK, HANDLER, HANDLER, HANDLER)
    image.symbols.append(ElfSymbol("handlers", BASE, 392, c.STT_OBJECT, section=image.sections[0]))
    with pytest.raises(ConversionRefused, match="aligned to 512 bytes"):
        move_image(image, 128)


EVEN = (struct.pack("<I", BASE + 0x24), 2, "inside")
CONSTANT = (struct.pack("<I", 0x1235), 0, "inside")


@pytest.mark.parametrize(
    "places",
    [
        pytest.param((HANDLER, HANDLER, HANDLER, HANDLER), id="code where the stack pointer would be"),
        pytest.param((STACK, HANDLER, HANDLER), id="too short"),
        pytest.param((STACK, EVEN, HANDLER, HANDLER), id="even address of reset"),
        pytest.param((STACK, HANDLER, EVEN, HANDLER), id="even address of NMI"),
        pytest.param((STACK, HANDLER, HANDLER, EVEN), id="even address of hard fault"),
        pytest.param((STACK, HANDLER, CONSTANT, HANDLER), id="constant"),
        pytest.param((STACK, STACK, HANDLER, HANDLER, HANDLER), id="not aligned"),
    ],
)
def test_other_tables_may_move(places: tuple[tuple[bytes, int, str], ...]) -> None:
    image = small_image(*places)
    move_image(image, 4)
    assert image.load_segments[0].address == BASE + 4
