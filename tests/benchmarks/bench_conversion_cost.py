"""What a conversion costs the target: the instructions of a real FLM, alone and inside another loader.

Erases 16 sectors and programs 64 KiB. The ratio stands in the name of the group; the times are the emulator's.
"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv.conversion.source import Source, source_of
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF52832
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.cost import instructions_for_64_kib
from support.matrix import converted, source_host
from support.paths import corpus_flm

pytestmark = pytest.mark.corpus

NAME = "nrf52xxx.flm"
RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
WHOLE_PAGES = TransferStyle(chunk_bytes=0x4000)


def alone(source: Source) -> int:
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[Nvmc(NRF52832)])
    return instructions_for_64_kib(source_host(source, core, RAM))


@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
def test_instructions(benchmark: BenchmarkFixture, target: Flavour) -> None:
    source = source_of(read_loader_file(corpus_flm(NAME)), NAME)

    def job() -> int:
        nvmc = Nvmc(NRF52832)
        result = converted(source, target, [nvmc], CpuModel.CORTEX_M4, rams=[RAM], style=WHOLE_PAGES, given_ram=RAM)
        return instructions_for_64_kib(result.host)

    before, after = alone(source), job()
    benchmark.group = f"{NAME} to {target}: {after} instructions, {after / before:.4f} x those of the FLM alone"
    assert benchmark.pedantic(job, rounds=3) == after
