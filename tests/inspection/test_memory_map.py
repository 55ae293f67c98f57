"""The memory map: what lies in the target's RAM while a loader runs."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.inspection.memory_map import memory_map
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.iar import ArgumentBlock
from loaderconv_schemas.inspection import Use
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Segment
from support.loader_models import addresses, interface, loader, segment
from support.paths import FIXTURES, all_corpus_flms

Row = tuple[Use, int, int]


def rows(of: Loader) -> list[Row]:
    return [(row.use, row.range.start, row.range.end) for row in memory_map(of)]


def iar(*segments: Segment, **known: object) -> Loader:
    return loader(Flavour.IAR, *segments, device=None, iar_interface=interface(**known))


class TestFlm:
    def test_image_and_nothing_else(self) -> None:
        made = loader(Flavour.FLM, segment(Part.CODE, 0, 0x100), segment(Part.DATA, 0x100, 8, zeros=24))
        assert rows(made) == [(Use.CODE, 0, 0x100), (Use.DATA, 0x100, 0x108), (Use.ZEROS, 0x108, 0x120)]

    def test_descriptor_is_no_row_though_it_lies_on_zeros(self) -> None:
        made = loader(
            Flavour.FLM,
            segment(Part.CODE, 0, 0x100, zeros=0x100),
            segment(Part.DESCRIPTOR, 0x100, 0x1000),
        )
        assert rows(made) == [(Use.CODE, 0, 0x100), (Use.ZEROS, 0x100, 0x200)]

    def test_fixture(self) -> None:
        assert rows(read_loader_file(FIXTURES / "strict_flm.FLM").loader) == [
            (Use.CODE, 0, 0x2F4),
            (Use.DATA, 0x2F4, 0x2FC),
            (Use.ZEROS, 0x2FC, 0x304),
        ]


class TestStldr:
    def test_host_word_and_stack_around_the_image(self) -> None:
        made = loader(Flavour.STLDR, segment(Part.CODE, 0x2000_0004, 0x100, zeros=0x20))
        assert rows(made) == [
            (Use.HOST, 0x2000_0000, 0x2000_0004),
            (Use.CODE, 0x2000_0004, 0x2000_0104),
            (Use.ZEROS, 0x2000_0104, 0x2000_0124),
            (Use.STACK, 0x2000_0124, 0x2000_0524),
        ]

    @pytest.mark.parametrize("start", [0x2000_0000, 0x2000_0002], ids=hex)
    def test_image_over_the_host_word(self, start: int) -> None:
        made = loader(Flavour.STLDR, segment(Part.CODE, start, 0x100))
        assert [row[0] for row in rows(made)] == [Use.CODE, Use.STACK]

    def test_host_word_lies_at_the_next_lower_multiple_of_0x100(self) -> None:
        made = loader(Flavour.STLDR, segment(Part.CODE, 0x2000_12C8, 0x10))
        assert rows(made)[0] == (Use.HOST, 0x2000_1200, 0x2000_1204)

    def test_stack_lies_above_the_image_in_its_own_memory(self) -> None:
        """ST's H7RS loaders have code in DTCM and variables in AXI SRAM."""
        near, far = segment(Part.DATA, 0x2000_0100, 16), segment(Part.DATA, 0x2400_0000, 16)
        made = loader(Flavour.STLDR, segment(Part.CODE, 0x2000_0004, 16), near, far)
        assert rows(made)[-2:] == [(Use.STACK, 0x2000_0110, 0x2000_0510), (Use.DATA, 0x2400_0000, 0x2400_0010)]

    def test_stack_ends_with_the_address_space(self) -> None:
        made = loader(Flavour.STLDR, segment(Part.CODE, 0xFFFF_FF04, 0x10))
        assert rows(made)[-1] == (Use.STACK, 0xFFFF_FF14, 0x1_0000_0000)

    def test_image_up_to_the_end_of_the_address_space_has_no_stack(self) -> None:
        made = loader(Flavour.STLDR, segment(Part.CODE, 0xFFFF_FF04, 0xFC))
        assert [row[0] for row in rows(made)] == [Use.HOST, Use.CODE]


