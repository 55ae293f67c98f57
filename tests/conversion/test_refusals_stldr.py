"""What of a stldr cannot become another flavour: the message has the fact, the hint the way out."""

from dataclasses import replace

import pytest

from loaderconv.conversion.source import Source
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Architecture, Flavour, Identity
from loaderconv_schemas.memory import Part
from support.loader_models import entry, segment
from support.paths import FIXTURES
from support.planning import (
    LINK_ADDRESS,
    assert_refused,
    carry_out,
    device,
    device_of,
    others,
    plan,
    refusal,
    routines,
    sectors,
    stldr,
)
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe, routines_without

TARGETS = others(Flavour.STLDR)
each_target = pytest.mark.parametrize("target", TARGETS)


def from_file(name: str, **changes: object) -> Source:
    file = read_loader_file(FIXTURES / name)
    return Source(file.loader, image=file.image, file_name=name, **changes)  # type: ignore[arg-type]


def with_relocations() -> Source:
    return from_file("strict_stldr_emit_relocs.elf")


def image_of(source: Source) -> ElfImage:
    assert source.image is not None
    return source.image


def test_a_stldr_is_one_already() -> None:
    assert_refused(stldr(), Flavour.STLDR, "stldr already", "loaderconv rewrite")


@each_target
def test_code_for_another_core(target: Flavour) -> None:
    identity = Identity(name="made", architecture=Architecture.NOT_CORTEX_M)
    assert_refused(stldr(identity=identity), target, "not built for a Cortex-M core", "rebuild")


@each_target
@pytest.mark.parametrize("missing", ["Init", "Write", "SectorErase"])
def test_a_routine_that_is_missing(missing: str, target: Flavour) -> None:
    source = parse_loader(build(StldrRecipe(routines=routines_without(missing))), "built").loader
    assert_refused(source, target, f"has no {missing}.", "Init, Write, SectorErase")


@each_target
def test_several_routines_that_are_missing_are_all_named(target: Flavour) -> None:
    source = parse_loader(build(StldrRecipe(routines=routines_without("Init", "Write"))), "built").loader
    assert_refused(source, target, "has no Init and no Write.", "Init, Write, SectorErase")


@each_target
def test_code_in_arm_state(target: Flavour) -> None:
    source = parse_loader(build(StldrRecipe(is_thumb=False)), "built").loader
    assert_refused(source, target, "Init at 0x20000004 is Arm code", ".thumb_func")


@each_target
def test_one_routine_in_arm_state(target: Flavour) -> None:
    erase_chip = entry(Routine.ERASE_CHIP, "MassErase", LINK_ADDRESS + 64, thumb=False)
    source = stldr(entries=(*routines(Flavour.STLDR, LINK_ADDRESS), erase_chip))
    assert_refused(source, target, "MassErase at 0x20004044", ".thumb_func")


@each_target
def test_segments_that_overlap(target: Flavour) -> None:
    source = stldr(segment(Part.CODE, 0x2000_4000, 128), segment(Part.DATA, 0x2000_407C, 8))
    assert_refused(source, target, "0x20004000..0x2000407f and 0x2000407c..0x20004083", "linker script")


@each_target
def test_segments_that_touch_do_not_overlap(target: Flavour) -> None:
    carry_out(plan(stldr(segment(Part.CODE, 0x2000_4000, 128), segment(Part.DATA, 0x2000_4080, 8)), target))


