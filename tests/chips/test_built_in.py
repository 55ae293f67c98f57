"""The table that comes with loaderconv."""

import json
import re
from importlib import resources

import pytest

from loaderconv.chips import collect
from loaderconv.chips.built_in import TABLE_PATH, built_in_chips
from loaderconv.chips.corrections import CORRECTIONS, Correction, corrected
from loaderconv.chips.part_numbers import folded
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip

SOURCE = re.compile(r"pyOCD \d+\.\d+\.\d+, pyocd/target/(builtin|builtin/cypress|family)/target_\w+\.py(; .+)?")
TEXT = resources.files("loaderconv").joinpath(*TABLE_PATH).read_text("utf-8")


def chip(name: str) -> Chip:
    return next(each for each in built_in_chips() if each.name == name)


def at(start: int, size_kib: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=size_kib << 10)


def test_there_are_many_and_each_once() -> None:
    names = [folded(each.name) for each in built_in_chips()]
    assert len(names) > 180
    assert names == sorted(set(names))


@pytest.mark.parametrize("row", built_in_chips(), ids=lambda row: row.name)
def test_row_is_well_formed(row: Chip) -> None:
    assert SOURCE.fullmatch(row.source)
    assert row.vendor
    assert {row.default_ram, row.loader_ram} <= set(row.ram)
    assert list(row.ram) == sorted(row.ram, key=lambda ram: ram.start)
    assert all(before.end <= after.start for before, after in zip(row.ram, row.ram[1:], strict=False))
    assert all(ram.size_bytes and not ram.overlaps(region) for ram in row.ram for region in collect.NEVER_EXECUTED)
    is_h7 = row.name.startswith("stm32h7")
    assert (row.loader_ram.start == 0x2400_0000) == is_h7
    assert is_h7 or row.loader_ram == row.default_ram


@pytest.mark.parametrize(
    ("name", "default_ram", "loader_ram"),
    [
        ("stm32h743xx", at(0x2000_0000, 128), at(0x2400_0000, 512)),
        ("stm32h750xx", at(0x2000_0000, 128), at(0x2400_0000, 512)),
        ("stm32h723xx", at(0x2000_0000, 128), at(0x2400_0000, 320)),
        ("stm32f429xi", at(0x2000_0000, 192), at(0x2000_0000, 192)),
        ("stm32f429xg", at(0x2000_0000, 192), at(0x2000_0000, 192)),
        ("stm32l475xg", at(0x2000_0000, 96), at(0x2000_0000, 96)),
        ("nrf52840", at(0x2000_0000, 256), at(0x2000_0000, 256)),
        ("nrf52833", at(0x2000_0000, 128), at(0x2000_0000, 128)),
        ("k64f", at(0x1FFF_0000, 256), at(0x1FFF_0000, 256)),
    ],
)
def test_known_chips(name: str, default_ram: AddressRange, loader_ram: AddressRange) -> None:
    assert (chip(name).default_ram, chip(name).loader_ram) == (default_ram, loader_ram)


def test_corrected_rows_name_both_sources() -> None:
    for name, correction in CORRECTIONS.items():
        assert chip(name).source.endswith(f".py; {correction.source}")
        assert correction.ram in chip(name).ram
    assert sum(";" in each.source for each in built_in_chips()) == len(CORRECTIONS)


def test_correction_replaces_what_starts_there_or_is_added() -> None:
    ram = (at(0x2000_0000, 64), at(0x1000_0000, 16))
    assert corrected(ram, None) == (ram[1], ram[0])
    assert corrected(ram, Correction(at(0x2000_0000, 48), "")) == (ram[1], at(0x2000_0000, 48))
    assert corrected(ram, Correction(at(0x2400_0000, 48), "")) == (ram[1], ram[0], at(0x2400_0000, 48))


def test_file_is_what_the_tool_writes_and_small() -> None:
    table = json.loads(TEXT)
    assert collect.table_text(built_in_chips(), table["pyocd_version"]) == TEXT
    assert "docs/formats/stldr.md" in table["rules"]["loader_ram"]
    assert len(TEXT) < 60_000


def test_tool_says_what_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(collect, "import_module", missing)
    assert collect.main() == 1
    assert "pip install pyocd" in capsys.readouterr().err
