"""What a run in the emulator means for a board."""

from pathlib import Path

import pytest

from loaderconv.programming import rehearsal
from loaderconv.programming.rehearsal import NULL_BLOCK_BYTES, Rehearsal, Verdict, check_rehearsal, judge, rehearse
from loaderconv.simulation.job import SimulationJob
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UnreadableInput, UsageProblem
from loaderconv_schemas.timeline import Footprint, GuessedRegister, Timeline, TimelineEntry
from support.paths import FIXTURES

STACK = AddressRange(start=0x2000_1000, size_bytes=0x400)
FOREIGN = AddressRange(start=0x2000_8000, size_bytes=4)


def entry(*, passed: bool) -> TimelineEntry:
    return TimelineEntry(
        operation="erase", expected="an end", observed="Erase returned 1", passed=passed, instructions=1
    )


def timeline(**facts: object) -> Timeline:
    fields: dict[str, object] = {"entries": (entry(passed=True),), "footprint": footprint()}
    return Timeline(
        **{"loader": "a", "host": "b", "machine": "a machine", "scenario": "quick", "start": "reset", **fields, **facts}
    )


def footprint(*stray: AddressRange, depth: int = 100, stack: AddressRange = STACK) -> Footprint:
    return Footprint(image=(), stack=stack, stack_bytes=depth, stray_writes=stray)


def null_block(start: int, size_bytes: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=size_bytes)


VERDICTS: dict[str, tuple[Timeline, Verdict, str]] = {
    "all well": (timeline(), Verdict.PASSED, ""),
    "nothing ran": (timeline(footprint=None), Verdict.PASSED, ""),
    "through a null pointer": (timeline(footprint=footprint(null_block(0x40, 12))), Verdict.PASSED, ""),
    "into a structure at a null pointer": (
        timeline(footprint=footprint(null_block(4, 4), null_block(0x1008, 0x100))),
        Verdict.PASSED,
        "",
    ),
    "to the end of the null block": (
        timeline(footprint=footprint(null_block(0, NULL_BLOCK_BYTES))),
        Verdict.PASSED,
        "",
    ),
    "beyond the null block": (
        timeline(footprint=footprint(null_block(0x40, NULL_BLOCK_BYTES))),
        Verdict.TRAMPLES,
        "writes to foreign memory: 0x00000040..0x0000203f.",
    ),
    "foreign memory": (timeline(footprint=footprint(null_block(0, 4), FOREIGN)), Verdict.TRAMPLES, f": {FOREIGN}."),
    "foreign memory, and fails": (
        timeline(footprint=footprint(FOREIGN), entries=(entry(passed=False),)),
        Verdict.TRAMPLES,
        f": {FOREIGN}.",
    ),
    "all of its stack": (timeline(footprint=footprint(depth=0x400)), Verdict.TRAMPLES, "all 1024 bytes of its stack"),
    "nearly all of it": (timeline(footprint=footprint(depth=0x3FC)), Verdict.PASSED, ""),
    "a stack of unknown size": (
        timeline(footprint=footprint(depth=0, stack=AddressRange(start=0x2000_1000, size_bytes=0))),
        Verdict.PASSED,
        "",
    ),
    "an operation failed": (timeline(entries=(entry(passed=False),)), Verdict.FAILED, "erase: Erase returned 1."),
    "it hung": (
        timeline(entries=(entry(passed=False),), ended_early="Erase hung."),
        Verdict.FAILED,
        "(a machine) the loader fails: Erase hung. On",
    ),
    "a breach": (timeline(violations=("written while busy",)), Verdict.FAILED, "fails: written while busy. On"),
    "a guess": (
        timeline(guesses=(GuessedRegister(address=0x4000_0000, reads=1),), guesses_allowed=False),
        Verdict.FAILED,
        "a register had to be guessed",
    ),
}


@pytest.mark.parametrize(("seen", "verdict", "words"), VERDICTS.values(), ids=VERDICTS)
def test_verdict(seen: Timeline, verdict: Verdict, words: str) -> None:
    found = judge(seen)
    assert found.verdict is verdict
    assert words in found.sentence
    assert bool(found.sentence) is (verdict is not Verdict.PASSED)


FIXTURE_VERDICTS = {
    "quadspi/qspi.flash": (Verdict.PASSED, ""),
    "quadspi/writes_outside.FLM": (Verdict.PASSED, ""),
    "quadspi/deep_stack.flash": (Verdict.TRAMPLES, "all 1024 bytes of its stack"),
    "quadspi/erases_beyond.stldr": (Verdict.FAILED, "SectorErase returned 1"),
    "strict_stldr.stldr": (Verdict.PASSED, ""),
    "ram/ram_stldr.stldr": (Verdict.PASSED, ""),
}


@pytest.mark.parametrize(("name", "expected"), FIXTURE_VERDICTS.items())
def test_loaders(name: str, expected: tuple[Verdict, str]) -> None:
    found = rehearse(SimulationJob(FIXTURES / name, search=SearchPaths(toolkit_dir=FIXTURES / "quadspi")))
    verdict, words = expected
    assert found.verdict is verdict, found.sentence
    assert words in found.sentence


def test_no_loader_is_no_verdict(tmp_path: Path) -> None:
    path = tmp_path / "no.stldr"
    path.write_bytes(b"no loader")
    with pytest.raises(UnreadableInput):
        rehearse(SimulationJob(path))


PROBLEMS = {
    "no emulator": (UsageProblem("There is no Unicorn.", hint="Install it."), "was not tried"),
    "no machine": (RunFailed("No machine is known.", hint=""), "could not be tried"),
}


@pytest.mark.parametrize(("problem", "words"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_cannot_be_tried_is_not_refused(
    problem: UsageProblem | RunFailed, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def simulate_file(_job: SimulationJob) -> tuple[Timeline, tuple[str, ...]]:
        raise problem

    monkeypatch.setattr(rehearsal, "simulate_file", simulate_file)
    found = rehearse(SimulationJob(Path("x.FLM")))
    assert found.verdict is Verdict.UNKNOWN
    assert words in found.sentence
    assert found.sentence.endswith(problem.message)
    assert check_rehearsal(found, despite=False) == (found.sentence,)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("despite", [False, True])
def test_only_trampling_is_refused(verdict: Verdict, despite: bool) -> None:
    tried = Rehearsal(verdict, "" if verdict is Verdict.PASSED else "What it says.")
    if verdict is Verdict.TRAMPLES and not despite:
        with pytest.raises(RunFailed, match="What it says") as refusal:
            check_rehearsal(tried, despite=despite)
        assert "--despite-simulation" in refusal.value.hint
    else:
        assert check_rehearsal(tried, despite=despite) == ((tried.sentence,) if tried.sentence else ())
