"""Our own loaders are converted in all directions, and each result is proven against its source on five cores."""

from dataclasses import replace

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import SymbolMap
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.proof import Compared
from support.matrix import FLMS, IARS, STLDRS, Origin
from support.proving import proof_of, subjects

ORIGINS = {
    Flavour.FLM: FLMS,
    Flavour.STLDR: tuple(origin for origin in STLDRS if "emit_relocs" not in origin.name),
    Flavour.IAR: IARS,
}
"""Without the file that no version of its own host can run: its code lies where the host has its breakpoint."""

KEY, OTHER_KEY = (0x5AFE_10AD).to_bytes(4, "little"), (0x5AFE_10AC).to_bytes(4, "little")

CONVERSIONS = [
    pytest.param(origin, target, id=f"{origin}-{target}")
    for flavour, origins in ORIGINS.items()
    for origin in origins
    for target in Flavour
    if target is not flavour
]


@pytest.mark.parametrize("cpu", CpuModel)
@pytest.mark.parametrize(("origin", "target"), CONVERSIONS)
def test_conversion_behaves_as_its_source(origin: Origin, target: Flavour, cpu: CpuModel) -> None:
    proof = proof_of(*subjects(origin, target), cpu)
    assert [(each.operation, each.message) for each in proof.differences] == []
    assert proof.source.ended_early is None
    assert proof.source.violations == proof.converted.violations == ()
    assert len(proof.source.entries) == len(proof.converted.entries) >= 18
    assert any("contents of the whole memory" in each for each in proof.compared)


def test_source_that_its_host_destroys_is_told() -> None:
    origin = next(origin for origin in STLDRS if "emit_relocs" in origin.name)
    proof = proof_of(*subjects(origin, Flavour.FLM))
    assert proof.source.ended_early is not None
    assert "SectorErase" in proof.source.ended_early
    assert not proof.equal


def test_loader_of_another_origin_is_no_conversion() -> None:
    source, _ = subjects(FLMS[0], Flavour.STLDR)
    _, other = subjects(STLDRS[0], Flavour.IAR)
    with pytest.raises(RunFailed, match="does not hold the code"):
        proof_of(source, replace(other, symbols=SymbolMap()))


def patched(converted: Subject, old: bytes, new: bytes) -> Subject:
    """Return a loader in whose image some bytes are others."""
    segments = tuple(
        segment.model_copy(update={"data": segment.data.replace(old, new)}) for segment in converted.loader.segments
    )
    assert segments != converted.loader.segments
    return replace(converted, loader=converted.loader.model_copy(update={"segments": segments}))


def test_wrong_key_in_the_carried_code_is_found() -> None:
    source, converted = subjects(FLMS[0], Flavour.STLDR)
    proof = proof_of(source, patched(converted, KEY, OTHER_KEY))
    respects = {each.respect for each in proof.differences}
    assert Compared.VERDICT in respects
    first = next(each for each in proof.differences if each.message.startswith("In Init"))
    assert first.respect is Compared.ACCESSES
    assert "0x5afe10ad" in (first.source or "")
    assert "0x5afe10ac" in (first.converted or "")
