"""What running a loader costs: the quick scenario with its child process, and `lint --simulate` of fifty files."""

import shutil
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv.emulator.contained import run_contained
from loaderconv.lint.facts import SimulationFacts, UserFacts
from loaderconv.lint.job import check_files
from loaderconv.lint.unit import Checks
from loaderconv.simulation.job import SimulationJob, simulate_file
from loaderconv_formats.candidates import Candidate, Origin
from support.paths import FIXTURES

LOADER = FIXTURES / "quadspi" / "qspi.stldr"
LOADERS = 50
"""Half of what a large tree has, to keep the whole benchmark short."""


def _nothing() -> None:
    """Do nothing, in a child."""


def test_quick_scenario(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "a loader of 23 KB, in a child process"
    timeline, _ = benchmark.pedantic(simulate_file, [SimulationJob(LOADER)], rounds=7, warmup_rounds=1)
    assert timeline.passed


def test_child_process_that_does_nothing(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "a loader of 23 KB, in a child process"
    benchmark.pedantic(run_contained, [_nothing], {"wall_clock_s": 60}, rounds=7, warmup_rounds=1)


def test_lint_of_fifty_loaders_as_they_run(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    candidates = []
    for number in range(LOADERS):
        path = tmp_path / f"qspi{number:03}.stldr"
        shutil.copy(LOADER, path)
        candidates.append(Candidate(path, Origin.NAMED))
    checks = Checks(UserFacts(simulation=SimulationFacts()))
    checked = benchmark.pedantic(check_files, [candidates, checks], rounds=1)
    assert len(checked.files) == LOADERS
