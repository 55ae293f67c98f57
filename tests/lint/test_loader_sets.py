"""Which loaders are compared with each other. Groups that are none are worse than groups that are missed."""

import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.loader_sets import loader_sets, summary_of
from loaderconv.lint.opening import Opener
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import apply_rules
from loaderconv.lint.subjects.loader_set import DeviceSummary
from loaderconv.lint.subjects.subject import FileName
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.loader import Flavour
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.lint_cases.loader_sets import SIDE_BY_SIDE, files

_FLAVOURS = {".flm": Flavour.FLM, ".stldr": Flavour.STLDR, ".flash": Flavour.IAR}

KIB64 = 0x1_0000


def loader(path: str, name: str = "", start: int = 0x9000_0000, runs: Sequence[tuple[int, int]] = ()) -> DeviceSummary:
    """Return a loader in a folder; runs are (count, size)."""
    sectors: list[SectorRun] = []
    for count, size in runs or ((16, KIB64),):
        offset = sectors[-1].end_offset_bytes if sectors else 0
        sectors.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
    device = Device(
        name=name,
        kind=DeviceKind.UNKNOWN,
        base_address=start,
        size_bytes=sectors[-1].end_offset_bytes,
        page_size_bytes=256,
        erased_value=0xFF,
        sectors=tuple(sectors),
    )
    file = FileName(Path(path))
    return DeviceSummary(file, _FLAVOURS[file.suffix], device)


def sets(*loaders: DeviceSummary) -> list[list[str]]:
    """Return the titles of the loaders in each set."""
    return [[each.title_of(one) for one in each.loaders] for each in loader_sets(loaders)]


def findings(*loaders: DeviceSummary) -> list[str]:
    """Return rules, codes and titles of what is found in the only set."""
    (only,) = loader_sets(loaders)
    return [f"{each.rule} {each.code} {each.place.name}" for each in apply_rules(only, rules_for(only)).findings]


class TestGroups:
    def test_same_stem(self) -> None:
        assert sets(loader("f/A.stldr"), loader("f/b.stldr"), loader("f/a.FLM")) == [["a.FLM", "A.stldr"]]

    def test_other_folder(self) -> None:
        assert sets(loader("f/a.stldr"), loader("g/a.FLM")) == []

    def test_folders_of_hosts(self) -> None:
        found = loader_sets([loader("f/MDK-ARM/a.FLM"), loader("f/STM32Cube/a.stldr"), loader("f/EWARM/a.flash")])
        assert [each.name for each in found] == [FileName(Path("f"))]
        assert sets(*found[0].loaders) == [["MDK-ARM/a.FLM", "STM32Cube/a.stldr", "EWARM/a.flash"]]

    def test_same_name(self) -> None:
        """As in cturvey/stm32extldr, where three pairs have names of files that differ in a prefix."""
        pair = loader("f/W25Q128.FLM", "CLIVE  W25q128"), loader("f/CLIVE-W25Q128.stldr", "clive W25Q128")
        assert sets(*pair) == [["W25Q128.FLM", "CLIVE-W25Q128.stldr"]]

    def test_same_name_elsewhere(self) -> None:
        assert sets(loader("f/a.FLM", "X"), loader("f/b.stldr", "X", start=0x7000_0000)) == []

    @pytest.mark.parametrize("name", ["", "  "])
    def test_no_name(self, name: str) -> None:
        assert sets(loader("f/a.FLM", name), loader("f/b.stldr", name)) == []

    def test_only_loaders_of_a_folder(self) -> None:
        assert sets(loader("f/internal.FLM", "A"), loader("f/external.stldr", "B")) == []

    def test_one_flavour(self) -> None:
        assert sets(loader("f/MDK-ARM/a.FLM"), loader("f/a.FLM")) == []

    def test_two_of_a_flavour(self) -> None:
        """Nothing tells which of the FLMs belongs to the stldr."""
        assert sets(loader("f/a.FLM", "X"), loader("f/b.FLM", "X"), loader("f/c.stldr", "X")) == []

    def test_stem_comes_before_name(self) -> None:
        found = sets(loader("f/a.FLM", "X"), loader("f/b.stldr", "X"), loader("f/a.stldr", "Y"))
        assert found == [["a.FLM", "a.stldr"]]

    def test_name_of_a_flash_file_is_none(self) -> None:
        assert sets(loader("f/a.flash", "X"), loader("f/b.FLM", "X")) == []

    def test_members_of_a_pack(self) -> None:
        flm = DeviceSummary(FileName(Path("a.pack"), "Flash/a.FLM"), Flavour.FLM, loader("a.FLM").device)
        stldr = DeviceSummary(FileName(Path("a.pack"), "Cube/a.stldr"), Flavour.STLDR, loader("a.FLM").device)
        assert len(loader_sets([flm, stldr])) == 1
        assert loader_sets([flm, loader("a.stldr")]) == []


