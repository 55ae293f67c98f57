"""All experiments with one loader, in the order in which one makes the next worth while."""

from dataclasses import replace

from loaderconv.lint.behaviour.alone import AloneRuns, run_alone
from loaderconv.lint.behaviour.iar_calls import empty_erase, session_start
from loaderconv.lint.behaviour.job import ObservationJob
from loaderconv.lint.behaviour.moved import moved_run
from loaderconv.lint.behaviour.observations import Observations, Operation
from loaderconv.lint.behaviour.polls import endless_polls
from loaderconv.lint.behaviour.sessions import ROUND, dirty_starts, first_round, works_again
from loaderconv.lint.behaviour.stage import Stage, build_stage
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Flavour


def observe(job: ObservationJob) -> Observations:
    """Find out what a loader does. Where it does not do its work after a reset, nothing is tried beyond that."""
    try:
        stage = build_stage(job)
    except LoaderConvError as problem:
        return Observations(unfit=problem.message)
    alone = run_alone(stage)
    found = Observations(
        attempts=alone.attempts,
        ram=alone.ram,
        host_stack_bytes=stage.host_stack_bytes,
        erased_beyond=alone.erased_beyond,
        interrupts=alone.interrupts,
        session_start=session_start(stage) if stage.flavour is Flavour.IAR else None,
        moved=moved_run(stage, alone) if stage.flavour is Flavour.FLM else None,
    )
    return _further(stage, alone, found) if found.is_working else found


def _further(stage: Stage, alone: AloneRuns, found: Observations) -> Observations:
    """Try what only a loader that works can do."""
    verify = [each.operation for each in alone.attempts if each.operation is Operation.VERIFY and each.is_good]
    smoke, stray = empty_erase(stage) if stage.flavour is Flavour.IAR else (None, None)
    first = first_round(stage, (*ROUND, *verify))
    again = works_again(first)
    return replace(
        found,
        attempts=found.attempts if smoke is None else (*found.attempts, smoke),
        stray_access=None if stray is None else stray.address,
        again=again,
        dirty=() if again else tuple(dirty_starts(first)),
        endless_polls=tuple(endless_polls(first.stage)),
    )
