"""What the tests of lint share."""

from collections.abc import Iterator

import pytest

from loaderconv.lint.behaviour import job as behaviour_job
from loaderconv.lint.behaviour.job import ObservationJob
from loaderconv.lint.behaviour.observations import Observations


@pytest.fixture(scope="session", autouse=True)
def _each_loader_runs_once() -> Iterator[None]:
    """Keep what was found out about a loader: each of nine rules wants to see the same good one run."""
    known: dict[tuple[object, ...], Observations] = {}
    observe = behaviour_job.observe_apart

    def observe_once(job: ObservationJob) -> Observations:
        key = (job.subject.loader.model_dump_json(), job.owned, job.facts)
        if key not in known:
            known[key] = observe(job)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(behaviour_job, "observe_apart", observe_once)
        yield
