"""The RAM that a host has to give an FLM that installs a source elsewhere."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.conversion.targets.flm_place import (
    HEADER_BYTES,
    LARGEST_RAM_BYTES,
    STACK_BYTES,
    START_ALIGNMENT,
    flm_place,
    needed_bytes,
)
from loaderconv.conversion.targets.layout import Install, Layout
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import Part
from support.loader_models import addresses, segment
from support.planning import carry_out, plan, stldr

NOWHERE = AddressRange(start=0, size_bytes=0)


def layout(image_bytes: int, *installed: AddressRange) -> Layout:
    return Layout(
        image=AddressRange(start=0, size_bytes=image_bytes),
        parts=(),
        shim=NOWHERE,
        table=NOWHERE,
        page_buffer=NOWHERE,
        carried=(),
        source_delta=0,
        installs=tuple(Install(0, each.start, 0, each.size_bytes) for each in installed),
        regions=(),
    )


def place(
    *rams: AddressRange,
    installed: tuple[AddressRange, ...] = (),
    image: int = 0x400,
    page: int = 256,
    known: bool = True,
) -> AddressRange:
    return flm_place(layout(image, *installed), page, rams, rams_are_known=known)


def test_what_is_needed_is_header_image_two_pages_and_stack() -> None:
    assert needed_bytes(layout(0x400), 256) == 32 + 0x400 + 2 * 256 + 512
    assert needed_bytes(layout(0x401), 256) == 32 + 0x400 + 2 * 256 + 512 + 16
    assert needed_bytes(layout(0x400), 1) == 32 + 0x400 + 2 * 16 + 512


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        pytest.param((), addresses(0x2000_0000, 0x2000_4000), id="nothing in the way"),
        pytest.param((addresses(0x2400_0000, 0x2400_1000),), addresses(0x2000_0000, 0x2000_4000), id="elsewhere"),
        pytest.param((addresses(0x2000_0004, 0x2000_0104),), addresses(0x2000_0200, 0x2000_4000), id="at the start"),
        pytest.param((addresses(0x2000_0000, 0x2000_0100),), addresses(0x2000_0100, 0x2000_4000), id="on the grid"),
        pytest.param((addresses(0x2000_3804, 0x2000_3900),), addresses(0x2000_0000, 0x2000_3700), id="at the end"),
        pytest.param((addresses(0x2000_3F00, 0x2000_4000),), addresses(0x2000_0000, 0x2000_3E00), id="up to the end"),
        pytest.param((addresses(0x2000_0400, 0x2000_0500),), addresses(0x2000_0500, 0x2000_4000), id="small gap first"),
        pytest.param(
            (addresses(0x2000_1000, 0x2000_1010), addresses(0x2000_2000, 0x2000_2010)),
            addresses(0x2000_0000, 0x2000_0F00),
            id="between",
        ),
        pytest.param((addresses(0x1FFF_FF00, 0x2000_0110),), addresses(0x2000_0200, 0x2000_4000), id="reaching in"),
    ],
)
def test_the_lowest_gap_that_is_large_enough(installed: tuple[AddressRange, ...], expected: AddressRange) -> None:
    """The host's stack grows down from the end of the gap, and what is installed behind it keeps 256 bytes off."""
    assert place(addresses(0x2000_0000, 0x2000_4000), installed=installed) == expected


def test_rams_are_tried_in_their_order() -> None:
    small, large, other = addresses(0, 0x400), addresses(0x2000_0000, 0x2000_4000), addresses(0x1000_0000, 0x1000_8000)
    assert place(small, large, other) == large
    assert place(small, other, large) == other
    assert place(large, other, installed=(large,)) == other


def test_exactly_enough_is_enough() -> None:
    needed = needed_bytes(layout(0x400), 256)
    ram = AddressRange(start=0x2000_0000, size_bytes=needed)
    assert place(ram) == ram
    with pytest.raises(ConversionRefused, match=f"needs {needed} bytes .* has {needed - 1}"):
        place(AddressRange(start=0x2000_0000, size_bytes=needed - 1))


@pytest.mark.parametrize("known", [True, False])
def test_a_page_as_large_as_no_ram_is_refused(known: bool) -> None:
    page = LARGEST_RAM_BYTES
    with pytest.raises(ConversionRefused, match=f"{page} of them for one page") as caught:
        place(addresses(0x2000_0000, 0x2000_4000), page=page, known=known)
    assert "--page" in caught.value.hint


def test_where_nothing_is_left_the_largest_piece_is_0() -> None:
    ram = addresses(0x2000_0000, 0x2000_4000)
    with pytest.raises(ConversionRefused, match="has 0"):
        place(ram, installed=(ram,))


