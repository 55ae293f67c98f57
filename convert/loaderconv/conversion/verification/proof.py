"""Runs a source and what was made of it side by side in the emulator, before a file is moved into place."""

from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.source import Source
from loaderconv.emulator.contained import run_contained
from loaderconv.emulator.unicorn_binding import require_unicorn
from loaderconv.simulation.job import WALL_CLOCK_S
from loaderconv.simulation.proving.prove import prove
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import code_symbols
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.proof import Proof, ProofDifference


def verify_by_proof(source: Source, linked: Linked, machine: str | None = None) -> tuple[str, ...]:
    """Return what was compared, one sentence each.

    Args:
        source: the original.
        linked: what was made of it.
        machine: name of a kind of machine; None: the one that fits the source.

    Raises:
        RunFailed: no machine fits the source, the source itself does not come to an end there, or the result does not
            behave as it does.
        UsageProblem: the emulator is not installed.
    """
    require_unicorn()
    proof = run_contained(_proven, source, linked, machine, wall_clock_s=WALL_CLOCK_S)
    if proof.differences:
        raise RunFailed(
            f"{proof.differences[0].operation}: {_told(proof.differences[0])}",
            hint="Nothing was written. Convert without --verify prove; loaderconv prove SOURCE CONVERTED shows it all.",
        )
    if proof.source.ended_early is not None:
        raise RunFailed(
            f"The source itself does not come to an end on {proof.machine}: {proof.source.ended_early}",
            hint="Choose --verify simulation, which needs no machine for the source.",
        )
    not_told = (f"Not compared: {each}" for each in proof.not_compared)
    return (f"It behaves as its source in the model, {proof.machine}.", *proof.compared, *not_told)


def _proven(source: Source, linked: Linked, machine: str | None) -> Proof:
    original = Subject(source.file_name, source.loader, source.facts, code_symbols(source.image))
    converted = Subject(linked.loader.identity.name, linked.loader, PassFacts(), code_symbols(linked.document))
    return prove(original, converted, Wish(machine=machine))


def _told(difference: ProofDifference) -> str:
    sides = [
        f"{side}: {words}"
        for side, words in (("source", difference.source), ("converted", difference.converted))
        if words is not None
    ]
    return f"{difference.message} {'; '.join(sides)}".strip()
