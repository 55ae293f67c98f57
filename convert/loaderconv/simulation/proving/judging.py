"""In what two runs differ, and what of them was compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from loaderconv.hosts.host import Outcome
from loaderconv.simulation.proving.accesses import AccessDifference, first_difference
from loaderconv.simulation.proving.brackets import BRACKETS, Brackets
from loaderconv.simulation.proving.proof_run import ProofRun, lent_static_base
from loaderconv.simulation.proving.recorder import Call
from loaderconv.simulation.proving.steps import ProofStep
from loaderconv.simulation.telling import guesses_of, violations_of
from loaderconv_schemas.proof import Compared, Proof, ProofDifference
from loaderconv_schemas.timeline import Footprint, Timeline

SCENARIO = "proof"
MAX_DIFFERENCES = 20

_READ = "read"
"""In the words for every command that changes nothing."""

_COMPARED_CHUNK_BYTES = 0x1_0000


@dataclass
class _Notes:
    """What was compared, and what differs without being a difference."""

    operations: int = 0
    calls: int = 0
    accesses: int = 0
    commands: int = 0
    initialisations: int = 0
    differing: list[ProofDifference] = field(default_factory=list)
    cut_differently: list[str] = field(default_factory=list)

    def add(self, call: Call) -> None:
        """Count a call."""
        self.calls += 1
        self.accesses += len(call.accesses)
        self.commands += sum(_READ not in command for command in call.commands)


def judged(first: ProofRun, second: ProofRun, steps: Sequence[ProofStep]) -> Proof:
    """Compare two runs of the same steps, the source's first."""
    differences: list[ProofDifference] = []
    notes = _Notes()
    brackets = Brackets(first.rig.subject.loader.flavour, is_stateless=first.desk.memory is None)
    for number, step in enumerate(steps):
        if number >= min(len(first.outcomes), len(second.outcomes)):
            break
        one, other = first.outcomes[number], second.outcomes[number]
        notes.operations += 1
        if one.succeeded != other.succeeded:
            differences.append(
                ProofDifference(
                    operation=step.operation,
                    respect=Compared.VERDICT,
                    message=f"The source {_verdict(one)} and the converted loader {_verdict(other)}.",
                    source=one.detail,
                    converted=other.detail,
                )
            )
        if step.compares_accesses:
            differences += _calls_compared(first, second, number, step, notes)
        brackets.add(first.calls[number], second.calls[number])
    differences += _ends_compared(first, second)
    differences[:0] = [
        _access_difference("initialise", call, difference)
        for call, difference in brackets.differences(first.side, second.side, is_suspicious=bool(differences))
    ]
    notes.initialisations = brackets.compared_count
    differences += _contents_compared(first, second)
    differences += _footprints_compared(first, second)
    return Proof(
        machine=f"{first.rig.machine.title} ({first.rig.machine.cpu})",
        source=_timeline(first),
        converted=_timeline(second),
        compared=tuple(_compared(first, notes)),
        not_compared=(*_not_compared(first, second, steps, notes), *brackets.extra),
        differences=tuple(differences[:MAX_DIFFERENCES]),
    )


def _calls_compared(
    first: ProofRun, second: ProofRun, number: int, step: ProofStep, notes: _Notes
) -> Iterator[ProofDifference]:
    """Compare the calls that do the work of an operation."""
    ours, theirs = ([call for call in run.calls[number] if call.routine not in BRACKETS] for run in (first, second))
    names = [call.symbol for call in ours], [call.symbol for call in theirs]
    if names[0] == names[1]:
        for one, other in zip(ours, theirs, strict=True):
            notes.add(one)
            yield from _call_compared(first, second, step.operation, one, other, notes)
    elif set(names[0]) == set(names[1]):
        notes.cut_differently.append(step.operation)
        difference = _told_differently(step.operation, ours, theirs)
        if difference is not None:
            yield difference
    else:
        yield ProofDifference(
            operation=step.operation,
            respect=Compared.ACCESSES,
            message="Different routines of the source were called.",
            source=_listed(names[0]),
            converted=_listed(names[1]),
        )


def _call_compared(
    first: ProofRun, second: ProofRun, operation: str, one: Call, other: Call, notes: _Notes
) -> Iterator[ProofDifference]:
    """Compare one call; accesses count where commands differ, or where no memory takes commands."""
    found = _told_differently(operation, [one], [other])
    if found is not None:
        yield found
    difference = first_difference(one, other, first.side, second.side)
    if difference is None:
        return
    told = _access_difference(operation, one, difference)
    if found is not None or first.desk.memory is None:
        yield told
    else:
        notes.differing.append(told)


def _told_differently(operation: str, ours: Sequence[Call], theirs: Sequence[Call]) -> ProofDifference | None:
    """Return the first command in which two rows of calls differ; how often something is read is no effect."""
    one, other = (
        [command for call in calls for command in call.commands if _READ not in command] for calls in (ours, theirs)
    )
    for number, (source, converted) in enumerate(zip_longest(one, other), start=1):
        if source != converted:
            return ProofDifference(
                operation=operation,
                respect=Compared.COMMANDS,
                message=f"In {ours[0].symbol}, command {number} to the memory differs.",
                source=source or "no more command",
                converted=converted or "no more command",
            )
    return None


def _access_difference(operation: str, call: Call, difference: AccessDifference) -> ProofDifference:
    return ProofDifference(
        operation=operation,
        respect=Compared.ACCESSES,
        message=f"In {call.symbol}, access {difference.number + 1} to a device differs.",
        source=difference.source or "no more access",
        converted=difference.converted or "no more access",
    )


