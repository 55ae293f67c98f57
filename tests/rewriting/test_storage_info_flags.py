"""A descriptor is neither writable nor executable, or ST's OpenOCD takes its section for relocatable code."""

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from support.rewriting import codes, fixture, in_code_segment, rewritten, saved, section_of, storage_info

NAME = "strict_stldr_at_zero"


def flagged(section_flags: int, segment_flags: int) -> ElfImage:
    image = fixture(f"{NAME}.stldr")
    section_of(storage_info(image)).flags = c.SHF_ALLOC | section_flags
    image.load_segments[0].flags = c.PF_R | segment_flags
    return image


def flags_of(data: bytes) -> tuple[int, int]:
    """Return the flags of section and segment of the descriptor."""
    section = section_of(storage_info(read_elf(data)))
    segment = segment_of(section)
    assert segment is not None
    return section.flags, segment.flags


@pytest.mark.parametrize(
    ("section_flags", "segment_flags"),
    [
        (c.SHF_WRITE, 0),
        (c.SHF_EXECINSTR, 0),
        (0, c.PF_W),
        (0, c.PF_X),
        (c.SHF_WRITE | c.SHF_EXECINSTR, c.PF_W | c.PF_X),
    ],
)
def test_flags_are_cleared(section_flags: int, segment_flags: int) -> None:
    data = saved(flagged(section_flags, segment_flags))
    result = rewritten(data, name=NAME)
    assert codes(result) == ["descriptor-flags"]
    assert flags_of(result.data) == (c.SHF_ALLOC, c.PF_R)
    assert parse_loader(result.data, "x").loader.segments == parse_loader(data, "x").loader.segments
    assert codes(rewritten(result.data, name=NAME)) == []


def test_other_flags_stay() -> None:
    image = flagged(c.SHF_WRITE | 0x20, c.PF_ARM_PI)
    assert flags_of(rewritten(saved(image), name=NAME).data) == (c.SHF_ALLOC | 0x20, c.PF_R | c.PF_ARM_PI)


def test_code_keeps_its_flags() -> None:
    result = rewritten(saved(flagged(c.SHF_WRITE, c.PF_W)), name=NAME)
    assert read_elf(result.data).load_segments[1].flags == fixture(f"{NAME}.stldr").load_segments[1].flags


def test_descriptor_that_moved_out_of_the_code_is_read_only_already() -> None:
    result = rewritten(saved(in_code_segment(fixture("strict_stldr.stldr"))), name="strict_stldr")
    assert codes(result) == ["descriptor-size"]
    assert flags_of(result.data) == (c.SHF_ALLOC, c.PF_R)


def test_short_descriptor_gets_its_size_and_loses_its_flags() -> None:
    image = flagged(c.SHF_WRITE, c.PF_W)
    segment, symbol = image.load_segments[0], storage_info(image)
    segment.data = segment.data[:136]
    section_of(symbol).size_bytes = symbol.size_bytes = segment.memory_size_bytes = 136
    result = rewritten(saved(image), name=NAME)
    assert codes(result) == ["descriptor-size", "descriptor-flags"]
    assert flags_of(result.data) == (c.SHF_ALLOC, c.PF_R)