class TestAssumedRam:
    """Nobody said how much there is: only its start counts."""

    def test_it_is_as_small_as_can_be(self) -> None:
        found = place(addresses(0x2000_0000, 0x2000_0100), known=False)
        assert found == AddressRange(start=0x2000_0000, size_bytes=needed_bytes(layout(0x400), 256))

    @pytest.mark.parametrize("end", [0x2000_1000, 0x2000_0F01])
    def test_it_lies_behind_the_source(self, end: int) -> None:
        found = place(addresses(0x2000_0000, 0x2000_8000), installed=(addresses(0x2000_0004, end),), known=False)
        assert found.start == 0x2000_1000

    def test_a_source_in_another_memory_does_not_count(self) -> None:
        far = addresses(0x2400_0000, 0x2400_1000)
        assert place(addresses(0x2000_0000, 0x2000_8000), installed=(far,), known=False).start == 0x2000_0000

    def test_a_source_below_does_not_count(self) -> None:
        far = addresses(0x1FFF_0000, 0x2000_0000)
        assert place(addresses(0x2000_0000, 0x2000_8000), installed=(far,), known=False).start == 0x2000_0000

    def test_it_never_meets_the_source(self) -> None:
        installed = (addresses(0x20FF_F000, 0x2100_0000), addresses(0x2100_0200, 0x2100_0300))
        found = place(addresses(0x2000_0000, 0x2000_8000), installed=installed, known=False)
        assert not any(found.overlaps(each) for each in installed)


@given(st.data())
def test_a_place_is_free_aligned_large_enough_and_inside_of_a_ram(data: st.DataObject) -> None:
    installed = []
    end = 0x1FFF_FF00
    for _ in range(data.draw(st.integers(0, 4))):
        start = end + data.draw(st.integers(0, 0x900))
        end = start + data.draw(st.integers(1, 0x900))
        installed.append(addresses(start, end))
    first = AddressRange(start=0x2000_0000, size_bytes=data.draw(st.integers(0, 0x3000)))
    second = AddressRange(start=0x2000_8000, size_bytes=data.draw(st.integers(0, 0x3000)))
    image, page = data.draw(st.integers(0, 0x1000)), data.draw(st.sampled_from([1, 256, 1024]))
    needed = needed_bytes(layout(image), page)
    try:
        found = place(first, second, installed=tuple(installed), image=image, page=page)
    except ConversionRefused:
        bytes_in_a_row = max(map(len, free_stretches((first, second), installed)), default=0)
        assert bytes_in_a_row < needed + 3 * START_ALIGNMENT
        return
    assert found.size_bytes >= needed >= HEADER_BYTES + image + page + STACK_BYTES
    assert found.start % START_ALIGNMENT == 0
    assert any(ram.start <= found.start and found.end <= ram.end for ram in (first, second))
    assert not any(found.overlaps(each) for each in installed)


def free_stretches(rams: tuple[AddressRange, ...], installed: list[AddressRange]) -> list[range]:
    """Return what nothing is installed in, by trying every address that starts or ends something."""
    found = []
    for ram in rams:
        edges = {
            ram.start,
            ram.end,
            *(min(max(edge, ram.start), ram.end) for each in installed for edge in (each.start, each.end)),
        }
        listed = sorted(edges)
        for start, end in pairwise(listed):
            if not any(each.overlaps(addresses(start, end)) for each in installed):
                found.append(range(start, end))
    return found


class TestInAPlan:
    CHIP = Chip(
        name="made",
        ram=(addresses(0x1000_0000, 0x1000_8000), addresses(0x2000_0000, 0x2000_8000)),
        default_ram=addresses(0x2000_0000, 0x2000_8000),
        loader_ram=addresses(0x1000_0000, 0x1000_8000),
        source="this test",
    )

    def test_the_host_is_told_the_place(self) -> None:
        planned = plan(stldr(), Flavour.FLM).plan
        line = next(each for each in planned.requirements if "RAMstart" in each)
        assert f"RAMstart 0x{planned.ram.start:08x} and RAMsize 0x{planned.ram.size_bytes:x} (0x" in line
        assert planned.image.start == planned.ram.start + HEADER_BYTES

    def test_the_chip_s_default_ram_comes_first(self) -> None:
        source = stldr(segment(Part.CODE, 0x1000_0004, 128))
        assert plan(source, Flavour.FLM, given_ram=None, chip=self.CHIP).plan.ram == self.CHIP.default_ram

    def test_ram_that_the_user_names_comes_before_the_chip_s(self) -> None:
        given = addresses(0x3000_0000, 0x3001_0000)
        source = stldr(segment(Part.CODE, 0x1000_0004, 128))
        assert plan(source, Flavour.FLM, given_ram=given, chip=self.CHIP).plan.ram == given

    def test_without_either_the_place_is_assumed_and_the_plan_says_so(self) -> None:
        planned = plan(stldr(), Flavour.FLM, given_ram=None).plan
        assert planned.ram == AddressRange(start=0x2000_0000, size_bytes=0x3F00)
        assert [each.code for each in planned.warnings] == ["default-ram"]

    def test_as_much_as_it_says_is_needed_is_enough(self) -> None:
        source = stldr(segment(Part.CODE, 0x3000_0004, 128))
        line = next(each for each in plan(source, Flavour.FLM).plan.requirements if "RAMstart" in each)
        needed = int(line.split("(0x")[1].split()[0], 16)
        carry_out(plan(source, Flavour.FLM, given_ram=AddressRange(start=0x2000_0000, size_bytes=needed)))
        with pytest.raises(ConversionRefused):
            plan(source, Flavour.FLM, given_ram=AddressRange(start=0x2000_0000, size_bytes=needed - 1))
