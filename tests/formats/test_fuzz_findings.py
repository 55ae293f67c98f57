"""What the fuzzer found, made again without its bytes; `tests/fuzz` looks for more."""

import pytest

from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from support import elf_surgery as elf
from support.elf_numbers import SHT_SYMTAB
from support.iar_builder import build
from support.iar_recipe import IarRecipe


@pytest.mark.parametrize("size", [0, 3, 16, 160])
def test_a_second_symbol_table_does_not_take_the_place_of_the_first(size: int) -> None:
    """It was written in front of the real one; read again, the file had no symbols left."""
    data = build(IarRecipe())
    second = (0, SHT_SYMTAB, 0, 0, elf.section(data, ".symtab").offset, size, 0, 0, 4, 16)
    data = elf.with_section_headers(data, [second])
    written = write_elf(read_elf(data))
    assert parse_loader(written, "built").loader == parse_loader(data, "built").loader
    assert write_elf(read_elf(written)) == written


@pytest.mark.parametrize(("kind", "size"), [(4, 7), (4, 13), (9, 7), (9, 12)])
def test_a_relocation_that_is_cut_short_keeps_its_bytes(kind: int, size: int) -> None:
    """They were dropped; read again, the section was another."""
    data = build(IarRecipe())
    names = [place.name for place in elf.sections(data)]
    table = (0, kind, 0, 0, 0, size, names.index(".symtab"), 0, 4, 12)
    image = read_elf(elf.with_section_headers(data, [table]))
    written = write_elf(image)
    assert image.sections[-1].data == read_elf(written).sections[-1].data == data[:size]
    assert write_elf(read_elf(written)) == written
