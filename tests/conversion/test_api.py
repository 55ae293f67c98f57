"""`loaderconv.convert`: from what `read` returns to what `write` takes, for every pair of flavours."""

from itertools import permutations
from pathlib import Path

import pytest

import loaderconv
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from loaderconv_schemas.loader import Flavour
from support.conversions import BOARD, FLM, ONE_PASS, STLDR

SOURCES = {Flavour.FLM: FLM, Flavour.STLDR: STLDR, Flavour.IAR: ONE_PASS}
SUFFIXES = {Flavour.FLM: ".FLM", Flavour.STLDR: ".stldr", Flavour.IAR: ".board"}
RAM = AddressRange(start=0x2000_0000, size_bytes=0x1_0000)


@pytest.mark.parametrize(("source", "target"), list(permutations(Flavour, 2)), ids=str)
def test_read_convert_write_read(source: Flavour, target: Flavour, tmp_path: Path) -> None:
    before = loaderconv.read(SOURCES[source])
    converted = loaderconv.convert(before, target, ram=RAM, name="converted")
    assert converted.flavour is target
    written = loaderconv.write(converted, tmp_path / f"converted{SUFFIXES[target]}")
    (again,) = loaderconv.read(written[0]).loaders
    assert again.described_device == converted.described_device
    assert again.entry_points == converted.entry_points
    assert {each.address: each.data for each in again.image_segments if each.data} == {
        each.address: each.data for each in converted.image_segments if each.data
    }
    assert again.iar_interface == converted.iar_interface
    assert again.described_device.sectors == before.loaders[0].described_device.sectors


@pytest.mark.parametrize("spelled", ["IAR", "iar", Flavour.IAR])
def test_a_flavour_by_its_name(spelled: str) -> None:
    assert loaderconv.convert(loaderconv.read(FLM), spelled).flavour is Flavour.IAR


def test_a_loader_alone_will_do() -> None:
    (loader,) = loaderconv.read(FLM).loaders
    assert loaderconv.convert(loader, "stldr") == loaderconv.convert(loaderconv.read(FLM), "stldr")


def test_the_name_is_the_source_s_unless_given() -> None:
    bundle = loaderconv.read(FLM)
    assert loaderconv.convert(bundle, "stldr").described_device.name == "strict_flm"
    assert loaderconv.convert(bundle, "stldr", name="mine").described_device.name == "mine"


def test_a_pass_counts_with_its_offset_and_range() -> None:
    bundle = loaderconv.read(BOARD)
    bases = [loaderconv.convert(bundle, "FLM", pass_number=number).described_device.base_address for number in (1, 2)]
    assert bases == [0x9000_0000, 0x1000_0000]


def test_wishes_are_heard() -> None:
    runs = (SectorRun(offset_bytes=0, sector_size_bytes=0x2000, count=4),)
    device = loaderconv.convert(
        loaderconv.read(STLDR), "FLM", geometry=runs, page_size_bytes=512, program_timeout_ms=7, erase_timeout_ms=8
    ).described_device
    assert device.sectors == runs
    assert (device.page_size_bytes, device.program_timeout_ms, device.erase_timeout_ms) == (512, 7, 8)
    loader = loaderconv.convert(loaderconv.read(FLM), "stldr", chip="STM32H743", with_read=False)
    assert min(segment.address for segment in loader.image_segments) == 0x2400_0004
    assert "Read" not in {entry.symbol for entry in loader.entry_points}


@pytest.mark.parametrize(
    ("to", "wishes", "words"),
    [
        ("hex", {}, "no flavour"),
        ("stldr", {"name": ""}, "DeviceName"),
        ("stldr", {"chip": "no such chip"}, "no chip"),
        ("stldr", {"ram": AddressRange(start=0x2000_0001, size_bytes=0x1000)}, "multiple"),
        ("stldr", {"pass_number": 2}, "no pass 2"),
    ],
)
def test_what_cannot_be_meant(to: str, wishes: dict[str, object], words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        loaderconv.convert(loaderconv.read(FLM), to, **wishes)


def test_several_passes_need_a_number() -> None:
    with pytest.raises(UsageProblem, match="2 passes") as caught:
        loaderconv.convert(loaderconv.read(BOARD), "FLM")
    assert "pass_number" in caught.value.hint


def test_refusals() -> None:
    with pytest.raises(ConversionRefused, match="already"):
        loaderconv.convert(loaderconv.read(FLM), "FLM")
    with pytest.raises(ConversionRefused, match="relocated"):
        loaderconv.convert(loaderconv.read(STLDR), "FLM", relocate_to=0x2000_4000)


def test_what_is_required_comes_along_as_notices() -> None:
    converted = loaderconv.convert(loaderconv.read(STLDR), to="FLM")
    assert any(each.code == "required" and "RAMstart" in each.message for each in converted.notices)
    assert "default-ram" in {each.code for each in converted.notices}


def test_options_that_do_not_exist_are_refused() -> None:
    source = loaderconv.read(STLDR)
    with pytest.raises(TypeError, match="'page'"):
        loaderconv.convert(source, to="FLM", page=256)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="AddressRange"):
        loaderconv.convert(source, to="FLM", ram="0x20000000:64K")  # type: ignore[typeddict-item]