class TestComparison:
    @pytest.mark.parametrize(
        ("flm", "stldr", "code"),
        [
            (((16, KIB64),), ((8, KIB64), (8, KIB64)), None),
            (((4, 0x4000), (1, KIB64), (7, 0x2_0000)), ((64, 0x4000),), "granularity"),
            (((4, 0x4000), (1, KIB64), (7, 0x2_0000)), ((8, 0x2_0000),), "granularity"),
            (((16, KIB64),), ((32, 0x8000),), "granularity"),
            (((1, 0x8000), (15, KIB64), (1, 0x8000)), ((16, KIB64),), "sectors"),
            (((1, 0x3000), (1, 0xD000)), ((1, 0x4000), (1, 0xC000)), "sectors"),
            (((2, 0x6000), (1, 0x4000)), ((1, KIB64),), "granularity"),
            (((3, 0x6000),), ((2, 0x9000),), "sectors"),
        ],
    )
    def test_sectors(
        self, flm: tuple[tuple[int, int], ...], stldr: tuple[tuple[int, int], ...], code: str | None
    ) -> None:
        expected = [] if code is None else [f"SET003 {code} a.stldr"]
        assert findings(loader("f/a.FLM", runs=flm), loader("f/a.stldr", runs=stldr)) == expected

    def test_sectors_of_different_devices_are_compared_as_far_as_both_go(self) -> None:
        large = loader("f/a.FLM", runs=((8, 0x8000), (16, KIB64)))
        assert findings(large, loader("f/a.stldr", runs=((8, 0x8000),))) == ["SET002 size a.stldr"]

    def test_the_odd_one_out_is_named(self) -> None:
        flm, stldr, flash = loader("f/a.FLM"), loader("f/a.stldr"), loader("f/a.flash")
        smaller = DeviceSummary(flm.file, flm.flavour, flm.device.model_copy(update={"size_bytes": 0x8000}))
        assert findings(smaller, stldr, flash) == ["SET002 size a.FLM"]

    def test_a_flash_file_has_no_say_in_addresses(self) -> None:
        assert findings(loader("f/a.stldr"), loader("f/a.flash", start=0)) == []

    def test_larger_page_that_is_a_multiple_is_normal(self) -> None:
        flm, stldr = loader("f/a.FLM"), loader("f/a.stldr")
        larger = DeviceSummary(stldr.file, stldr.flavour, stldr.device.model_copy(update={"page_size_bytes": 0x1_0000}))
        assert findings(flm, larger) == []


class TestSummaries:
    def test_files(self, tmp_path: Path) -> None:
        files(SIDE_BY_SIDE)(tmp_path)
        opened = [Opener(UserFacts()).open(path) for path in sorted(tmp_path.rglob("*.*"))]
        summaries = [each for each in map(summary_of, opened) if each is not None]
        (found,) = loader_sets(pickle.loads(pickle.dumps(summaries)))  # noqa: S301 - our own bytes
        assert [each.flavour for each in found.loaders] == [Flavour.FLM, Flavour.STLDR, Flavour.IAR]
        assert apply_rules(found, rules_for(found)).findings == ()

    def test_loader_that_cannot_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.FLM"
        path.write_bytes(build(FlmRecipe(is_run_table_terminated=False)))
        assert summary_of(Opener(UserFacts()).open(path)) is None
