"""What the tests of lint share."""

import hashlib
import os
import pickle
from collections.abc import Iterator

import pytest

from loaderconv.lint.behaviour import job as behaviour_job
from loaderconv.lint.behaviour.job import ObservationJob
from loaderconv.lint.behaviour.observations import Observations


@pytest.fixture(scope="session", autouse=True)
def _each_loader_runs_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what was found out about a loader, for all processes: each of nine rules wants to see the same one run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "observations"
    folder.mkdir(exist_ok=True)
    observe = behaviour_job.observe_apart

    def observe_once(job: ObservationJob) -> Observations:
        told = f"{job.subject.loader.model_dump_json()} {job.owned} {job.facts}"
        known = folder / hashlib.sha256(told.encode()).hexdigest()
        if not known.exists():
            draft = known.with_suffix(f".{os.getpid()}")
            draft.write_bytes(pickle.dumps(observe(job)))
            draft.replace(known)
        found = pickle.loads(known.read_bytes())  # noqa: S301 - our own, of this very run
        assert isinstance(found, Observations)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(behaviour_job, "observe_apart", observe_once)
        yield