GEOMETRIES = [
    pytest.param(device(size_bytes=0), "0 bytes", id="no size"),
    pytest.param(device(base_address=0xFFFF_8000), "0xffff8000 of 65536 bytes", id="beyond the address space"),
    pytest.param(device(page_size_bytes=0), "page size is 0", id="no page"),
    pytest.param(device(page_size_bytes=0x1001), "page of 4097 bytes", id="page larger than a sector"),
    pytest.param(device(size_bytes=0x1_1000), "65536 bytes, the device has 69632", id="sectors too few"),
    pytest.param(device(size_bytes=0xF000), "65536 bytes, the device has 61440", id="sectors too many"),
    pytest.param(device(sectors=()), "cover 0 bytes", id="no sectors"),
    pytest.param(
        device(
            size_bytes=0x1_1000,
            sectors=(*sectors((8, 0x1000)), SectorRun(offset_bytes=0x9000, sector_size_bytes=0x1000, count=8)),
        ),
        "offset 0x9000 does not start where the one before ends, 0x8000",
        id="gap",
    ),
    pytest.param(
        device(
            size_bytes=0xF000,
            sectors=(*sectors((8, 0x1000)), SectorRun(offset_bytes=0x7000, sector_size_bytes=0x1000, count=8)),
        ),
        "offset 0x7000 does not start where the one before ends, 0x8000",
        id="overlap",
    ),
    pytest.param(
        device(sectors=(SectorRun(offset_bytes=0, sector_size_bytes=0x3_0000, count=0),)),
        "holds no sector",
        id="run without sectors",
    ),
]


@each_target
@pytest.mark.parametrize(("described", "fact"), GEOMETRIES)
def test_geometry_on_which_an_erase_loop_goes_astray(described: Device, fact: str, target: Flavour) -> None:
    assert_refused(stldr(device=described), target, fact, "--geometry")


@each_target
def test_a_page_as_large_as_a_sector_is_not_too_large(target: Flavour) -> None:
    carry_out(plan(stldr(device=device(page_size_bytes=0x1000)), target))


class TestRelocate:
    @each_target
    def test_without_relocations(self, target: Flavour) -> None:
        source = from_file("strict_stldr.stldr")
        assert_refused(source, target, "no relocations", "--emit-relocs", relocate_to=0x2000_4000)

    @each_target
    def test_where_it_lies_already_it_needs_none(self, target: Flavour) -> None:
        assert plan(stldr(), target, relocate_to=0x2000_4000).parts.pieces[0].address == LINK_ADDRESS

    @each_target
    def test_of_a_loader_without_its_file(self, target: Flavour) -> None:
        assert_refused(stldr(), target, "one ELF file", "the executable", relocate_to=0x2000_8000)

    @each_target
    @pytest.mark.parametrize("base", [0x2000_4002, 0x2000_4001])
    def test_to_where_its_sections_are_not_aligned(self, base: int, target: Flavour) -> None:
        distance = base - 0x2000_0000
        assert_refused(with_relocations(), target, f"moved by {distance} bytes", "multiple of", relocate_to=base)

    @each_target
    def test_to_where_it_leaves_the_address_space(self, target: Flavour) -> None:
        assert_refused(with_relocations(), target, "32-bit address space", "address", relocate_to=0xFFFF_FF00)

    @each_target
    def test_with_a_section_far_away(self, target: Flavour) -> None:
        source = with_relocations()
        image = image_of(source)
        section = next(each for each in image.sections if each.is_allocated and each.address > 0x2000_0000)
        far = replace(section, name=".shared", address=0x3800_0000, content=None, size_bytes=16, type=8)
        image.sections.append(far)
        assert_refused(source, target, "0x38000000", "Link the image", relocate_to=0x2000_4000)

    @each_target
    def test_of_a_type_that_nobody_knows(self, target: Flavour) -> None:
        source = with_relocations()
        for section in image_of(source).sections:
            if isinstance(section.content, list) and section.info_section is not None:
                section.content[0] = replace(section.content[0], type=250)
                break
        assert "250" in refusal(source, target, relocate_to=0x2000_4000).message


@each_target
def test_a_device_of_4_gib(target: Flavour) -> None:
    """Neither the descriptors nor the shim's table hold its size, and no RAM is left beside it."""
    found = refusal(stldr(device=device_of(sectors((0x1_0000, 0x1_0000)), base_address=0)), target)
    assert "overlaps the device" in found.message


@each_target
def test_an_image_that_leaves_no_room_for_its_host_s_stack(target: Flavour) -> None:
    refusal(stldr(segment(Part.CODE, 0xFFFF_FF00, 128)), target)


@each_target
def test_a_loader_without_bytes(target: Flavour) -> None:
    refusal(stldr(segment(Part.DATA, 0x2000_4000, b"", zeros=64)), target)
