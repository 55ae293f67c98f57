"""What of an FLM cannot become another flavour: the message has the fact, the hint the way out.

What only its file tells (relocations, segments, sectors of FlashDevice) is in test_refusals.py.
"""

import pytest

from loaderconv.conversion.source import Source
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Architecture, Flavour, Identity
from loaderconv_schemas.memory import Part, Placement, PlacementKind
from support.flm_builder import build
from support.flm_recipe import FlmRecipe, gcc_shaped, routines_without
from support.loader_models import entry, segment
from support.planning import (
    assert_refused,
    carry_out,
    device,
    device_of,
    flm,
    others,
    plan,
    refusal,
    routines,
    sectors,
)

TARGETS = others(Flavour.FLM)
each_target = pytest.mark.parametrize("target", TARGETS)


def test_an_flm_is_one_already() -> None:
    assert_refused(flm(), Flavour.FLM, "FLM already", "loaderconv rewrite")


@each_target
def test_it_has_nothing_to_relocate(target: Flavour) -> None:
    assert_refused(flm(), target, "position independent", "Leave --relocate out", relocate_to=0x2000_4000)


@each_target
def test_code_that_says_nothing_of_position_independence(target: Flavour) -> None:
    source = parse_loader(build(gcc_shaped(arm_attributes=b"")), "built").loader
    assert source.placement.kind is PlacementKind.ABSOLUTE
    assert_refused(source, target, "no PF_ARM_PI", "-fropi -frwpi")


@each_target
def test_code_for_another_core(target: Flavour) -> None:
    identity = Identity(name="made", architecture=Architecture.NOT_CORTEX_M)
    assert_refused(flm(identity=identity), target, "not built for a Cortex-M core", "rebuild")


@each_target
@pytest.mark.parametrize("missing", ["Init", "UnInit", "EraseSector", "ProgramPage"])
def test_a_routine_that_is_missing(missing: str, target: Flavour) -> None:
    source = parse_loader(build(FlmRecipe(routines=routines_without(missing))), "built").loader
    assert_refused(source, target, f"has no {missing}.", "Init, UnInit, EraseSector, ProgramPage")


@each_target
def test_code_in_arm_state(target: Flavour) -> None:
    source = parse_loader(build(FlmRecipe(is_thumb=False)), "built").loader
    assert_refused(source, target, "Init at 0x00000000 is Arm code", ".thumb_func")


@each_target
def test_one_routine_in_arm_state(target: Flavour) -> None:
    verify = entry(Routine.VERIFY, "Verify", 0x40, thumb=False)
    assert_refused(flm(entries=(*routines(Flavour.FLM, 0), verify)), target, "Verify at 0x00000040", ".thumb_func")


@each_target
def test_segments_that_overlap(target: Flavour) -> None:
    source = flm(segment(Part.CODE, 0, 128), segment(Part.DATA, 127, 8))
    assert_refused(source, target, "0x00000000..0x0000007f and 0x0000007f..0x00000086", "scatter file")


@each_target
@pytest.mark.parametrize("base", [0xFC, 0x1A1])
def test_a_static_base_outside_of_the_image(base: int, target: Flavour) -> None:
    placement = Placement(kind=PlacementKind.POSITION_INDEPENDENT, static_base=base, alignment_bytes=4)
    source = flm(segment(Part.CODE, 0x100, 128), segment(Part.DATA, 0x180, 8, zeros=24), placement=placement)
    assert_refused(source, target, f"0x{base:08x} (start of PrgData) lies outside", "right behind PrgCode")


@each_target
@pytest.mark.parametrize("base", [0x100, 0x180, 0x1A0])
def test_a_static_base_may_be_anywhere_in_the_image_and_right_behind_it(base: int, target: Flavour) -> None:
    placement = Placement(kind=PlacementKind.POSITION_INDEPENDENT, static_base=base, alignment_bytes=4)
    source = flm(segment(Part.CODE, 0x100, 128), segment(Part.DATA, 0x180, 8, zeros=24), placement=placement)
    planned = plan(source, target)
    assert planned.plan.static_base == planned.layout.moved(base)


@each_target
@pytest.mark.parametrize(
    ("described", "fact"),
    [
        (device(size_bytes=0), "0 bytes"),
        (device(base_address=0xFFFF_8000), "0xffff8000 of 65536 bytes"),
        (device(page_size_bytes=0), "page size is 0"),
        (device(page_size_bytes=8192), "page of 8192 bytes is larger than a sector of 4096 bytes"),
        (device(size_bytes=0x1_1000), "cover 65536 bytes, the device has 69632"),
    ],
)
def test_geometry(described: Device, fact: str, target: Flavour) -> None:
    assert_refused(flm(device=described), target, fact, "--geometry")


@each_target
def test_no_device(target: Flavour) -> None:
    assert_refused(flm(device=None), target, "which memory made serves", "descriptor")


class TestRunsForStorageInfo:
    def device_with_runs(self, count: int) -> Device:
        return device_of(sectors(*((1, 0x1000 if number % 2 else 0x2000) for number in range(count))))

    def test_11_are_too_many(self) -> None:
        source = flm(device=self.device_with_runs(11))
        assert_refused(source, Flavour.STLDR, "11 runs of sectors; StorageInfo has room for 10", "at most 10 runs")

    def test_10_are_not(self) -> None:
        described = self.device_with_runs(10)
        made = carry_out(plan(flm(device=described), Flavour.STLDR)).loader.described_device
        assert made.sectors == described.sectors

    def test_neighbours_of_one_size_count_once(self) -> None:
        described = device_of(sectors(*([(1, 0x1000)] * 11)))
        made = carry_out(plan(flm(device=described), Flavour.STLDR)).loader.described_device
        assert made.sectors == sectors((11, 0x1000))

    def test_a_flash_file_has_room_for_any_number(self) -> None:
        described = self.device_with_runs(40)
        assert plan(flm(device=described), Flavour.IAR).plan.device.sectors == described.sectors


@each_target
def test_4_gib_leave_no_place_for_ram(target: Flavour) -> None:
    source = flm(device=device_of(sectors((0x1_0000, 0x1_0000)), base_address=0))
    assert_refused(source, target, "overlaps the device 0x00000000..0xffffffff", "--ram")


@each_target
def test_an_flm_of_no_bytes(target: Flavour) -> None:
    refusal(flm(segment(Part.CODE, 0, b"")), target)


@each_target
def test_all_refusals_leave_the_source_as_it_is(target: Flavour) -> None:
    source = Source(flm())
    before = source.loader.model_copy(deep=True)
    refusal(source, target, given_ram=AddressRange(start=0x2000_0000, size_bytes=256))
    assert source.loader == before
