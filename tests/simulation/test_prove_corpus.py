"""Every real FLM that converts is proven against its source, on its own machine or by the generic responder."""

import pytest

from loaderconv.conversion.source import source_of
from loaderconv.simulation.proving.prove import prove
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import code_symbols
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour
from support.matrix import convert
from support.paths import corpus_flm

MODELLED = (
    "nrf51xxx.flm",
    "nrf51xxx_ecb.flm",
    "nrf51xxx_sde.flm",
    "nrf52xxx.flm",
    "nrf52xxx_sde.flm",
    "nrf52xxx_uicr.flm",
    "nrf53xx_application.flm",
    "nrf53xx_application_uicr.flm",
    "nrf53xx_network.flm",
    "nrf53xx_network_uicr.flm",
    "nrf91xx.flm",
    "nrf91xx_uicr.flm",
    "STM32F4xx_2048.FLM",
    "STM32L4Rx_2048_Dual.FLM",
)
ANSWERED_ALIKE = (
    "LPC553XX_256.FLM",
    "LPC553XX_FLEXSPI.FLM",
    "LPC553XX_FLEXSPI_S.FLM",
    "LPC553XX_S_256.FLM",
    "MKD128_4KB_SECTOR.FLM",
    "MK_P1M0.FLM",
    "MK_P512X.FLM",
)


@pytest.mark.corpus
@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
@pytest.mark.parametrize("name", MODELLED + ANSWERED_ALIKE)
def test_conversion_of_a_real_loader_is_proven(name: str, target: Flavour) -> None:
    source = source_of(read_loader_file(corpus_flm(name)), name)
    _, loader, data = convert(source, target)
    proof = prove(
        Subject(name, source.loader, source.facts, code_symbols(source.image)),
        Subject(f"{name} as {target}", loader, PassFacts(), code_symbols(read_elf(data))),
        Wish(),
    )
    assert [(each.operation, each.message) for each in proof.differences] == []
    assert proof.source.ended_early is None
    assert len(proof.converted.entries) == len(proof.source.entries) >= 9
    contents_were_compared = any("contents of the whole memory" in each for each in proof.compared)
    assert contents_were_compared is (name in MODELLED)