def _ends_compared(first: ProofRun, second: ProofRun) -> Iterator[ProofDifference]:
    """Tell where one came farther than the other; what stops both is the source's own affair."""
    if first.ended_early is None and second.ended_early is None:
        return
    both = first.ended_early is not None and second.ended_early is not None
    if both and len(first.outcomes) == len(second.outcomes):
        return
    run = second if first.ended_early is None or len(second.outcomes) < len(first.outcomes) else first
    which = "converted loader" if run is second else "source"
    yield ProofDifference(
        operation=run.entries[-1].operation,
        respect=Compared.VERDICT,
        message=f"The {which} did not come to an end, the other one did.",
        source=first.ended_early,
        converted=second.ended_early,
    )


def _contents_compared(first: ProofRun, second: ProofRun) -> Iterator[ProofDifference]:
    """Compare what the memories hold in the end."""
    one, other = first.desk.memory, second.desk.memory
    if one is None or other is None:
        return
    for start in range(0, one.size_bytes, _COMPARED_CHUNK_BYTES):
        size = min(_COMPARED_CHUNK_BYTES, one.size_bytes - start)
        ours, theirs = one.peek(start, size), other.peek(start, size)
        if ours != theirs:
            at = next(index for index, (left, right) in enumerate(zip(ours, theirs, strict=True)) if left != right)
            address = first.desk.device.base_address + start + at
            yield ProofDifference(
                operation="at the end",
                respect=Compared.CONTENTS,
                message=f"The memories differ at 0x{address:08x}.",
                source=f"0x{ours[at]:02x}",
                converted=f"0x{theirs[at]:02x}",
            )
            return


def _footprints_compared(first: ProofRun, second: ProofRun) -> Iterator[ProofDifference]:
    """Tell where the converted loader leaves its RAM and the source does not."""
    ours, theirs = first.watch.footprint(), second.watch.footprint()
    if theirs.stray_writes and not ours.stray_writes:
        yield ProofDifference(
            operation="at the end",
            respect=Compared.FOOTPRINT,
            message="The converted loader has written outside of its image, stack and buffer.",
            source="nothing",
            converted=", ".join(str(each) for each in theirs.stray_writes),
        )
    if _is_full(theirs) and not _is_full(ours):
        yield ProofDifference(
            operation="at the end",
            respect=Compared.FOOTPRINT,
            message="The converted loader uses all of the stack that its host gives.",
            source=f"{ours.stack_bytes} of {ours.stack.size_bytes} bytes",
            converted=f"{theirs.stack_bytes} of {theirs.stack.size_bytes} bytes",
        )


def _is_full(footprint: Footprint) -> bool:
    return 0 < footprint.stack.size_bytes <= footprint.stack_bytes


def _compared(first: ProofRun, notes: _Notes) -> Iterator[str]:
    yield f"The hosts' verdicts on {notes.operations} operations."
    if first.desk.memory is not None:
        yield f"The contents of the whole memory, {first.desk.memory.name}, at the end."
        yield f"{notes.commands} commands to the memory in {notes.calls} calls of the source's routines, reads apart."
    yield (
        f"{notes.accesses} accesses to devices in {notes.calls} calls of the source's routines, and those in "
        f"{notes.initialisations} initialisations; a row of reads of one register counts once."
    )
    yield "Stack, and writes outside of image, stack and buffer."


def _not_compared(first: ProofRun, second: ProofRun, steps: Sequence[ProofStep], notes: _Notes) -> Iterator[str]:
    effects_only = [step.operation for step in steps if not step.compares_accesses]
    yield (
        f"Accesses in {len(effects_only)} operations in which the hosts call different routines, such as "
        f"{effects_only[0]}: their effects alone."
    )
    if notes.cut_differently:
        yield (
            f"Accesses in {len(notes.cut_differently)} operations that the converted loader cuts into other pieces, "
            f"such as {notes.cut_differently[0]}: the commands to the memory alone, where something models it."
        )
    if notes.differing:
        one = notes.differing[0]
        yield (
            f"Accesses in {len(notes.differing)} calls in which a device was in another state, since the hosts "
            f"initialise at other times; the commands to the memory are equal. {one.operation}: {one.message} "
            f"Source: {one.source}; converted: {one.converted}."
        )
    if lent_static_base(first.rig.subject) is not None:
        yield f"The source under {first.rig.host.name} as it is: r9 was set for it, which that tool does not do."
    if first.desk.memory is None:
        yield "Contents of the memory: nothing models it; each access of the source's code was answered alike."
    if first.ended_early is not None:
        yield f"What comes after {first.entries[-1].operation}: the source itself did not end it ({first.ended_early})"
    for run in (first, second):
        if run.rig.machine.guesses:
            yield f"Registers that nothing models: {len(run.rig.machine.guesses)} had made-up values."
            return


def _timeline(run: ProofRun) -> Timeline:
    rig = run.rig
    return Timeline(
        loader=rig.subject.name,
        host=rig.host.name,
        machine=f"{rig.machine.title} ({rig.machine.cpu})",
        scenario=SCENARIO,
        start=rig.start,
        entries=tuple(run.entries),
        ended_early=run.ended_early,
        violations=violations_of(rig),
        guesses=guesses_of(rig),
        footprint=run.watch.footprint(),
    )


def _verdict(outcome: Outcome) -> str:
    return "succeeded" if outcome.succeeded else "failed"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"
