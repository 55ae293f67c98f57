"""Loaders for a parallel NOR memory at the FMC: good ones in all flavours, their conversions, and faulty ones."""

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

FOLDER = FIXTURES / "fmc_nor"
START = StartCondition


def run(name: str, scenario: ScenarioName, wish: Wish | None = None) -> Timeline:
    subject = read_subject(FOLDER / name, SearchPaths(toolkit_dir=FOLDER))
    return simulate(subject, scenario, wish or Wish(), strict_mmio=True)


def failed(timeline: Timeline) -> list[str]:
    return [f"{entry.operation}: {entry.observed}" for entry in timeline.entries if not entry.passed]


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("fmc_nor.stldr", Wish()),
        ("fmc_nor.stldr", Wish(machine="stm32f4-fmc", start=START.BUSY)),
        ("fmc_nor.stldr", Wish(machine="stm32f7-fmc", start=START.CLOCKS_GATED)),
        ("fmc_nor_h7.stldr", Wish(start=START.SECOND_SESSION)),
        ("fmc_nor.FLM", Wish()),
        ("fmc_nor.flash", Wish()),
    ],
)
def test_good_loaders_pass_the_full_scenario(name: str, wish: Wish) -> None:
    timeline = run(name, ScenarioName.FULL, wish)
    assert timeline.passed, [failed(timeline), timeline.violations, timeline.guesses]
    assert timeline.violations == ()
    assert timeline.footprint is not None
    assert timeline.footprint.stray_writes == ()


@pytest.mark.parametrize(
    ("name", "words", "violation"),
    [
        ("no_polling", "program 1024 bytes at 0x60000000", "0x0098 at 0x0000aa written while busy with erase"),
        ("overfills", "program 1024 bytes at 0x60000000", "it holds 512 bytes, not 1024"),
        ("no_cfi_reset", "erase 0x60000000..0x6000ffff", "while codes are read: no reset before"),
        ("read_only", "initialise", "written while WREN of its bank is 0"),
    ],
)
def test_faults_show_in_the_quick_scenario(name: str, words: str, violation: str) -> None:
    timeline = run(f"{name}.stldr", ScenarioName.QUICK)
    assert failed(timeline)[0].startswith(words)
    assert violation in timeline.violations[0]


@pytest.mark.parametrize(
    ("name", "target"),
    [("fmc_nor.stldr", Flavour.FLM), ("fmc_nor.stldr", Flavour.IAR), ("fmc_nor.FLM", Flavour.STLDR)],
)
def test_conversions_are_proven(name: str, target: Flavour) -> None:
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
