"""Nordic's own FLMs, converted, on the cores and the flash controller for which they were built."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF51822, NRF52832, NvmcVariant
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from support.converted import RAM, Rig, converted_rig
from support.paths import corpus_flm

pytestmark = pytest.mark.corpus

CHIPS = [
    pytest.param("nrf51xxx.flm", CpuModel.CORTEX_M0, NRF51822, id="nrf51xxx on Cortex-M0"),
    pytest.param("nrf52xxx.flm", CpuModel.CORTEX_M4, NRF52832, id="nrf52xxx on Cortex-M4"),
]
FAILURE_DUMP = AddressRange(start=0x2000_4000, size_bytes=20)
"""Where Nordic's UnInit writes after a call that failed, whatever lies there: often the host's data."""

STYLE = TransferStyle(stack_bytes=0x404, buffer_offset_bytes=1, chunk_bytes=1021)
DATA = bytes((index * 167 + (index >> 8) * 29 + 5) & 0xFF for index in range(8192))


def rig_for(name: str, cpu: CpuModel, variant: NvmcVariant) -> tuple[Rig, Nvmc]:
    nvmc = Nvmc(variant)
    return converted_rig(corpus_flm(name), cpu, [nvmc], style=STYLE), nvmc


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_whole_job(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    """Erase two sectors, program 8 KiB at page + 4 from odd buffers in odd chunks, verify, sum up, erase all."""
    rig, nvmc = rig_for(name, cpu, variant)
    page = variant.page_size_bytes
    nvmc.flash[:] = bytes(len(nvmc.flash))

    assert rig.host.erase(AddressRange(start=page, size_bytes=2 * page)).succeeded
    assert nvmc.flash[page : 3 * page] == b"\xff" * (2 * page)
    assert not any(nvmc.flash[:page])
    assert not any(nvmc.flash[3 * page :])

    covering = AddressRange(start=page, size_bytes=-(-(len(DATA) + 4) // page) * page)
    assert rig.host.erase(covering).succeeded
    start = page + 4
    assert rig.host.program(start, DATA).succeeded
    expected = bytearray(len(nvmc.flash))
    expected[covering.start : covering.end] = b"\xff" * covering.size_bytes
    expected[start : start + len(DATA)] = DATA
    assert nvmc.flash == expected
    assert rig.core.untouched_bytes(FAILURE_DUMP) == FAILURE_DUMP.size_bytes, "a call of the driver failed"

    assert rig.host.verify(start, DATA).succeeded
    assert not rig.host.verify(start, bytes([DATA[0] ^ 1]) + DATA[1:]).succeeded
    assert not rig.host.verify(start, DATA[:-1] + bytes([DATA[-1] ^ 1])).succeeded
    checked = rig.host.checksum(AddressRange(start=start, size_bytes=len(DATA)))
    assert int.from_bytes(checked.data, "little") == sum(DATA)

    assert rig.host.erase_all().succeeded
    assert nvmc.flash == b"\xff" * len(nvmc.flash)
    assert nvmc.violations == []


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_mismatch_at_address_0_is_reported(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    rig, nvmc = rig_for(name, cpu, variant)
    nvmc.flash[:4] = b"\x00\x11\x22\x33"

    assert rig.host.verify(0, b"\x00\x11\x22\x33").succeeded
    wrong = rig.host.verify(0, b"\x01\x11\x22\x33")
    assert not wrong.succeeded
    assert "returned 0x00000000" not in wrong.detail


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_a_page_written_in_two_pieces_holds_both(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    """33 bytes at an odd address: given to the FLM as they are, it would drop the last byte and say all is well."""
    rig, nvmc = rig_for(name, cpu, variant)

    assert rig.host.program(3, DATA[:33]).succeeded
    assert rig.host.program(36, DATA[33:50]).succeeded
    assert nvmc.flash[:64] == b"\xff" * 3 + DATA[:50] + b"\xff" * 11
    assert nvmc.violations == []


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_erase_behind_the_chip_s_flash_fails(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    """The descriptor promises 2 MiB for every chip of the family; the driver knows better, and its word counts."""
    rig, nvmc = rig_for(name, cpu, variant)
    nvmc.flash[:] = bytes(len(nvmc.flash))

    assert not rig.host.sector_erase(0x10_0000, 0x10_0000).succeeded
    assert not any(nvmc.flash)


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_stack_stays_in_what_the_host_leaves(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    rig, _ = rig_for(name, cpu, variant)
    rig.host.program(1, DATA[:3000])
    rig.host.verify(1, DATA[:3000])
    used = rig.host.stack.size_bytes - rig.core.untouched_bytes(rig.host.stack)
    assert 0 < used <= 384


@pytest.mark.parametrize(("name", "cpu", "variant"), CHIPS)
def test_source_and_result_pass_the_same_scenario(name: str, cpu: CpuModel, variant: NvmcVariant) -> None:
    source_nvmc = Nvmc(variant)
    core = UnicornCore(cpu, ram=[RAM], peripherals=[source_nvmc])
    source = round_trip(UVisionHost(core, read_loader_file(corpus_flm(name)).loader, RAM))
    rig, nvmc = rig_for(name, cpu, variant)
    result = round_trip(rig.host)

    assert [entry.passed for entry in source] == [True] * len(source)
    assert [entry.passed for entry in result] == [True] * len(result)
    assert nvmc.flash == source_nvmc.flash
    assert source_nvmc.violations == nvmc.violations == []
