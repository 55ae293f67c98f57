"""What a file loads, and the RAM for it: ranges may overlap, lie inside each other, or in different memories."""

import struct
from dataclasses import replace

import pytest

from loaderconv_formats.elf.anatomy import Anatomy
from loaderconv_formats.elf.build_facts import BuildFacts
from loaderconv_formats.elf.loaded import LoadedRange, addresses_of
from loaderconv_formats.loader_file import parse_loader
from support import elf_surgery as elf
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe, relocatable_shaped
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

KIB = 1024


def ranges(*places: tuple[int, int]) -> tuple[LoadedRange, ...]:
    return tuple(LoadedRange(address, b"", size, 6) for address, size in sorted(places))


def with_more_segments(data: bytes, *places: tuple[int, int]) -> bytes:
    """Return a file with a PT_LOAD more for each address and size; their bytes are the file's first ones."""
    count = elf.word(data, elf.Ehdr.PHNUM, elf.HALF)
    own = [struct.unpack_from("<8I", data, elf.program_header(data, number)) for number in range(count)]
    more = [(1, 0, address, address, size, size, 7, 4) for address, size in places]
    return elf.with_program_headers(data, [*own, *more])


class TestAddresses:
    @pytest.mark.parametrize(
        ("places", "taken"),
        [
            pytest.param([(0, 8), (16, 8)], [(0, 8), (16, 8)], id="apart"),
            pytest.param([(0, 8), (8, 8)], [(0, 8), (8, 8)], id="next to each other"),
            pytest.param([(0, 8), (0, 8)], [(0, 8)], id="the same"),
            pytest.param([(0, 16), (8, 16)], [(0, 16), (16, 8)], id="overlapping"),
            pytest.param([(0, 64), (8, 8), (24, 8)], [(0, 64)], id="two inside one"),
            pytest.param([(0, 64), (8, 8), (60, 8)], [(0, 64), (64, 4)], id="one inside and one across the end"),
            pytest.param([(0xFFFF_FFF0, 16), (0xFFFF_FFF8, 8)], [(0xFFFF_FFF0, 16)], id="top of memory"),
        ],
    )
    def test_each_counts_once(self, places: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
        assert [(each.start, each.size_bytes) for each in addresses_of(reversed(ranges(*places)))] == taken


class TestImageSize:
    @pytest.mark.parametrize(
        ("places", "size_bytes"),
        [
            pytest.param([(0x100, 8)], 8, id="one range"),
            pytest.param([(0, 8), (16, 8)], 24, id="small gap"),
            pytest.param([(0, 8), (8 + 64 * KIB, 8)], 16 + 64 * KIB, id="largest gap in one memory"),
            pytest.param([(0, 8), (9 + 64 * KIB, 8)], 16, id="two memories"),
            pytest.param([(0, 4 * KIB), (256, 16)], 4 * KIB, id="one inside"),
            pytest.param([(0, 4 * KIB), (256, 16), (288, 16)], 4 * KIB, id="two inside"),
            pytest.param([(0, 64), (8, 8), (72, 8)], 80, id="gap behind the longer one"),
            pytest.param([(0, 200 * KIB), (8, 8), (200 * KIB, 8)], 200 * KIB + 8, id="gap behind a nested one"),
        ],
    )
    def test_addresses_and_the_gaps_within_one_memory(self, places: list[tuple[int, int]], size_bytes: int) -> None:
        anatomy = Anatomy((), ranges(*places), 4, BuildFacts(), installed=())
        assert anatomy.image_size_bytes == size_bytes

    def test_segments_inside_another_need_no_ram_of_their_own(self) -> None:
        recipe = StldrRecipe()
        plain, start = build_stldr(recipe), recipe.code_address
        alone = parse_loader(plain, "built").loader
        nested = parse_loader(with_more_segments(plain, (start + 4, 4), (start + 12, 4)), "built").loader
        assert len(nested.image_segments) == len(alone.image_segments) + 2
        assert nested.ram == alone.ram

    @pytest.mark.parametrize("recipe", [IarRecipe(), relocatable_shaped()], ids=["absolute", "relocatable"])
    def test_c_spy_s_loaders_count_addresses_once_as_well(self, recipe: IarRecipe) -> None:
        plain, start = build_iar(recipe), recipe.code_address
        alone = parse_loader(plain, "built").loader
        nested = parse_loader(with_more_segments(plain, (start + 4, 4), (start + 12, 4)), "built").loader
        assert len(nested.image_segments) == len(alone.image_segments) + 2
        assert nested.ram == alone.ram


class TestZerosBehindBytes:
    """Up to 64 bytes behind a segment's bytes, zeros belong to it"""

    RECIPE = StldrRecipe()

    def image(self, gap_bytes: int) -> list[tuple[int, int]]:
        """Return address and size of what is loaded with zeros so far behind the bytes."""
        recipe = replace(self.RECIPE, zi_address=self.RECIPE.image_end + gap_bytes, is_zi_in_segment=False)
        loaded = parse_loader(build_stldr(recipe), "built").loader.image_segments
        return [(each.address, each.memory_size_bytes) for each in loaded]

    @pytest.mark.parametrize("gap", [0, 1, 64])
    def test_close_zeros_are_part_of_the_range(self, gap: int) -> None:
        start, zeros = self.RECIPE.code_address, self.RECIPE.zi_size_bytes
        assert self.image(gap) == [(start, self.RECIPE.image_end + gap + zeros - start)]

    def test_zeros_farther_away_are_a_range_of_their_own(self) -> None:
        start, end = self.RECIPE.code_address, self.RECIPE.image_end
        assert self.image(65) == [(start, end - start), (end + 65, self.RECIPE.zi_size_bytes)]
