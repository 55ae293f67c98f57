"""A loader that waits for a memory that stays busy: for ever, or with a time-out that nobody waits for."""

from pathlib import Path

import pytest

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.lint.behaviour.alone import carried_out
from loaderconv.lint.behaviour.job import ObservationJob
from loaderconv.lint.behaviour.observations import Attempt, Operation
from loaderconv.lint.behaviour.places import place_in
from loaderconv.lint.behaviour.polls import PATIENCE_ACCESSES, endless_polls
from loaderconv.lint.behaviour.stage import Stage, build_stage
from loaderconv.lint.facts import SimulationFacts
from loaderconv.simulation.subject import read_subject
from loaderconv_formats.references.search import SearchPaths
from support.paths import FIXTURES


def stage_of(path: Path, machine: str | None) -> Stage:
    return build_stage(ObservationJob(read_subject(path, SearchPaths()), (), SimulationFacts(machine=machine)))


def erase_that_hangs(stage: Stage, patience_accesses: int | None) -> Attempt:
    scene = stage.scene(patience_accesses=patience_accesses)
    scene.memory.hang_next(FlashOperation.ERASE)
    return carried_out(scene, place_in(scene.desk.device), Operation.ERASE)


def test_a_time_out_that_counts_is_not_waited_for() -> None:
    stage = stage_of(FIXTURES / "strict_stldr.stldr", "strict-nor")
    attempt = erase_that_hangs(stage, PATIENCE_ACCESSES)
    assert attempt.detail.endswith("are counted.")
    assert not attempt.is_endless


@pytest.mark.parametrize(("name", "endless"), [("polls_forever", [Operation.ERASE, Operation.PROGRAM]), ("qspi", [])])
def test_polls_without_an_end_are_told_from_those_with_a_clock(name: str, endless: list[Operation]) -> None:
    stage = stage_of(FIXTURES / "quadspi" / f"{name}.stldr", None)
    assert [each.operation for each in endless_polls(stage)] == endless
