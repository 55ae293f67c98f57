"""Tries a loader in the emulator before it gets near a board."""

from dataclasses import dataclass
from enum import StrEnum

from loaderconv.simulation.job import SimulationJob, simulate_file
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.timeline import Timeline

NULL_BLOCK_BYTES = 0x2000
"""Some loaders of ST and others write through null pointers (docs/formats/stldr.md). Where a chip has RAM at 0 nothing
comes of it, elsewhere it faults at once; it tramples nothing that is in use. The pointer may be to a structure that
holds a sector of 4 KiB and a page: ART-Pi's loader for the W25Q64 writes 256 bytes at 0x1008."""


class Verdict(StrEnum):
    """What the emulator says."""

    PASSED = "passed"
    TRAMPLES = "tramples"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rehearsal:
    """What came of a try.

    Attributes:
        verdict: in a word.
        sentence: for the user; empty where all went well.
    """

    verdict: Verdict
    sentence: str = ""


def rehearse(job: SimulationJob) -> Rehearsal:
    """Run a loader through the quick scenario.

    Raises:
        LoaderConvError: the file is no loader; that the emulator is missing is a verdict.
    """
    try:
        timeline, _ = simulate_file(job)
    except UsageProblem as problem:
        return Rehearsal(Verdict.UNKNOWN, f"The loader was not tried in the emulator: {problem.message}")
    except RunFailed as problem:
        return Rehearsal(Verdict.UNKNOWN, f"The loader could not be tried in the emulator: {problem.message}")
    return judge(timeline)


def judge(timeline: Timeline) -> Rehearsal:
    """Return what a run in the emulator means for a board."""
    footprint = timeline.footprint
    if footprint is not None:
        strays = [each for each in footprint.stray_writes if each.end > NULL_BLOCK_BYTES]
        if strays:
            listed = ", ".join(str(each) for each in strays[:3])
            return Rehearsal(Verdict.TRAMPLES, f"In the emulator the loader writes to foreign memory: {listed}.")
        if footprint.stack_bytes >= footprint.stack.size_bytes > 0:
            return Rehearsal(
                Verdict.TRAMPLES,
                f"In the emulator the loader needs all {footprint.stack.size_bytes} bytes of its stack, or more.",
            )
    if timeline.passed:
        return Rehearsal(Verdict.PASSED)
    failed = next((entry for entry in timeline.entries if not entry.passed), None)
    if timeline.ended_early is not None:
        what = timeline.ended_early
    elif failed is not None:
        what = f"{failed.operation}: {failed.observed}"
    else:
        what = timeline.violations[0] if timeline.violations else "a register had to be guessed"
    sentence = f"In the emulator ({timeline.machine}) the loader fails: {what.rstrip('.')}. On the board it may too."
    return Rehearsal(Verdict.FAILED, sentence)


def check_rehearsal(rehearsal: Rehearsal, *, despite: bool) -> tuple[str, ...]:
    """Refuse a loader that tramples memory, and return what the user should read of any other.

    A failure refuses nothing: models do not know every chip.

    Args:
        rehearsal: what came of the try.
        despite: the user wants to go on whatever it says.

    Raises:
        RunFailed: it tramples memory, and the user did not insist.
    """
    if rehearsal.verdict is Verdict.TRAMPLES and not despite:
        raise RunFailed(
            rehearsal.sentence,
            hint="loaderconv simulate shows it; --despite-simulation runs the loader on the board all the same.",
        )
    return (rehearsal.sentence,) if rehearsal.sentence else ()
