"""Loaders for EEPROMs at I2C and SPI: good ones, their conversions, and faulty ones."""

import pytest

from loaderconv.conversion.source import source_of
from loaderconv.emulator.start_condition import StartCondition
from loaderconv.simulation.proving.prove import prove
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv.simulation.symbols import code_symbols
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.timeline import Timeline
from support.matrix import convert
from support.paths import FIXTURES

FOLDER = FIXTURES / "eeprom"
START = StartCondition


def run(stem: str, scenario: ScenarioName, wish: Wish | None = None) -> Timeline:
    return simulate(read_subject(FOLDER / f"{stem}.stldr", SearchPaths()), scenario, wish or Wish(), strict_mmio=True)


def failed(timeline: Timeline) -> list[str]:
    return [f"{entry.operation}: {entry.observed}" for entry in timeline.entries if not entry.passed]


@pytest.mark.parametrize(
    ("stem", "wish"),
    [
        ("i2c_v1", Wish()),
        ("i2c_v1", Wish(machine="stm32f4-i2c", start=START.CLOCKS_GATED)),
        ("i2c_v2", Wish()),
        ("i2c_v2", Wish(machine="stm32l4-i2c", start=START.SECOND_SESSION)),
        ("spi", Wish()),
    ],
)
def test_good_loaders_pass_the_full_scenario(stem: str, wish: Wish) -> None:
    timeline = run(stem, ScenarioName.FULL, wish)
    assert timeline.passed, [failed(timeline), timeline.violations, timeline.guesses]
    assert timeline.violations == timeline.guesses == timeline.remarks == ()
    assert "EEPROM of " in timeline.machine


@pytest.mark.parametrize(
    ("stem", "words", "violation"),
    [
        ("crosses_pages", "erase 0x90000000..0x900000ff", "write 0x0000, 64 bytes wraps around the end of its page"),
        ("keeps_addr", "initialise", "I2C1: data written while ADDR is set: SR2 was not read after SR1"),
        ("no_ack_polling", "erase 0x90000000..0x900000ff", None),
        ("no_write_enable", "erase 0x90000000..0x900000ff", "write 0x0020, 32 bytes without write enable"),
    ],
)
def test_faults_show_in_the_quick_scenario(stem: str, words: str, violation: str | None) -> None:
    timeline = run(stem, ScenarioName.QUICK)
    assert failed(timeline)[0].startswith(words)
    assert next(iter(timeline.violations), None) == violation


@pytest.mark.parametrize(
    ("stem", "target"),
    [("i2c_v1", Flavour.FLM), ("i2c_v2", Flavour.IAR), ("spi", Flavour.FLM)],
)
def test_conversions_are_proven(stem: str, target: Flavour) -> None:
    name = f"{stem}.stldr"
    source = source_of(read_loader_file(FOLDER / name), name)
    _, loader, data = convert(source, target)
    proof = prove(
        Subject(name, source.loader, source.facts, code_symbols(source.image)),
        Subject(f"{name} as {target}", loader, PassFacts(), code_symbols(read_elf(data))),
        Wish(),
    )
    assert [(each.operation, each.message) for each in proof.differences] == []
    assert proof.source.ended_early is None
    assert proof.source.violations == proof.converted.violations == ()
    assert any("contents of the whole memory" in each for each in proof.compared)
