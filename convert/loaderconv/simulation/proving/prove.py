"""Runs a loader and its conversion through the same operations on the same kind of machine, and compares."""

from collections.abc import Sequence
from dataclasses import replace

from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.hosts.host import Outcome
from loaderconv.simulation.desk import Desk
from loaderconv.simulation.footprint import FootprintWatch
from loaderconv.simulation.proving.accesses import Side
from loaderconv.simulation.proving.judging import judged
from loaderconv.simulation.proving.marks import carried_in, marks_of
from loaderconv.simulation.proving.proof_run import ProofRun, lent_static_base
from loaderconv.simulation.proving.recorder import Recorder
from loaderconv.simulation.proving.steps import ProofStep, proof_steps
from loaderconv.simulation.rig import Rig, Wish, need_of, rig_on
from loaderconv.simulation.simulate import desk_of
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.telling import explained
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.proof import Proof
from loaderconv_schemas.timeline import TimelineEntry


def prove(source: Subject, converted: Subject, wish: Wish) -> Proof:
    """Compare a converted loader with its source.

    Args:
        source: the original.
        converted: what was made of it.
        wish: machine, core and start condition, for both; RAM for hosts that choose.

    Raises:
        UsageProblem: there is no such machine, or the emulator is missing.
        RunFailed: no machine is known for the source, a loader does not fit into RAM, or the converted loader does not
            hold the source's code. What a loader does wrong itself is in the proof.
        ConversionRefused: nothing describes the memory of one of them.
    """
    carried = carried_in(source, converted)
    if carried is None:
        raise RunFailed(
            f"{converted.name} does not hold the code of {source.name}, so it is no conversion of it.",
            hint="Name the source first, and what loaderconv made of it second.",
        )
    need = need_of(source, wish)
    kind = choose_machine(need, wish.machine)
    recorders = Recorder(), Recorder()
    lent = lent_static_base(source)
    with_base = wish if lent is None else replace(wish, style=replace(wish.style, static_base=lent))
    rigs = (
        rig_on(kind, source, need, with_base, recorders[0].on_access),
        rig_on(kind, converted, replace(need, image=need_of(converted, wish).image), wish, recorders[1].on_access),
    )
    shifts = rigs[0].host.moved_by, carried.distance + (rigs[1].host.moved_by if carried.moves else 0)
    first, second = (
        _run_of(rig, recorder, source, shift) for rig, recorder, shift in zip(rigs, recorders, shifts, strict=True)
    )
    steps = tuple(proof_steps(first.desk, second.desk))
    for run in (first, second):
        _carry_out(run, steps)
    return judged(first, second, steps)


def _run_of(rig: Rig, recorder: Recorder, source: Subject, shift: int) -> ProofRun:
    """Listen to what the source's code does, which lies `shift` behind its link addresses."""
    code = tuple(each.range for each in source.loader.image_segments if each.executable)
    recorder.watch(rig, marks_of(source), code, shift)

    def place(address: int) -> str | None:
        linked = recorder.link_address(address)
        return None if linked is None else source.symbols.place(linked)

    side = Side(tuple(rig.machine.ram) + rig.image + (rig.ram,), place)
    return ProofRun(rig, desk_of(rig), recorder, side, FootprintWatch(rig))


def _carry_out(run: ProofRun, steps: Sequence[ProofStep]) -> None:
    """Carry out all operations, up to one that does not come to an end."""
    for step in steps:
        try:
            run.entries.append(_carried_out(run, step))
        except RunFailed as failure:
            run.ended_early = explained(failure, run.rig.place)
            run.entries.append(
                TimelineEntry(
                    operation=step.operation,
                    expected="an end",
                    observed=run.ended_early,
                    passed=False,
                    instructions=None,
                )
            )
            run.outcomes.append(Outcome(succeeded=False, detail=run.ended_early, instructions=None))
            run.calls.append(run.recorder.taken())
            return


def _carried_out(run: ProofRun, step: ProofStep) -> TimelineEntry:
    desk = run.desk
    if step.dirt is not None:
        desk.soil(step.dirt.at(desk))
        if step.soils_neighbours:
            desk.soil_around(step.dirt.at(desk))
    if step.failing is not None and desk.memory is not None:
        desk.memory.fail_next(step.failing)
    outcomes: list[Outcome] = []

    def carry_out() -> Outcome:
        outcomes.append(desk.forgiving(lambda: begun(desk, step)) if step.failing is not None else begun(desk, step))
        return outcomes[-1]

    entry = desk.tried(step.operation, "the same from both", carry_out, lambda _: True)
    run.outcomes += outcomes
    run.calls.append(run.recorder.taken())
    return entry


def begun(desk: Desk, step: ProofStep) -> Outcome:
    """Run a step, after an initialisation where accesses are compared: all hosts then find the devices alike."""
    if step.compares_accesses and desk.host.keeps_session:
        started = desk.host.start()
        if not started.succeeded:
            return started
    return step.run(desk)
