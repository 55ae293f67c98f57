"""The memory of a source by its new host's addresses: offsets, ranges of a pass, and what the user knows better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.described_device import DescribedDevice, described_device
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour
from support.loader_models import DEVICE, addresses
from support.planning import device, device_of, iar, sectors

BASE = DEVICE.base_address
MIXED = device_of(sectors((4, 0x1000), (3, 0x4000), (2, 0x8000)), page_size_bytes=256)
"""Sectors at 0, 0x1000, 0x2000, 0x3000; 0x4000, 0x8000, 0xc000; 0x10000, 0x18000."""


def described(of: Device, facts: PassFacts | None = None, **changes: object) -> DescribedDevice:
    wanted = {"target": Flavour.FLM, "file_name": "x.FLM", "name": "x", **changes}
    return described_device(iar(device=of), facts or PassFacts(), ConversionRequest(**wanted))  # type: ignore[arg-type]


def part(start: int, end: int) -> PassFacts:
    """Return a pass for so many bytes of the device, by offset."""
    return PassFacts(range=addresses(BASE + start, BASE + end))


def test_without_a_range_it_is_the_source_s() -> None:
    found = described(MIXED)
    assert (found.device, found.address_delta, found.source_base, found.warnings) == (MIXED, 0, BASE, ())


class TestRanges:
    @pytest.mark.parametrize("number", range(1, 5))
    def test_exact(self, number: int) -> None:
        runs = sectors(*[(2, 0x1000), (1, 0x4000), (3, 0x2000), (5, 0x800)][:number])
        whole = device_of(runs)
        found = described(whole, part(0, whole.size_bytes))
        assert (found.device, found.warnings) == (whole, ())

    @pytest.mark.parametrize(
        ("start", "end", "runs"),
        [
            (0, 0x1000, [(1, 0x1000)]),
            (0x1000, 0x4000, [(3, 0x1000)]),
            (0x3000, 0x8000, [(1, 0x1000), (1, 0x4000)]),
            (0x8000, 0x2_0000, [(2, 0x4000), (2, 0x8000)]),
            (0x3000, 0x1_8000, [(1, 0x1000), (3, 0x4000), (1, 0x8000)]),
            (0x1_8000, 0x2_0000, [(1, 0x8000)]),
        ],
    )
    def test_on_borders_of_sectors(self, start: int, end: int, runs: list[tuple[int, int]]) -> None:
        found = described(MIXED, part(start, end))
        assert found.device.range == addresses(BASE + start, BASE + end)
        assert found.device.sectors == sectors(*runs)
        assert found.source_base == BASE
        assert found.warnings == ()

    @pytest.mark.parametrize(
        ("start", "end", "served"),
        [
            (0x1001, 0x2000, (0x1000, 0x2000)),
            (0x1000, 0x1FFF, (0x1000, 0x2000)),
            (0x1800, 0x1801, (0x1000, 0x2000)),
            (0xFFF, 0x1001, (0, 0x2000)),
            (0x3FFF, 0x4001, (0x3000, 0x8000)),
            (0x5000, 0x1_0001, (0x4000, 0x1_8000)),
        ],
    )
    def test_inside_of_sectors_the_whole_sectors_are_served(
        self, start: int, end: int, served: tuple[int, int]
    ) -> None:
        facts = part(start, end)
        found = described(MIXED, facts)
        assert found.device.range == addresses(BASE + served[0], BASE + served[1])
        (warning,) = found.warnings
        assert warning.code == "range-and-sectors-differ"
        assert f"for {facts.range}" in warning.message
        assert str(found.device.range) in warning.message

    @pytest.mark.parametrize(
        ("start", "end", "served"),
        [
            (0x1_8000, 0x4_0000, (0x1_8000, 0x2_0000)),
            (-0x1000, 0x1000, (0, 0x1000)),
            (-0x1000, 0x4_0000, (0, 0x2_0000)),
        ],
    )
    def test_what_exceeds_the_device_is_not_served(self, start: int, end: int, served: tuple[int, int]) -> None:
        found = described(MIXED, part(start, end))
        assert found.device.range == addresses(BASE + served[0], BASE + served[1])
        assert [warning.code for warning in found.warnings] == ["range-and-sectors-differ"]

    @pytest.mark.parametrize(("start", "end"), [(-0x1000, 0), (0x2_0000, 0x3_0000), (0x2_0000, 0x2_0001)])
    def test_beside_the_device_there_is_nothing(self, start: int, end: int) -> None:
        with pytest.raises(ConversionRefused, match=r"has no sectors: they start at 0x90000000\."):
            described(MIXED, part(start, end))

    @given(st.data())
    def test_exactly_the_sectors_that_a_range_touches(self, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, MIXED.size_bytes - 1))
        end = data.draw(st.integers(start + 1, MIXED.size_bytes))
        found = described(MIXED, part(start, end)).device
        touched = [each for each in every_sector(MIXED) if each.overlaps(addresses(BASE + start, BASE + end))]
        assert every_sector(found) == touched


def every_sector(of: Device) -> list[AddressRange]:
    return [
        AddressRange(
            start=of.base_address + run.offset_bytes + number * run.sector_size_bytes, size_bytes=run.sector_size_bytes
        )
        for run in of.sectors
        for number in range(run.count)
    ]


class TestOffsets:
    @pytest.mark.parametrize(
        ("own", "delta", "seen"),
        [
            (0, 0x7000_0000, 0x9000_0000),
            (0x9000_0000, 0x7000_0000, 0x2000_0000),
            (0x9000_0000, 0x9000_0000, 0),
            (0x0800_0000, 0xFFFF_0000, 0x0801_0000),
            (0x1000_0000, 0x1000_0000, 0),
            (0xFFFE_0000, 0xFFFF_0000, 0xFFFF_0000),
        ],
    )
    def test_addresses_wrap_around(self, own: int, delta: int, seen: int) -> None:
        found = described(device(base_address=own), PassFacts(address_delta=delta))
        assert found.device.base_address == seen
        assert (found.device.base_address + found.address_delta) % (1 << 32) == own
        assert found.source_base == own

    def test_a_range_is_in_the_new_host_s_addresses(self) -> None:
        facts = PassFacts(address_delta=0x7000_0000, range=addresses(0x9000_1000, 0x9000_3000))
        found = described(device(base_address=0), facts)
        assert found.device.range == facts.range
        assert found.device.sectors == sectors((2, 0x1000))
        assert (found.address_delta, found.source_base) == (0x7000_0000, 0)

    @pytest.mark.parametrize(("start", "absolute", "delta"), [(0x800_0000, BASE, 0x8800_0000), (BASE, 0, 0x7000_0000)])
    def test_an_absolute_offset_counts_from_the_range(self, start: int, absolute: int, delta: int) -> None:
        facts = PassFacts(absolute_start=absolute, range=AddressRange(start=start, size_bytes=DEVICE.size_bytes))
        found = described(device(base_address=absolute), facts)
        assert found.address_delta == delta
        assert found.device.range == facts.range

    def test_an_absolute_offset_wins_over_a_relative_one(self) -> None:
        facts = PassFacts(absolute_start=BASE, address_delta=4, range=addresses(0, 0x1_0000))
        assert described(DEVICE, facts).address_delta == BASE

    def test_an_absolute_offset_without_a_range_is_refused(self) -> None:
        with pytest.raises(ConversionRefused, match="abs_offset"):
            described(DEVICE, PassFacts(absolute_start=BASE))

    def test_a_memory_may_end_with_the_address_space(self) -> None:
        found = described(device(base_address=0), PassFacts(address_delta=0x1_0000))
        assert found.device.range == addresses(0xFFFF_0000, 1 << 32)

    def test_a_memory_may_not_go_beyond_it(self) -> None:
        with pytest.raises(ConversionRefused, match="0xffff8000"):
            described(device(base_address=0), PassFacts(address_delta=0x8000))


class TestWhatTheUserKnowsBetter:
    def test_sectors_give_the_size(self) -> None:
        runs = sectors((3, 0x1000), (1, 0x8000))
        found = described(DEVICE, geometry=runs).device
        assert (found.sectors, found.size_bytes, found.base_address) == (runs, 0xB000, BASE)

    def test_a_range_cuts_them(self) -> None:
        found = described(DEVICE, part(0x1000, 0xB000), geometry=sectors((3, 0x1000), (1, 0x8000))).device
        assert found.sectors == sectors((2, 0x1000), (1, 0x8000))

    @pytest.mark.parametrize("field", ["page_size_bytes", "program_timeout_ms", "erase_timeout_ms"])
    def test_a_number_replaces_the_source_s(self, field: str) -> None:
        found = described(DEVICE, None, **{field: 77}).device
        assert found == DEVICE.model_copy(update={field: 77})

    @pytest.mark.parametrize("field", ["program_timeout_ms", "erase_timeout_ms"])
    def test_0_is_a_number(self, field: str) -> None:
        assert getattr(described(DEVICE, None, **{field: 0}).device, field) == 0


def test_sectors_of_no_bytes_are_refused_with_a_range_too() -> None:
    runs = (SectorRun(offset_bytes=0, sector_size_bytes=0, count=4),)
    with pytest.raises(ConversionRefused):
        described(device(sectors=runs), part(0, 0x1000))
