"""Conversions of conversions: each output is a loader like any other, and the last still does what the first did."""

import pytest

from loaderconv.conversion.source import Source, source_of
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF51822, NRF52832, NvmcVariant
from loaderconv.emulator.devices.peripheral import Peripheral
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.host import Host
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.matrix import FLMS, IARS, RAMS, STLDRS, Origin, SeenEverywhere, convert, host_for
from support.paths import corpus_flm

WHOLE = AddressRange(start=0x2000_0000, size_bytes=0x4_0000)
APART = tuple(AddressRange(start=WHOLE.start + number * 0x1_0000, size_bytes=0x1_0000) for number in range(1, 4))
TOGETHER = (WHOLE, WHOLE, WHOLE)
"""Each output of a chain in RAM of its own, or all in the same: what one of them installs, the next must leave free."""

MACHINE = (WHOLE, *(ram for ram in RAMS if ram.start != WHOLE.start))

CHAINS = [
    pytest.param(FLMS[0], (Flavour.STLDR, Flavour.FLM), id="flm-stldr-flm"),
    pytest.param(FLMS[0], (Flavour.IAR, Flavour.STLDR, Flavour.FLM), id="flm-iar-stldr-flm"),
    pytest.param(STLDRS[0], (Flavour.FLM, Flavour.IAR, Flavour.STLDR), id="stldr-flm-iar-stldr"),
    pytest.param(STLDRS[1], (Flavour.IAR, Flavour.FLM, Flavour.STLDR), id="sparse stldr-iar-flm-stldr"),
    pytest.param(IARS[1], (Flavour.STLDR, Flavour.IAR, Flavour.FLM), id="iar with offset-stldr-iar-flm"),
]


def chained(
    source: Source,
    flavours: tuple[Flavour, ...],
    peripherals: list[Peripheral],
    cpu: CpuModel,
    places: tuple[AddressRange, ...] = APART,
    rams: tuple[AddressRange, ...] = MACHINE,
) -> Host:
    """Convert from flavour to flavour, from bytes to bytes, and give the last output to its host."""
    for flavour, ram in zip(flavours, places, strict=False):
        planned, loader, data = convert(source, flavour, given_ram=ram)
        file = parse_loader(data, "converted")
        source = Source(file.loader.model_copy(update={"device": loader.device}), image=file.image)
    core = UnicornCore(cpu, ram=rams, peripherals=peripherals)
    return host_for(planned, loader, core)


@pytest.mark.parametrize("places", [pytest.param(APART, id="apart"), pytest.param(TOGETHER, id="in one RAM")])
@pytest.mark.parametrize(("origin", "flavours"), CHAINS)
def test_geometry_and_behaviour_survive(
    origin: Origin, flavours: tuple[Flavour, ...], places: tuple[AddressRange, ...]
) -> None:
    source = origin.source()
    controller = StrictController()
    host = chained(source, flavours, [SeenEverywhere(controller)], CpuModel.CORTEX_M0, places)
    before, after = source.loader.described_device, host.device
    assert (after.size_bytes, after.sectors) == (before.size_bytes, before.sectors)
    assert after.base_address == (before.base_address - source.facts.address_delta) % (1 << 32)
    timeline = round_trip(host)
    assert [entry.operation for entry in timeline if not entry.passed] == []
    assert controller.violations == []


@pytest.mark.corpus
@pytest.mark.parametrize("flavours", [(Flavour.STLDR, Flavour.FLM), (Flavour.IAR, Flavour.STLDR, Flavour.FLM)])
@pytest.mark.parametrize(
    ("name", "cpu", "variant"),
    [("nrf51xxx.flm", CpuModel.CORTEX_M0, NRF51822), ("nrf52xxx.flm", CpuModel.CORTEX_M4, NRF52832)],
)
def test_nordic_s_own_loaders_come_back(
    name: str, cpu: CpuModel, variant: NvmcVariant, flavours: tuple[Flavour, ...]
) -> None:
    nvmc = Nvmc(variant)
    source = source_of(read_loader_file(corpus_flm(name)), name)
    host = chained(source, flavours, [nvmc], cpu, rams=MACHINE[:1])
    assert host.device.sectors == source.loader.described_device.sectors
    timeline = round_trip(host)
    assert [entry.operation for entry in timeline if not entry.passed] == []
    assert nvmc.violations == []
