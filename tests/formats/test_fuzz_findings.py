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
