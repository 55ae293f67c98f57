"""What is planned, carried out on an array of bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.hosts.host import sectors_in
from loaderconv.programming.plan import NEAR_BYTES, ProgrammingPlan, plan_programming, touched_sectors
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import UsageProblem
from support.fuzzing import fuzz_settings

BASE = 0x0800_0000
ERASED = 0xFF


def device_of(
    *runs: tuple[int, int], page: int = 0x100, kind: DeviceKind = DeviceKind.NOR_FLASH, hole: int = 0
) -> Device:
    """Return a device with runs of (sector size, count), and a hole in front of the last run."""
    sectors: list[SectorRun] = []
    offset = 0
    for number, (size, count) in enumerate(runs):
        offset += hole if number == len(runs) - 1 else 0
        sectors.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
        offset += size * count
    return Device(
        name="model",
        kind=kind,
        base_address=BASE,
        size_bytes=offset,
        page_size_bytes=page,
        erased_value=ERASED,
        sectors=tuple(sectors),
    )


def image_of(*pieces: tuple[int, bytes]) -> FirmwareImage:
    return FirmwareImage("model", tuple(FirmwarePiece(BASE + offset, data) for offset, data in pieces))


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=BASE + start, size_bytes=end - start)


@dataclass
class Model:
    """A memory that takes data only where it was erased."""

    device: Device
    array: bytearray

    def read(self, wanted: AddressRange) -> bytes:
        return bytes(self.array[wanted.start - BASE : wanted.end - BASE])

    def erase(self, wanted: AddressRange) -> None:
        sectors = sectors_in(self.device, wanted)
        assert sectors[0].start == wanted.start
        assert sectors[-1].end == wanted.end
        self.array[wanted.start - BASE : wanted.end - BASE] = bytes([ERASED]) * wanted.size_bytes

    def program(self, piece: FirmwarePiece, alignment_bytes: int) -> None:
        """Take whole units, the last one filled up as uVision does."""
        offset = piece.address - BASE
        assert offset % alignment_bytes == 0
        end = min(offset + -(-piece.size_bytes // alignment_bytes) * alignment_bytes, len(self.array))
        assert self.array[offset:end] == bytes([ERASED]) * (end - offset)
        self.array[offset : offset + piece.size_bytes] = piece.data

    def carry_out(self, plan: ProgrammingPlan, alignment_bytes: int) -> None:
        for each in plan.erase:
            self.erase(each)
        for piece in plan.program:
            self.program(piece, alignment_bytes)


@st.composite
def devices(draw: st.DrawFn) -> tuple[Device, int]:
    """Return a device, and where a host may program: anywhere or at pages, which may be larger than sectors."""
    sizes = st.sampled_from((0x80, 0x100, 0x400, 0x1000, 0x2000))
    runs = draw(st.lists(st.tuples(sizes, st.integers(1, 5)), min_size=1, max_size=3))
    device = device_of(*runs, page=draw(st.sampled_from((1, 0x10, 0x80, 0x100, 0x140, 0x400, 0x2000))))
    return device, draw(st.sampled_from((1, device.page_size_bytes)))


@st.composite
def images(draw: st.DrawFn, size_bytes: int) -> FirmwareImage:
    """Return pieces that do not touch; some of them begin or end erased, or are nothing else."""
    borders = draw(st.lists(st.integers(0, size_bytes), min_size=2, max_size=8, unique=True).map(sorted))
    pieces: list[tuple[int, bytes]] = []
    for start, end in zip(borders[::2], borders[1::2], strict=False):
        filled = bytes(0x80 | index * 7 & 0x3F for index in range(end - start))
        cut = draw(st.integers(0, end - start))
        data = draw(st.sampled_from((filled, filled[:cut].ljust(end - start, b"\xff"), b"\xff" * (end - start))))
        pieces.append((start, data))
    return image_of(*pieces)


def before(device: Device) -> bytearray:
    return bytearray(index * 5 & 0x7F for index in range(device.size_bytes))


@fuzz_settings
@given(st.data())
def test_carried_out_the_device_holds_the_image(data: st.DataObject) -> None:
    device, alignment = data.draw(devices())
    image = data.draw(images(device.size_bytes))
    keep = data.draw(st.booleans())
    model = Model(device, before(device))
    try:
        plan = plan_programming(image, device, alignment_bytes=alignment, read_back=model.read if keep else None)
    except UsageProblem:
        assert not keep
        assert any(sector % alignment for run in device.sectors for sector in (run.offset_bytes, run.sector_size_bytes))
        return
    sectors = {sector for piece in image.pieces for sector in sectors_in(device, piece.range)}
    if not keep:
        assert sum(sector.size_bytes for sector in sectors) == plan.erase_bytes

    model.carry_out(plan, alignment)

    expected = before(device)
    if not keep:
        for sector in sectors:
            expected[sector.start - BASE : sector.end - BASE] = bytes([ERASED]) * sector.size_bytes
    for piece in image.pieces:
        expected[piece.address - BASE : piece.range.end - BASE] = piece.data
    assert model.array == expected
    assert all(model.read(piece.range) == piece.data for piece in plan.contents)
    covered = [piece.range for piece in plan.contents]
    assert all(any(each.start <= p.address and p.range.end <= each.end for each in covered) for p in image.pieces)
    assert plan.touched == span(plan.erase[0].start - BASE, plan.erase[-1].end - BASE)


MIXED = ((0x400, 4), (0x1000, 3))

PLANS = {
    "one byte": ([(0x433, b"x")], [(0x400, 0x800)], [(0x400, 0x500)]),
    "neighbouring sectors": ([(0x7FF, b"xy")], [(0x400, 0xC00)], [(0x700, 0x900)]),
    "sectors of two sizes": ([(0xFFF, b"xy")], [(0xC00, 0x2000)], [(0xF00, 0x1100)]),
    "far apart": ([(0, b"x"), (0x3FFF, b"y")], [(0, 0x400), (0x3000, 0x4000)], [(0, 0x100), (0x3F00, 0x4000)]),
    "nothing but erased": ([(0x400, b"\xff" * 0x400)], [(0x400, 0x800)], []),
    "a small gap": ([(0x1010, b"x"), (0x1310, b"y")], [(0x1000, 0x2000)], [(0x1000, 0x1400)]),
    "a large gap": (
        [(0x1010, b"x" + b"\xff" * 0x1FDE + b"y")],
        [(0x1000, 0x3000)],
        [(0x1000, 0x1100), (0x2F00, 0x3000)],
    ),
}


@pytest.mark.parametrize(("pieces", "erase", "program"), PLANS.values(), ids=PLANS.keys())
def test_what_is_erased_and_programmed(
    pieces: Sequence[tuple[int, bytes]], erase: Sequence[tuple[int, int]], program: Sequence[tuple[int, int]]
) -> None:
    device = device_of(*MIXED)
    image = image_of(*pieces)
    for alignment in (1, 0x100):
        plan = plan_programming(image, device, alignment_bytes=alignment, read_back=None)
        assert plan.erase == tuple(span(*each) for each in erase) == touched_sectors(image.pieces, device)
        assert [piece.range for piece in plan.program] == [span(*each) for each in program]
        assert plan.program_bytes == sum(end - start for start, end in program)


def test_only_what_the_image_leaves_is_read() -> None:
    device = device_of((0x4000, 2))
    reads: list[AddressRange] = []

    def read_back(wanted: AddressRange) -> bytes:
        reads.append(wanted)
        return b"k" * wanted.size_bytes

    image = image_of((0x10, b"x" * 0x10), (0x40, b"y" * (2 * NEAR_BYTES)))
    plan = plan_programming(image, device, alignment_bytes=1, read_back=read_back)
    assert reads == [span(0, 0x40), span(0x40 + 2 * NEAR_BYTES, 0x4000)]
    (piece,) = plan.program
    assert piece.range == span(0, 0x4000)
    assert piece.data.strip(b"k")[:0x31] == b"x" * 0x10 + b"k" * 0x20 + b"y"


def test_an_image_of_whole_sectors_leaves_nothing_to_read() -> None:
    def read_back(wanted: AddressRange) -> bytes:
        raise AssertionError(wanted)

    image = image_of((0x400, b"x" * 0x800))
    plan = plan_programming(image, device_of(*MIXED), alignment_bytes=0x100, read_back=read_back)
    assert plan.program == image.pieces


def test_memory_that_nothing_erases_gets_the_erased_value_too() -> None:
    device = device_of((0x1000, 1), kind=DeviceKind.SRAM)
    image = image_of((0, b"\xff" * 0x200))
    assert plan_programming(image, device, alignment_bytes=1, read_back=None).program == image.pieces


@pytest.mark.parametrize("offset", [0x3F0, 0x800, 0x13F0])
def test_an_image_beside_the_sectors_is_refused(offset: int) -> None:
    device = device_of((0x400, 1), (0x400, 2), hole=0x800)
    with pytest.raises(UsageProblem, match="lies in no sector of model"):
        plan_programming(image_of((offset, b"x" * 0x20)), device, alignment_bytes=1, read_back=None)


PAGE_OF_FOUR_SECTORS = device_of((0x400, 16), page=0x1000)


def test_pages_across_sectors_cost_nothing_where_the_host_programs_anywhere() -> None:
    plan = plan_programming(image_of((0x400, b"x")), PAGE_OF_FOUR_SECTORS, alignment_bytes=1, read_back=None)
    assert plan.erase == (span(0x400, 0x800),)
    assert [piece.range for piece in plan.program] == [span(0x400, 0x800)]


def test_pages_across_sectors_are_refused_where_they_would_hurt_a_neighbour() -> None:
    with pytest.raises(UsageProblem, match=r"units of 4096 bytes.*0x08000000\.\.0x080003ff"):
        plan_programming(image_of((0x400, b"x")), PAGE_OF_FOUR_SECTORS, alignment_bytes=0x1000, read_back=None)


def test_pages_across_sectors_are_kept_whole() -> None:
    model = Model(PAGE_OF_FOUR_SECTORS, before(PAGE_OF_FOUR_SECTORS))
    image = image_of((0x400, b"x"))
    plan = plan_programming(image, PAGE_OF_FOUR_SECTORS, alignment_bytes=0x1000, read_back=model.read)
    assert plan.erase == (span(0, 0x1000),)
    assert [piece.range for piece in plan.program] == [span(0, 0x1000)]


def test_a_plan_for_a_large_image_is_quickly_made() -> None:
    """Thousands of pieces, of which each has a page of its own: nothing may look at all of them for each."""
    device = device_of((0x1000, 4_000))
    image = image_of(*((number * 0x1000 + 0x20, b"x") for number in range(0, 4_000, 2)))
    plan = plan_programming(image, device, alignment_bytes=0x100, read_back=None)
    assert len(plan.erase) == len(plan.program) == 2_000
