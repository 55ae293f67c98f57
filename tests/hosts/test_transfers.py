"""However memory, buffer and data lie to each other: the transfers bring exactly the data, in whole pages."""

from hypothesis import given
from hypothesis import strategies as st

from loaderconv.hosts.memory_layout import MemoryLayout
from loaderconv.hosts.transfers import Transfer, are_on_blocks, transfers
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from support.fuzzing import fuzz_settings
from support.strict import pattern

BASE = 0x0800_0140
"""On no boundary: the grid of pages starts at the device."""


@st.composite
def jobs(draw: st.DrawFn) -> tuple[MemoryLayout, int, bytes]:
    """Return a memory of one to three runs of blocks without gaps, and data somewhere on it."""
    runs: list[SectorRun] = []
    offset = 0
    for _ in range(draw(st.integers(1, 3))):
        size = draw(st.sampled_from([0x30, 0x80, 0x100, 0x400]))
        runs.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=draw(st.integers(1, 4))))
        offset = runs[-1].end_offset_bytes
    device = Device(
        name="any",
        kind=DeviceKind.UNKNOWN,
        base_address=BASE,
        size_bytes=offset,
        page_size_bytes=draw(st.sampled_from([1, 4, 0x20, 0x30, 0x80, 0x200])),
        sectors=tuple(runs),
    )
    buffer = AddressRange(start=0x2000_0000, size_bytes=draw(st.integers(8, 0x500)))
    start = draw(st.integers(0, offset - 1))
    size = draw(st.integers(1, offset - start))
    return MemoryLayout(device, buffer), BASE + start, pattern(size)


def image_of(pieces: list[Transfer]) -> dict[int, int]:
    """Return all bytes by address; none may come twice."""
    image: dict[int, int] = {}
    for piece in pieces:
        place = dict(enumerate(piece.data, piece.block.start + piece.offset_bytes))
        assert image.keys().isdisjoint(place)
        image |= place
    return image


@given(jobs(), st.booleans())
@fuzz_settings
def test_data_arrive_and_what_fills_up_is_erased(job: tuple[MemoryLayout, int, bytes], crosses_blocks: bool) -> None:
    layout, address, data = job
    image = image_of(list(transfers(layout, address, data, crosses_blocks=crosses_blocks)))
    assert bytes(image.pop(address + index) for index in range(len(data))) == data
    assert set(image.values()) <= {0xFF}
    page = layout.device.page_size_bytes
    assert all(
        (at - BASE) // page in {(address - BASE) // page, (address + len(data) - 1 - BASE) // page} for at in image
    )


@given(jobs(), st.booleans())
@fuzz_settings
def test_each_fits_the_buffer_and_starts_in_its_block(
    job: tuple[MemoryLayout, int, bytes], crosses_blocks: bool
) -> None:
    layout, address, data = job
    for piece in transfers(layout, address, data, crosses_blocks=crosses_blocks):
        assert 0 < len(piece.data) <= layout.buffer.size_bytes
        assert 0 <= piece.offset_bytes < piece.block.size_bytes
        if not crosses_blocks:
            assert piece.offset_bytes + len(piece.data) <= piece.block.size_bytes


@given(jobs())
@fuzz_settings
def test_all_but_the_last_end_at_a_page_where_the_buffer_holds_two(job: tuple[MemoryLayout, int, bytes]) -> None:
    """With one page the buffer may still be too small for what is left of one and the next."""
    layout, address, data = job
    page = layout.device.page_size_bytes
    pieces = list(transfers(layout, address, data, crosses_blocks=True))
    if layout.buffer.size_bytes >= page:
        ends = [piece.block.start + piece.offset_bytes + len(piece.data) - BASE for piece in pieces[:-1]]
        assert all(end % page == 0 for end in ends)


def test_gap_between_blocks_belongs_to_none() -> None:
    device = Device(
        name="gapped",
        kind=DeviceKind.UNKNOWN,
        base_address=BASE,
        size_bytes=0x300,
        page_size_bytes=4,
        sectors=(
            SectorRun(offset_bytes=0, sector_size_bytes=0x80, count=2),
            SectorRun(offset_bytes=0x200, sector_size_bytes=0x100, count=1),
        ),
    )
    assert are_on_blocks(device, AddressRange(start=BASE, size_bytes=0x100))
    assert are_on_blocks(device, AddressRange(start=BASE + 0x2FF, size_bytes=1))
    assert not are_on_blocks(device, AddressRange(start=BASE, size_bytes=0x101))
    assert not are_on_blocks(device, AddressRange(start=BASE + 0xFF, size_bytes=0x102))
    assert not are_on_blocks(device, AddressRange(start=BASE - 1, size_bytes=2))
