"""A loader that copes with every state of controller and memory, and six that fail in one of them and nowhere else."""

from functools import cache

import pytest

from loaderconv.emulator.start_condition import StartCondition
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.timeline import Timeline
from support.paths import FIXTURES

GOOD = ("qspi.stldr", "qspi.FLM", "qspi.flash")

FAULTS = {
    "second_session": StartCondition.SECOND_SESSION,
    "mapped": StartCondition.MAPPED,
    "qpi": StartCondition.QPI,
    "four_byte": StartCondition.FOUR_BYTE,
    "busy": StartCondition.BUSY,
    "clocks_gated": StartCondition.CLOCKS_GATED,
}

UNDONE_BY_RESET = (StartCondition.MAPPED, StartCondition.CLOCKS_GATED)
"""C-SPY resets the chip before it downloads a loader, which the memory does not notice."""

OTHER_FLAVOURS = [(f"{stem}.FLM", condition) for stem, condition in FAULTS.items()] + [
    (f"{stem}.flash", condition) for stem, condition in FAULTS.items() if condition not in UNDONE_BY_RESET
]


@cache
def subject(name: str) -> Subject:
    return read_subject(FIXTURES / "quadspi" / name, SearchPaths(toolkit_dir=FIXTURES / "quadspi"))


@cache
def run(name: str, start: StartCondition) -> Timeline:
    return simulate(subject(name), ScenarioName.QUICK, Wish(start=start), strict_mmio=True)


@pytest.mark.parametrize("start", StartCondition)
@pytest.mark.parametrize("name", GOOD)
def test_a_good_loader_copes_with_each(name: str, start: StartCondition) -> None:
    timeline = run(name, start)
    assert timeline.passed, [timeline.ended_early, timeline.entries, timeline.violations, timeline.guesses]
    assert timeline.machine.startswith("STM32F7 with QUADSPI")


@pytest.mark.parametrize(("stem", "condition"), FAULTS.items())
def test_a_faulty_one_fails_in_its_own_alone(stem: str, condition: StartCondition) -> None:
    assert [start for start in StartCondition if not run(f"{stem}.stldr", start).passed] == [condition]


@pytest.mark.parametrize(("name", "condition"), OTHER_FLAVOURS)
def test_so_does_one_of_another_flavour(name: str, condition: StartCondition) -> None:
    assert run(name, StartCondition.AFTER_RESET).passed
    assert not run(name, condition).passed


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("second_session", "Write returned 0"),
        ("mapped", "Init returned 0"),
        ("qpi", "command 0x05 on 1 line while in QPI mode"),
        ("four_byte", "with 3 bytes of address where it takes 4"),
        ("busy", "while busy"),
        ("clocks_gated", "without a clock"),
    ],
)
def test_the_timeline_says_why(stem: str, word: str) -> None:
    timeline = run(f"{stem}.stldr", FAULTS[stem])
    told = [*(entry.observed for entry in timeline.entries if not entry.passed), *timeline.violations]
    assert any(word in each for each in told), told
