"""Rules on behaviour find nothing in loaders that are known to be good."""

from pathlib import Path

import pytest

from loaderconv.lint.facts import SimulationFacts, UserFacts
from support.paths import FIXTURES, corpus_flm
from support.rule_cases import check

BEHAVIOUR = {
    *(f"STL0{number}" for number in range(50, 59)),
    *(f"FLM0{number}" for number in (70, 71, *range(75, 83))),
    *(f"IAR0{number}" for number in range(50, 58)),
}

REAL = (
    "nrf51xxx.flm",
    "nrf52xxx.flm",
    "nrf53xx_application.flm",
    "nrf53xx_network.flm",
    "nrf91xx.flm",
    "STM32F4xx_2048.FLM",
)
OWN = ("strict_flm.FLM", "strict_stldr.stldr", "iar/config/flashloader/Strict/strict_iar.flash")


def findings(path: Path, machine: str | None = None) -> list[str]:
    outcome = check(path, UserFacts(simulation=SimulationFacts(machine=machine)))
    assert not BEHAVIOUR & {each.rule for each in outcome.skipped}
    return [f"{each.rule} {each.code}: {each.message}" for each in outcome.findings if each.rule in BEHAVIOUR]


@pytest.mark.corpus
@pytest.mark.parametrize("name", REAL)
def test_real_loaders_are_clean(name: str) -> None:
    assert findings(corpus_flm(name)) == []


@pytest.mark.parametrize("name", OWN)
def test_own_loaders_are_clean(name: str) -> None:
    assert findings(FIXTURES / name, "strict-nor") == []
