"""The commands `simulate` and `prove`, from files to results, each in a process of its own.

The engine is a C library fed by whatever bytes a file holds, so the files are read and run in a child process.
"""

from dataclasses import dataclass, field
from pathlib import Path

from loaderconv.emulator.contained import run_contained
from loaderconv.simulation.proving.prove import prove
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.scenarios import ScenarioName
from loaderconv.simulation.simulate import simulate
from loaderconv.simulation.subject import read_subject
from loaderconv.simulation.trace import Trace
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.proof import Proof
from loaderconv_schemas.timeline import Timeline

WALL_CLOCK_S = 600
"""A simulation that takes longer is ended; each call of a loader has a budget of its own, which is far smaller."""


@dataclass(frozen=True)
class SimulationJob:
    """A loader to simulate.

    Attributes:
        path: one of its files.
        scenario: which operations.
        wish: machine, core, RAM, start condition.
        search: where the other files of an IAR loader may lie.
        pass_number: which pass of a `.board`, from 1; None: the only one.
        strict_mmio: made-up values of registers count against the loader.
        wants_trace: every event is written down.
    """

    path: Path
    scenario: ScenarioName = ScenarioName.QUICK
    wish: Wish = field(default_factory=Wish)
    search: SearchPaths = field(default_factory=SearchPaths)
    pass_number: int | None = None
    strict_mmio: bool = False
    wants_trace: bool = False


@dataclass(frozen=True)
class ProofJob:
    """Two loaders to compare.

    Attributes:
        source: the original, one of its files.
        converted: what was made of it.
        wish: machine, core, RAM, start condition.
        search: where the other files of IAR loaders may lie.
        pass_number: which pass of the source's `.board`, from 1; None: the only one.
    """

    source: Path
    converted: Path
    wish: Wish = field(default_factory=Wish)
    search: SearchPaths = field(default_factory=SearchPaths)
    pass_number: int | None = None


def simulate_file(job: SimulationJob) -> tuple[Timeline, tuple[str, ...]]:
    """Return what happened, and the lines of the trace.

    Raises:
        LoaderConvError: as `read_subject` and `simulate`, or the process was ended.
    """
    return run_contained(_simulated, job, wall_clock_s=WALL_CLOCK_S)


def prove_files(job: ProofJob) -> Proof:
    """Return what came of the comparison.

    Raises:
        LoaderConvError: as `read_subject` and `prove`, or the process was ended.
    """
    return run_contained(_proven, job, wall_clock_s=WALL_CLOCK_S)


def _simulated(job: SimulationJob) -> tuple[Timeline, tuple[str, ...]]:
    trace = Trace() if job.wants_trace else None
    subject = read_subject(job.path, job.search, job.pass_number)
    timeline = simulate(subject, job.scenario, job.wish, strict_mmio=job.strict_mmio, trace=trace)
    return timeline, () if trace is None else tuple(trace.lines())


def _proven(job: ProofJob) -> Proof:
    source = read_subject(job.source, job.search, job.pass_number)
    return prove(source, read_subject(job.converted, job.search), job.wish)
