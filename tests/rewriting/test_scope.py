"""What has its address from somebody else is never moved along."""

import pytest

from loaderconv.rewriting.scope import scope_of
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSegment
from loaderconv_schemas.errors import ConversionRefused
from support.small_image import BASE, SIZE_BYTES, small_image

FARTHEST = BASE + SIZE_BYTES + 0x1_0000
"""Behind a gap of 64 KiB."""


def with_zeros(address: int, size_bytes: int = 16) -> ElfImage:
    image = small_image()
    image.sections.append(ElfSection(".zeros", c.SHT_NOBITS, c.SHF_ALLOC | c.SHF_WRITE, address, size_bytes, 4))
    return image


@pytest.mark.parametrize("address", [BASE + SIZE_BYTES, FARTHEST])
def test_what_lies_near_moves_along(address: int) -> None:
    image = with_zeros(address)
    scope = scope_of(image, pinned=None)
    assert (scope.start, scope.end) == (BASE, address + 16)
    assert image.sections[-1] in scope.sections


def test_gaps_count_from_what_precedes_them() -> None:
    image = with_zeros(FARTHEST)
    image.sections.append(ElfSection(".more", c.SHT_NOBITS, c.SHF_ALLOC, FARTHEST + 0x1_0010, 16, 4))
    assert scope_of(image, pinned=None).end == FARTHEST + 0x1_0020


@pytest.mark.parametrize("address", [FARTHEST + 1, 0x3800_0000, 0x5200_5000])
def test_section_far_away_is_refused(address: int) -> None:
    with pytest.raises(ConversionRefused, match=f"section '.zeros' at 0x{address:08x} lies far from"):
        scope_of(with_zeros(address), pinned=None)


def test_segment_far_away_is_refused() -> None:
    image = small_image()
    image.add_load_segment(0x3800_0000, bytes(4), flags=c.PF_R, alignment=4)
    with pytest.raises(ConversionRefused, match="The segment at 0x38000000 lies far from"):
        scope_of(image, pinned=None)


def test_zeros_far_below_the_code_are_as_uncertain() -> None:
    with pytest.raises(ConversionRefused, match="at 0x20000000 lies far from the image at 0x10000000"):
        scope_of(with_zeros(0x1000_0000), pinned=None)


def test_segment_that_stays_may_lie_anywhere() -> None:
    image = small_image()
    pinned = image.add_load_segment(0, bytes(4), flags=c.PF_R, alignment=4)
    section = image.add_view(".Dev_Info", pinned, address=0, size_bytes=4, flags=c.SHF_ALLOC, alignment=4)
    scope = scope_of(image, pinned=pinned)
    assert pinned not in scope.segments
    assert section not in scope.sections
    assert scope.start == BASE


def test_memory_size_of_a_segment_is_not_believed() -> None:
    image = with_zeros(0x2400_0000)
    image.load_segments[0].memory_size_bytes = 0x0400_0010
    with pytest.raises(ConversionRefused, match="0x24000000"):
        scope_of(image, pinned=None)


def test_nothing_cannot_be_moved() -> None:
    image = ElfImage(segments=[ElfSegment(4, 0, bytes(4), 4, 4, 4, 0)])
    with pytest.raises(ConversionRefused, match="nothing that could be moved"):
        scope_of(image, pinned=None)
