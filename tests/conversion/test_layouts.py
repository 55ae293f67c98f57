"""Where a plan puts everything, for any source and any RAM: nothing meets anything else, and every byte arrives."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from loaderconv.conversion.linking.image import image_bytes
from loaderconv.conversion.targets.iar import PlannedIar
from loaderconv.conversion.targets.planned import Planned
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part
from loaderconv_schemas.plan import RegionKind
from support.drawn_sources import SOURCES, rams
from support.loader_models import addresses, segment
from support.planning import carry_out, flm, iar, iar_interface, others, plan, stldr

PAIRS = [pytest.param(source, target, id=f"{source}-to-{target}") for source in Flavour for target in others(source)]
each_pair = pytest.mark.parametrize(("flavour", "target"), PAIRS)

thoroughly = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def drawn_plan(data: st.DataObject, flavour: Flavour, target: Flavour) -> Planned:
    """Plan what is drawn; arrangements that are refused are for other tests."""
    source: Loader = data.draw(SOURCES[flavour])
    try:
        return plan(source, target, given_ram=data.draw(rams()))
    except ConversionRefused:
        reject()


def holds(outer: AddressRange, inner: AddressRange) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def run_time_image(planned: Planned) -> AddressRange:
    """Return the image where its host loads it."""
    return planned.plan.image


def shift(planned: Planned) -> int:
    """Return what is added to addresses of the layout at run time: an FLM is linked at 0."""
    return planned.plan.image.start - planned.layout.image.start


def is_fixed(planned: Planned, where: AddressRange) -> bool:
    """Tell whether a range is the source's own, at its link address."""
    return not planned.parts.is_movable and where in planned.parts.taken


@dataclass
class Memory:
    """What was written, in order; everything else is dirt."""

    writes: list[tuple[int, bytes]] = field(default_factory=list)

    def write(self, address: int, data: bytes) -> None:
        self.writes.append((address, data))

    def read(self, address: int, size_bytes: int) -> bytes:
        found = bytearray(b"\xa5" * size_bytes)
        for start, data in self.writes:
            low, high = max(start, address), min(start + len(data), address + size_bytes)
            if low < high:
                found[low - address : high - address] = data[low - start : high - start]
        return bytes(found)


def memory_after_init(planned: Planned) -> Memory:
    """Download the image as the host does, and install as the shim does."""
    memory = Memory()
    if isinstance(planned, PlannedIar):
        for piece in planned.iar.fixed:
            memory.write(piece.address, piece.data)
    memory.write(run_time_image(planned).start, image_bytes(planned))
    if planned.plan.target is Flavour.STLDR:
        memory.write(planned.plan.ram.start, b"\x00\xbe\x00\xbe")
    for install in planned.layout.installs:
        copied = memory.read(install.source + shift(planned), install.copy_bytes)
        memory.write(install.to, copied + bytes(install.zero_bytes))
    return memory