class TestIar:
    def test_parameters_and_stack_split_the_zeros_that_they_lie_in(self) -> None:
        made = iar(
            segment(Part.DATA, 0x2000_1000, b"", zeros=0x400),
            parameters=addresses(0x2000_1010, 0x2000_1024),
            stack=addresses(0x2000_1100, 0x2000_1300),
        )
        assert rows(made) == [
            (Use.ZEROS, 0x2000_1000, 0x2000_1010),
            (Use.PARAMETERS, 0x2000_1010, 0x2000_1024),
            (Use.ZEROS, 0x2000_1024, 0x2000_1100),
            (Use.STACK, 0x2000_1100, 0x2000_1300),
            (Use.ZEROS, 0x2000_1300, 0x2000_1400),
        ]

    def test_buffer_goes_around_code_inside_it(self) -> None:
        made = iar(
            segment(Part.CODE, 0x2000_0000, 0x100),
            segment(Part.CODE, 0x2000_0600, 0x80),
            buffer=addresses(0x2000_0400, 0x2000_1000),
        )
        assert rows(made) == [
            (Use.CODE, 0x2000_0000, 0x2000_0100),
            (Use.BUFFER, 0x2000_0400, 0x2000_0600),
            (Use.CODE, 0x2000_0600, 0x2000_0680),
            (Use.BUFFER, 0x2000_0680, 0x2000_1000),
        ]

    def test_buffer_within_code_is_shown(self) -> None:
        """ST's relocatable loaders reserve it there."""
        made = iar(segment(Part.CODE, 0, 0x1000), buffer=addresses(0x400, 0x800))
        assert rows(made) == [(Use.CODE, 0, 0x400), (Use.BUFFER, 0x400, 0x800), (Use.CODE, 0x800, 0x1000)]

    def test_code_at_the_start_of_the_buffer_stays(self) -> None:
        made = iar(segment(Part.CODE, 0, 0x480), buffer=addresses(0x400, 0x800))
        assert rows(made) == [(Use.CODE, 0, 0x480), (Use.BUFFER, 0x480, 0x800)]

    def test_argument_block_joins_the_parameters_beside_it(self) -> None:
        arguments = ArgumentBlock(
            count_address=0x2000_1014,
            vector=addresses(0x2000_1018, 0x2000_1058),
            text=addresses(0x2000_1100, 0x2000_1200),
        )
        made = iar(
            segment(Part.CODE, 0x2000_0000, 4), parameters=addresses(0x2000_1000, 0x2000_1014), arguments=arguments
        )
        assert rows(made)[1:] == [
            (Use.PARAMETERS, 0x2000_1000, 0x2000_1058),
            (Use.PARAMETERS, 0x2000_1100, 0x2000_1200),
        ]

    def test_empty_buffer_is_no_row(self) -> None:
        made = iar(segment(Part.CODE, 0, 16), buffer=addresses(0x100, 0x100))
        assert rows(made) == [(Use.CODE, 0, 16)]

    def test_macro_loader_has_no_rows(self) -> None:
        assert memory_map(loader(Flavour.IAR)) == ()


ranges = st.builds(
    lambda start, size: addresses(start, min(start + size, 0x1_0000_0000)),
    st.one_of(st.integers(0, 64), st.integers(0xFFFF_FFC0, 0xFFFF_FFFF)),
    st.integers(0, 40),
)
segments = st.builds(
    lambda part, where, zeros: segment(
        part, where.start, max(0, where.size_bytes - zeros), min(zeros, where.size_bytes)
    ),
    st.sampled_from([Part.CODE, Part.DATA]),
    ranges,
    st.integers(0, 20),
)


@given(st.sampled_from(Flavour), st.lists(segments, max_size=6), ranges, ranges, ranges)
def test_rows_are_sorted_filled_and_apart_and_cover_the_image(
    flavour: Flavour, image: list[Segment], parameters: object, buffer: object, stack: object
) -> None:
    known = interface(parameters=parameters, buffer=buffer, stack=stack) if flavour is Flavour.IAR else None
    found = memory_map(loader(flavour, *image, iar_interface=known))
    assert all(row.range.size_bytes for row in found)
    for lower, upper in pairwise(found):
        assert lower.range.end <= upper.range.start
        assert lower.use is not upper.use or lower.range.end < upper.range.start
    for each in image:
        for address in range(each.range.start, each.range.end):
            assert any(address in row.range for row in found)


@pytest.mark.parametrize("path", all_corpus_flms())
def test_rows_of_real_loaders_make_up_their_image(path: Path) -> None:
    found = read_loader_file(path).loader
    in_file = sum(each.memory_size_bytes for each in found.image_segments)
    assert sum(row.range.size_bytes for row in memory_map(found)) == in_file
