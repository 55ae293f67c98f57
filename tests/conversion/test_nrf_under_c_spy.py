"""Nordic's own FLMs, converted for C-SPY."""

import pytest

from loaderconv.conversion.source import source_of
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF51822, NRF52832, NvmcVariant
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.matrix import converted
from support.paths import corpus_flm

pytestmark = pytest.mark.corpus

CHIPS = [
    pytest.param("nrf51xxx.flm", CpuModel.CORTEX_M0, NRF51822, id="nrf51xxx on Cortex-M0"),
    pytest.param("nrf52xxx.flm", CpuModel.CORTEX_M4, NRF52832, id="nrf52xxx on Cortex-M4"),
]
RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
DATA = bytes((index * 167 + (index >> 8) * 29 + 5) & 0xFF for index in range(20_001))


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_whole_job(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    """Erase by lists, erase and write in one, blocks that share a transfer, checksum, read back, mass erase."""
    nvmc = Nvmc(variant)
    source = source_of(read_loader_file(corpus_flm(name)), name)
    result = converted(source, Flavour.IAR, [nvmc], cpu, rams=[RAM], given_ram=RAM)
    host = result.host
    assert isinstance(host, CSpyHost)
    page = variant.page_size_bytes
    nvmc.flash[:] = bytes(len(nvmc.flash))

    start = 3 * page
    assert host.erase_and_program(start, DATA).succeeded
    end = start + -(-len(DATA) // page) * page
    assert nvmc.flash[start:end] == DATA.ljust(end - start, b"\xff")
    assert not any(nvmc.flash[:start])
    assert not any(nvmc.flash[end:])
    assert host.verify(start, DATA).succeeded
    assert not host.verify(start, DATA[:-1] + b"\x01").succeeded
    assert host.read(AddressRange(start=start, size_bytes=len(DATA))).data == DATA

    assert host.erase(AddressRange(start=start + page, size_bytes=page + 1)).succeeded
    assert nvmc.flash[start + page : start + 3 * page] == b"\xff" * (2 * page)
    assert host.program(start + page, DATA[: 2 * page]).succeeded
    assert nvmc.flash[start : start + 3 * page] == DATA[:page] + DATA[: 2 * page]

    assert host.erase_all().succeeded
    assert nvmc.flash == b"\xff" * len(nvmc.flash)
    assert (nvmc.violations, result.breaches) == ([], [])
