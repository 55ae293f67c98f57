"""Sources of every flavour in any arrangement of memories: hypothesis strategies for the planner."""

from hypothesis import strategies as st

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, Segment
from support.loader_models import segment
from support.planning import device, flm, iar, iar_interface, routines, sectors, stldr

MEMORIES = (0, 0x1000_0000, 0x2000_0000, 0x2002_0000, 0x2400_0000)
"""Starts of memories in which pieces may lie, each of 64 KiB at least."""

_SIZES = st.sampled_from([1, 2, 3, 4, 16, 61, 128, 700, 3000])
_ZEROS = st.sampled_from([0, 0, 1, 4, 30, 512, 3000, 9000])
_GAPS = st.sampled_from([0, 1, 4, 64, 0x105, 0x1000])


@st.composite
def rams(draw: st.DrawFn) -> AddressRange:
    """RAM that starts on the grid of hosts, in one of two memories."""
    start = draw(st.sampled_from([0x2000_0000, 0x2000_0000, 0x2002_0000])) + 0x100 * draw(st.integers(0, 0x20))
    return AddressRange(start=start, size_bytes=draw(st.sampled_from([0x1800, 0x4000, 0xC000])))


@st.composite
def segments(draw: st.DrawFn, memories: tuple[int, ...]) -> tuple[Segment, ...]:
    """One to five segments; the first has bytes, others may be zeros alone. In no memory two overlap."""
    ends = {memory: memory + draw(st.sampled_from([4, 8, 0x100, 0x1404])) for memory in memories}
    found = []
    for number in range(draw(st.integers(1, 5))):
        memory = draw(st.sampled_from(memories))
        address = ends[memory] + draw(_GAPS)
        size = draw(_SIZES) if number == 0 or draw(st.booleans()) else 0
        zeros = draw(_ZEROS) if size else draw(st.sampled_from([1, 64, 3000]))
        part = Part.CODE if number == 0 or draw(st.booleans()) else Part.DATA
        content = draw(st.binary(min_size=min(size, 8), max_size=8)) if size else b""
        found.append(segment(part, address, (content * size)[:size], zeros=zeros))
        ends[memory] = found[-1].range.end
    return tuple(found)


@st.composite
def flms(draw: st.DrawFn) -> Loader:
    """An FLM, with r9 or without, of any alignment."""
    found = draw(segments((draw(st.sampled_from([0, 0x1000])),)))
    inside = sorted(found, key=lambda each: each.address)
    placement = Placement(
        kind=PlacementKind.POSITION_INDEPENDENT,
        static_base=draw(st.none() | st.sampled_from([each.address for each in inside])),
        alignment_bytes=draw(st.sampled_from([1, 2, 4, 8, 16, 256])),
    )
    return flm(*found, placement=placement, entries=routines(Flavour.FLM, found[0].address), device=draw(_devices))


@st.composite
def stldrs(draw: st.DrawFn) -> Loader:
    """A stldr in one memory or several."""
    found = draw(segments(MEMORIES))
    return stldr(*found, entries=routines(Flavour.STLDR, found[0].address), device=draw(_devices))


@st.composite
def iars(draw: st.DrawFn) -> Loader:
    """An IAR loader, its stack among its zeros, in addresses of its own, or none."""
    found = draw(segments(MEMORIES))
    zeros = next((each for each in found if each.memory_size_bytes - len(each.data) >= 64), None)
    own = AddressRange(start=0x1001_0000 + 8 * draw(st.integers(0, 64)), size_bytes=0x200)
    stacks = [None, own]
    if zeros is not None:
        stacks.append(AddressRange(start=zeros.range.end - 64, size_bytes=64))
    places = iar_interface(found[0].address, found[0].address, stack=draw(st.sampled_from(stacks)), arguments=None)
    return iar(*found, iar_interface=places, device=draw(_devices))


SOURCES = {Flavour.FLM: flms(), Flavour.STLDR: stldrs(), Flavour.IAR: iars()}

_devices = st.builds(
    lambda runs, page: device(sectors=runs, size_bytes=runs[-1].end_offset_bytes, page_size_bytes=page),
    st.lists(st.sampled_from([(4, 0x1000), (2, 0x8000), (1, 0x4000)]), min_size=1, max_size=4).map(
        lambda runs: sectors(*runs)
    ),
    st.sampled_from([1, 8, 256, 320, 1024]),
)