@thoroughly
@each_pair
@given(st.data())
def test_no_two_regions_of_the_map_overlap(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    regions = drawn_plan(data, flavour, target).plan.memory_map
    for lower, upper in pairwise(regions):
        assert lower.range.end <= upper.range.start, (lower, upper)


@thoroughly
@each_pair
@given(st.data())
def test_what_is_not_the_source_s_own_lies_in_the_ram(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    ram = planned.plan.ram
    assert holds(ram, run_time_image(planned))
    for region in planned.plan.memory_map:
        if region.kind is not RegionKind.INSTALLED and not is_fixed(planned, region.range):
            assert holds(ram, region.range), region
    if isinstance(planned, PlannedIar):
        assert holds(ram, planned.iar.stack)
        assert holds(ram, planned.iar.buffer)


@thoroughly
@each_pair
@given(st.data())
def test_parts_cover_the_image_without_holes(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    layout = drawn_plan(data, flavour, target).layout
    ends = [layout.image.start, *(part.range.end for part in layout.parts)]
    assert [part.range.start for part in layout.parts] == ends[:-1]
    assert ends[-1] == layout.image.end
    assert all(part.range.size_bytes for part in layout.parts)


@thoroughly
@each_pair
@given(st.data())
def test_every_byte_of_the_source_arrives(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    memory = memory_after_init(planned)
    for piece in planned.parts.pieces:
        start, expected = planned.layout.moved(piece.address), piece.data.ljust(piece.size_bytes, b"\0")
        skipped = stldr_abi.HOST_WORD_BYTES if target is Flavour.STLDR and start == planned.plan.ram.start else 0
        assert memory.read(start, len(expected))[skipped:] == expected[skipped:], piece.name


@thoroughly
@each_pair
@given(st.data())
def test_nothing_is_installed_over_the_shim(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    layout = planned.layout
    own = [
        AddressRange(start=each.start + shift(planned), size_bytes=each.size_bytes)
        for each in (layout.shim, layout.table, layout.page_buffer, layout.own)
    ]
    own += [each.range for each in planned.plan.memory_map if each.kind is RegionKind.HOST]
    for install in layout.installs:
        assert install.range.size_bytes
        assert not any(install.range.overlaps(each) for each in own)
    for lower, upper in pairwise(sorted(layout.installs, key=lambda each: each.to)):
        assert lower.range.end <= upper.range.start


@thoroughly
@each_pair
@given(st.data())
def test_shim_table_buffer_and_source_do_not_meet(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    layout = planned.layout
    carried = [
        AddressRange(start=address, size_bytes=kept(planned, piece.address)) for piece, address in layout.carried
    ]
    places = [layout.shim, layout.table, layout.page_buffer, *carried]
    for lower, upper in pairwise(sorted((each for each in places if each.size_bytes), key=lambda each: each.start)):
        assert lower.end <= upper.start
    assert layout.shim.end == layout.table.start
    assert len(planned.table) == layout.table.size_bytes
    assert layout.shim.start % 4 == 0
    assert layout.page_buffer.start % 4 == 0
    assert layout.page_buffer.size_bytes >= max(planned.plan.device.page_size_bytes, planned.parts.scratch_bytes)


def kept(planned: Planned, address: int) -> int:
    """Return how many bytes of a piece lie in the image: of one that is installed elsewhere, those of the file."""
    piece = next(each for each in planned.layout.carried if each[0].address == address)
    stays = planned.parts.is_movable or piece[1] == piece[0].address != 0
    return piece[0].size_bytes if stays and planned.plan.target is not Flavour.FLM else len(piece[0].data)


@thoroughly
@pytest.mark.parametrize("target", others(Flavour.FLM))
@given(st.data())
def test_code_that_moves_keeps_its_alignment_and_distances(target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, Flavour.FLM, target)
    alignment = planned.parts.loader.placement.alignment_bytes
    assert planned.layout.source_delta % alignment == 0
    assert {address - piece.address for piece, address in planned.layout.carried} == {
        planned.layout.carried[0][1] - planned.parts.pieces[0].address
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@each_pair
@given(st.data())
def test_the_linked_file_holds_the_plan(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    linked = carry_out(planned)
    assert linked.loader.described_device == planned.plan.device
    assert [(each.symbol, each.address) for each in linked.loader.entry_points] == [
        (each.symbol, each.address) for each in planned.plan.entry_points
    ]
    start = planned.layout.shim.start
    own = planned.shim.code + planned.table
    assert Memory(list(segments_of(linked.document))).read(start, len(own)) == own


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@pytest.mark.parametrize(("flavour", "target"), [pair for pair in PAIRS if pair.values[1] is not Flavour.STLDR])
@given(st.data())
def test_sections_lie_where_their_alignment_says(flavour: Flavour, target: Flavour, data: st.DataObject) -> None:
    planned = drawn_plan(data, flavour, target)
    document = carry_out(planned).document
    for section in document.sections:
        if section.is_allocated:
            assert section.address % max(1, section.alignment) == 0, section.name


def segments_of(document: ElfImage) -> Iterator[tuple[int, bytes]]:
    """Yield what is loaded but a stldr's descriptor, which may lie at the same addresses."""
    for each in document.load_segments:
        if each.data:
            yield each.address, bytes(each.data)


@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
def test_holes_of_a_source_have_a_name_in_the_map(target: Flavour) -> None:
    source = flm(segment(Part.CODE, 0, 128), segment(Part.DATA, 0x400, 8))
    planned = plan(source, target)
    assert all(each.name for each in planned.plan.memory_map)
    assert all(part.name for part in planned.layout.parts)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(flm(segment(Part.CODE, 0, 129), segment(Part.DATA, 0x400, 8)), id="hole behind an odd end"),
        pytest.param(iar(segment(Part.CODE, 0x1000_0004, 1), segment(Part.DATA, 0x1000_0005, 1)), id="installed"),
        pytest.param(iar(segment(Part.CODE, 0x2000_4004, 1), segment(Part.DATA, 0x2000_4005, 1)), id="in place"),
    ],
)
def test_sections_of_a_stldr_lie_where_their_alignment_says(source: Loader) -> None:
    for section in carry_out(plan(source, Flavour.STLDR)).document.sections:
        if section.is_allocated:
            assert section.address % max(1, section.alignment) == 0, section.name


class TestSourceInTheMiddleOfTheRam:
    """Where a stldr is bound to the RAM that its new host uses, the rest finds a place around it."""

    def test_an_iar_loader_takes_the_lowest_gap_and_the_largest_buffer(self) -> None:
        ram = addresses(0x2000_0000, 0x2000_8000)
        planned = plan(stldr(segment(Part.CODE, 0x2000_2004, 128)), Flavour.IAR, given_ram=ram)
        assert isinstance(planned, PlannedIar)
        assert planned.layout.image.start == 0x2000_0000
        assert planned.iar.buffer == addresses(0x2000_2488, 0x2000_8000)

    def test_an_iar_loader_behind_a_source_at_the_start(self) -> None:
        ram = addresses(0x2000_0000, 0x2000_8000)
        planned = plan(stldr(segment(Part.CODE, 0x2000_0004, 128)), Flavour.IAR, given_ram=ram)
        assert planned.layout.image.start == 0x2000_0500

    def test_an_flm_at_the_start_as_long_as_its_gap_is_large_enough(self) -> None:
        source = stldr(segment(Part.CODE, 0x2000_4004, 128))
        assert plan(source, Flavour.FLM, given_ram=addresses(0x2000_0000, 0x2000_8000)).plan.ram == addresses(
            0x2000_0000, 0x2000_3F00
        )


class TestRoomInAnFlm:
    """Where its host loads it right to where the source belongs, the source's zeros must not be the shim."""

    @pytest.mark.parametrize("zeros", [0, 1, 32, 1000, 8192 - 1024 - 8])
    def test_there_is_some_for_zeros_and_stack(self, zeros: int) -> None:
        planned = plan(stldr(segment(Part.CODE, 0x2000_4004, 128, zeros=zeros)), Flavour.FLM)
        stack = planned.parts.stack
        assert stack is not None
        assert planned.layout.shim.start == stack.end - 0x2000_4004

    def test_more_than_8_kib_are_not_carried_along(self) -> None:
        planned = plan(stldr(segment(Part.CODE, 0x2000_4004, 128, zeros=8192)), Flavour.FLM)
        assert planned.layout.shim.start == 128

    def test_the_first_bytes_are_installed_first(self) -> None:
        """Any other range might lie over them where the host put them."""
        source = stldr(segment(Part.DATA, 0x1000_0000, b"", zeros=64), segment(Part.CODE, 0x2000_4004, 128))
        first, *_ = plan(source, Flavour.FLM).layout.installs
        assert (first.source, first.to, first.copy_bytes) == (0, 0x2000_4004, 128)


@pytest.mark.parametrize("target", others(Flavour.IAR))
def test_a_stack_that_code_reaches_into_clears_no_code(target: Flavour) -> None:
    """CSTACK$$Base may name what it likes: the output carries the code, or the conversion is refused."""
    stack = AddressRange(start=0x3000_0040, size_bytes=128)
    known = iar_interface(0x3000_0000, 0x3000_0000, stack=stack)
    try:
        planned = plan(iar(segment(Part.CODE, 0x3000_0000, 128), iar_interface=known), target)
    except ConversionRefused:
        return
    piece = planned.parts.pieces[0]
    assert memory_after_init(planned).read(piece.address, piece.size_bytes) == piece.data
