"""What lint says of files that are known: real FLMs, and the loaders that are built from our own sources."""

from pathlib import Path

import pytest

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.unit import Checks, check_unit
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.severity import Severity
from support.paths import FIXTURES, corpus_flm

GOOD = (
    "nrf51xxx.flm",
    "nrf52xxx.flm",
    "nrf52xxx_sde.flm",
    "nrf52xxx_uicr.flm",
    "nrf53xx_application.flm",
    "STM32F4xx_2048.FLM",
    "STM32L4Rx_2048_Dual.FLM",
)

ABSOLUTE_SECTORS = ("nrf53xx_network.flm", "nrf53xx_network_uicr.flm")

NEEDS_MASK_ROM = ("LPC553XX_256.FLM", "LPC553XX_S_256.FLM", "LPC553XX_FLEXSPI.FLM", "LPC553XX_FLEXSPI_S.FLM")

OF_FIXTURES = {
    "strict_flm.FLM": set(),
    "strict_flm_no_chip.FLM": set(),
    "strict_flm_odd_page.FLM": {"FLM046"},
    "strict_flm_onchip.FLM": set(),
    "strict_flm_reader.FLM": {"FLM012"},
    "strict_stldr.stldr": {"STL014", "STL034"},
    "strict_stldr_at_zero.stldr": {"STL034"},
    "strict_stldr_short.stldr": {"STL009", "STL014", "STL034"},
    "strict_stldr_r9.stldr": {"STL014", "STL035", "STL038"},
    "iar/config/flashloader/Strict/strict_iar.board": {"IAR013", "IAR022"},
    "iar/config/flashloader/Strict/strict_iar_far.board": set(),
    "iar/config/flashloader/Strict/strict_iar_relocatable.board": {"IAR005", "IAR039"},
}


def found(path: Path) -> list[tuple[str, Severity, str]]:
    facts = UserFacts(search=SearchPaths(toolkit_dir=FIXTURES / "iar"))
    unit = check_unit(Candidate(path, Origin.NAMED), Checks(facts))
    assert unit.problem is None
    return [(each.rule, each.severity, each.message) for file in unit.files for each in file.file.findings]


@pytest.mark.parametrize("name", GOOD)
def test_good_loaders_are_clean(name: str) -> None:
    assert found(corpus_flm(name)) == []


@pytest.mark.parametrize("name", ABSOLUTE_SECTORS)
def test_absolute_sector_addresses(name: str) -> None:
    assert [(rule, severity) for rule, severity, _ in found(corpus_flm(name))] == [("FLM049", Severity.ERROR)]
    assert "0x01000000" in found(corpus_flm(name))[0][2]


@pytest.mark.parametrize("name", NEEDS_MASK_ROM)
def test_calls_of_mask_rom(name: str) -> None:
    assert {(rule, severity) for rule, severity, _ in found(corpus_flm(name))} == {("FLM074", Severity.NOTE)}


@pytest.mark.parametrize("name", OF_FIXTURES)
def test_own_loaders(name: str) -> None:
    assert {rule for rule, _, _ in found(FIXTURES / name)} == OF_FIXTURES[name]
