"""Rules on behaviour find nothing in our own good loaders, and in those of vendors what is there."""

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

NORDIC = {"FLM078", "FLM079"}
"""A note of its last failure goes to 0x20004000, wherever the host has put the loader, and no poll gives up."""

REAL = {
    "nrf51xxx.flm": NORDIC,
    "nrf52xxx.flm": NORDIC,
    "nrf53xx_application.flm": NORDIC,
    "nrf53xx_network.flm": NORDIC,
    "nrf91xx.flm": NORDIC,
    "STM32F4xx_2048.FLM": {"FLM079"},
}
"""Good loaders of vendors, with what is wrong with them all the same."""

OWN = ("strict_flm.FLM", "strict_stldr.stldr", "iar/config/flashloader/Strict/strict_iar.flash")


def findings(path: Path, machine: str | None = None) -> list[str]:
    outcome = check(path, UserFacts(simulation=SimulationFacts(machine=machine)))
    assert not BEHAVIOUR & {each.rule for each in outcome.skipped}
    return [f"{each.rule} {each.code}: {each.message}" for each in outcome.findings if each.rule in BEHAVIOUR]


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "known"), REAL.items())
def test_real_loaders_have_these_faults_and_no_others(name: str, known: set[str]) -> None:
    found = findings(corpus_flm(name))
    assert {each.split()[0] for each in found} == known
    assert all("0x00003fe0" in each or "0x01003fe0" in each for each in found if each.startswith("FLM078"))


@pytest.mark.parametrize("name", OWN)
def test_own_loaders_are_clean(name: str) -> None:
    assert findings(FIXTURES / name, "strict-nor") == []
