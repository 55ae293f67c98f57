"""Runs a loader through a scenario on an emulated machine, and tells what happened."""

from loaderconv.emulator.start_condition import StartCondition
from loaderconv.simulation.desk import Desk
from loaderconv.simulation.footprint import FootprintWatch
from loaderconv.simulation.quick import quick
from loaderconv.simulation.rig import Rig, Wish, build_rig
from loaderconv.simulation.scenarios import SCENARIOS, Scenario, ScenarioName
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.telling import explained, guesses_of, remarks_of, violations_of
from loaderconv.simulation.trace import Trace
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.timeline import Timeline, TimelineEntry


def simulate(
    subject: Subject, scenario: ScenarioName, wish: Wish, *, strict_mmio: bool = False, trace: Trace | None = None
) -> Timeline:
    """Run a scenario.

    Args:
        subject: the loader.
        scenario: which operations.
        wish: machine, core, RAM, start condition.
        strict_mmio: made-up values of registers count against the loader.
        trace: takes every event, where one is wanted.

    Raises:
        UsageProblem: there is no such machine, it cannot be in that condition, or the emulator is missing.
        RunFailed: no machine is known for such a loader, or it does not fit into RAM. What the loader does wrong itself
            is in the timeline.
        ConversionRefused: nothing describes its memory.
    """
    rig = build_rig(subject, wish, None if trace is None else trace.on_access)
    watch = FootprintWatch(rig)
    if trace is not None:
        trace.watch(rig)
    entries: list[TimelineEntry] = []
    problem = None
    if wish.start is StartCondition.SECOND_SESSION:
        problem = _earlier_session(rig, wish, entries)
    if problem is None:
        problem = _run(desk_of(rig, trace), SCENARIOS[scenario], entries, rig)
    return Timeline(
        loader=subject.name,
        host=rig.host.name,
        machine=f"{rig.machine.title} ({rig.machine.cpu})",
        scenario=scenario,
        start=wish.start,
        entries=tuple(entries),
        ended_early=problem,
        violations=violations_of(rig),
        remarks=remarks_of(rig),
        guesses=guesses_of(rig),
        guesses_allowed=not strict_mmio,
        footprint=watch.footprint(),
    )


def desk_of(rig: Rig, trace: Trace | None = None) -> Desk:
    """Return where operations on a rig are carried out."""
    desk = Desk(
        rig.host,
        rig.subject.loader,
        rig.machine.memory,
        violations=lambda: [device.violations for device in rig.machine.peripherals],
        recover=rig.machine.reset,
    )
    if trace is not None:
        desk.named = trace.on_operation
    return desk


def _earlier_session(rig: Rig, wish: Wish, entries: list[TimelineEntry]) -> str | None:
    """Run `quick` once, as one entry, and download the loader again. Nothing is reset in between."""
    earlier: list[TimelineEntry] = []
    problem = _run(desk_of(rig), quick, earlier, rig)
    failed = [entry for entry in earlier if not entry.passed]
    entries.append(
        TimelineEntry(
            operation="a whole session",
            expected="success",
            observed=f"{failed[0].operation}: {failed[0].observed}" if failed else f"{len(earlier)} operations",
            passed=not failed,
            instructions=sum(entry.instructions or 0 for entry in earlier),
        )
    )
    rig.download_again(wish.style)
    return problem


def _run(desk: Desk, scenario: Scenario, entries: list[TimelineEntry], rig: Rig) -> str | None:
    """Carry a scenario out; return why it ended early, None where it did not."""
    try:
        for entry in scenario(desk):
            entries.append(entry)  # noqa: PERF402 - what was done before a failure counts
    except RunFailed as failure:
        message = explained(failure, rig.place)
        entries.append(
            TimelineEntry(operation=desk.current, expected="an end", observed=message, passed=False, instructions=None)
        )
        return message
    return None
