"""Chips are found by the names that people write."""

from pathlib import Path

import pytest

from loaderconv.chips import lookup
from loaderconv.chips.built_in import built_in_chips
from loaderconv.chips.lookup import find_chip, known_chips
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import UnreadableInput, UsageProblem
from support.packs import SRAM, device, write_pdsc

OTHER = '<memory name="SRAM" access="rwx" start="0x20000000" size="0x100" default="1"/>'


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("stm32h743xx", "stm32h743xx"),
        ("STM32H743", "stm32h743xx"),
        (" STM32H743ZI ", "stm32h743xx"),
        ("STM32H743ZIT6", "stm32h743xx"),
        ("STM32H743ZIT6TR", "stm32h743xx"),
        ("STM32F429ZIT6", "stm32f429xi"),
        ("STM32F429ZG", "stm32f429xg"),
        ("STM32F429", "stm32f429xg"),
        ("STM32F429xx", "stm32f429xg"),
        ("STM32F429XX", "stm32f429xg"),
        ("stm32f103rct6", "stm32f103rc"),
        ("nRF52840", "nrf52840"),
        ("nRF52840-QIAA", "nrf52840"),
        ("nRF52840_xxAA", "nrf52840"),
        ("nRF52", "nrf52"),
        ("HC32F460KETA", "hc32f460xe"),
        ("K64F", "k64f"),
    ],
)
def test_found(written: str, found: str) -> None:
    assert find_chip(written).name == found


@pytest.mark.parametrize(
    "written",
    ["nRF52811", "nRF54L05", "nRF54LM20B", "STM32F103C8", "STM32H743ZIT6:CM7", "stm32", "rp2", "w", "x", ""],
)
def test_unknown(written: str) -> None:
    with pytest.raises(UsageProblem, match="no chip of that name") as refused:
        find_chip(written)
    assert "--chip list" in refused.value.hint
    assert refused.value.hint.count(",") < lookup.MAX_SUGGESTIONS


def test_close_matches_are_named() -> None:
    with pytest.raises(UsageProblem) as refused:
        find_chip("nRF52480")
    assert "nrf52840" in refused.value.hint


def test_strange_names_are_shown_in_ascii() -> None:
    with pytest.raises(UsageProblem) as refused:
        find_chip("\u00e9\x1b[2J")
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()


def test_names_that_differ_in_ram_are_ambiguous() -> None:
    with pytest.raises(UsageProblem, match="several chips whose RAM differs") as refused:
        find_chip("STM32H7")
    assert "stm32h723xx, stm32h743xx" in refused.value.hint
    assert "--chip list" in refused.value.hint


class TestPacks:
    def test_they_come_first(self, tmp_path: Path) -> None:
        pack = write_pdsc(tmp_path, device("STM32H743ZITx", OTHER))
        assert find_chip("STM32H743ZIT6", [pack]).source.startswith("a.pdsc")
        assert find_chip("STM32H743", [pack]).ram == (AddressRange(start=0x2000_0000, size_bytes=0x100),)
        assert find_chip("STM32H743VIT6", [pack]).name == "stm32h743xx"

    def test_all_of_them_count(self, tmp_path: Path) -> None:
        packs = [write_pdsc(tmp_path, device(name, SRAM), name=name) for name in ("STRICT1", "STRICT2")]
        assert [find_chip(name, packs).name for name in ("strict1", "strict2")] == ["STRICT1", "STRICT2"]
        assert find_chip("STRICT", packs).name == "STRICT1"

    def test_exact_name_is_not_ambiguous(self, tmp_path: Path) -> None:
        pack = write_pdsc(tmp_path, device("STRICT10", SRAM), device("STRICT1", OTHER))
        assert find_chip("Strict1", [pack]).name == "STRICT1"
        with pytest.raises(UsageProblem, match="several chips"):
            find_chip("STRICT", [pack])

    def test_package_letter_x_is_a_letter(self, tmp_path: Path) -> None:
        pack = write_pdsc(tmp_path, device("STM32H745XIHx", SRAM), device("STM32H745ZITx", OTHER))
        assert find_chip("STM32H745ZI", [pack]).name == "STM32H745ZITx"
        assert find_chip("STM32H745XI", [pack]).name == "STM32H745XIHx"
        assert find_chip("STM32H745XIH6", [pack]).name == "STM32H745XIHx"

    def test_processors(self, tmp_path: Path) -> None:
        own = OTHER.replace("<memory", '<memory Pname="CM4"')
        pack = write_pdsc(tmp_path, device("TWO1234x", '<processor Pname="CM7"/>', own, SRAM.replace('"SRAM"', '"R"')))
        assert find_chip("TWO12346:cm4", [pack]).name == "TWO1234x:CM4"
        with pytest.raises(UsageProblem) as refused:
            find_chip("TWO12346", [pack])
        assert "TWO1234x:CM7, TWO1234x:CM4" in refused.value.hint

    def test_two_versions_that_contradict_each_other(self, tmp_path: Path) -> None:
        packs = [write_pdsc(tmp_path, device("STRICT1", ram), name=name) for name, ram in (("a", SRAM), ("b", OTHER))]
        with pytest.raises(UsageProblem, match=r"a, Strict.* and b, Strict.* describe it with different RAM"):
            find_chip("STRICT1", packs)
        assert find_chip("STRICT1", [packs[0], packs[0]]).source.startswith("a,")

    def test_suggestions_come_from_packs_too(self, tmp_path: Path) -> None:
        with pytest.raises(UsageProblem) as refused:
            find_chip("STIRCT1", [write_pdsc(tmp_path, device("STRICT1", SRAM))])
        assert "STRICT1" in refused.value.hint

    def test_damage_names_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.pack"
        path.write_bytes(b"PK\3\4")
        with pytest.raises(UnreadableInput, match=r"broken\.pack: "):
            find_chip("STM32H743", [path])

    def test_list_has_them_before_the_table(self, tmp_path: Path) -> None:
        pack = write_pdsc(tmp_path, device("STRICT1", SRAM))
        first, *rest = known_chips([pack])
        assert first.name == "STRICT1"
        assert tuple(rest) == known_chips() == built_in_chips()


def test_order_of_ranges_is_part_of_the_model() -> None:
    low, high = (AddressRange(start=start, size_bytes=16) for start in (0, 64))
    for ram, default in (((high, low), low), ((low,), high)):
        with pytest.raises(ValueError, match="RAM"):
            Chip(name="A", ram=ram, default_ram=default, loader_ram=low, source="a test")
