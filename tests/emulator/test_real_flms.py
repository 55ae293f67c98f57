"""Real FLMs on the machines that are chosen for them: what comes out of erase, program and verify."""

from dataclasses import dataclass

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.machines.machine import Machine, Need
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.core import Budget
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.simulation.constants import peripheral_constants
from loaderconv.simulation.cpu_choice import core_of
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from support.paths import corpus_flm

pytestmark = pytest.mark.corpus

MODELLED = {
    "nrf51xxx.flm": "nordic",
    "nrf51xxx_ecb.flm": "nordic",
    "nrf51xxx_sde.flm": "nordic",
    "nrf52xxx.flm": "nordic",
    "nrf52xxx_sde.flm": "nordic",
    "nrf52xxx_uicr.flm": "nordic",
    "nrf53xx_application.flm": "nordic",
    "nrf53xx_network.flm": "nordic",
    "nrf91xx.flm": "nordic",
    "STM32F4xx_2048.FLM": "stm32-internal",
    "STM32L4Rx_2048_Dual.FLM": "stm32-internal",
}

CANNOT_ERASE = ["nrf53xx_application_uicr.flm", "nrf53xx_network_uicr.flm", "nrf91xx_uicr.flm"]
"""On these chips only ERASEALL erases UICR; EraseSector does nothing and says that all is well."""

NOT_MODELLED = [
    "LPC553XX_256.FLM",
    "LPC553XX_FLEXSPI.FLM",
    "LPC553XX_FLEXSPI_S.FLM",
    "LPC553XX_S_256.FLM",
    "MKD128_4KB_SECTOR.FLM",
    "MK_P1M0.FLM",
    "MK_P512X.FLM",
]


@dataclass(frozen=True)
class Bench:
    """A loader in a machine.

    Attributes:
        kind: name of the machine.
        machine: fresh.
        host: with the loader downloaded.
        sectors: at the start of the device, enough for a page.
        page: data for the first page.
    """

    kind: str
    machine: Machine
    host: UVisionHost
    sectors: AddressRange
    page: bytes

    @property
    def violations(self) -> list[str]:
        return [violation for device in self.machine.peripherals for violation in device.violations]


def bench(name: str) -> Bench:
    loader = read_loader_file(corpus_flm(name)).loader
    device = loader.described_device
    constants = peripheral_constants(loader.image_segments)
    need = Need(device=device, image=(), cpu=core_of(loader.identity), constants=constants)
    kind = choose_machine(need)
    machine = kind.build(need)
    core = UnicornCore(machine.cpu, ram=machine.ram, peripherals=machine.peripherals)
    host = UVisionHost(core, loader, machine.ram[0], budgets=Budgets(Budget(instructions=2_000_000)))
    for entry in loader.entry_points:
        core.observe(entry.address + host.moved_by, machine.begin_call)
    size_bytes = max(device.sectors[0].sector_size_bytes, device.page_size_bytes)
    page = bytes((index * 167 + (index >> 8) * 29 + 5) & 0xFF for index in range(device.page_size_bytes))
    sectors = AddressRange(start=device.base_address, size_bytes=size_bytes)
    return Bench(kind.name, machine, host, sectors, page)


@pytest.mark.parametrize(("name", "kind"), MODELLED.items(), ids=MODELLED.keys())
def test_contents_are_right_where_there_is_a_model(name: str, kind: str) -> None:
    on = bench(name)
    memory = on.machine.memory
    assert memory is not None
    assert on.kind == kind
    size_bytes = on.sectors.size_bytes
    behind = min(size_bytes, memory.size_bytes - size_bytes)
    memory.poke(0, bytes(size_bytes + behind))

    assert on.host.start().succeeded
    assert on.host.erase(on.sectors).succeeded
    assert memory.peek(0, size_bytes + behind) == b"\xff" * size_bytes + bytes(behind)
    assert on.host.program(on.sectors.start, on.page).succeeded
    assert memory.peek(0, size_bytes) == on.page.ljust(size_bytes, b"\xff")
    assert on.host.verify(on.sectors.start, on.page).succeeded
    assert not on.host.verify(on.sectors.start, on.page[:-1] + b"\0").succeeded
    assert on.violations == []
    assert dict(on.machine.guesses) == {}


@pytest.mark.parametrize("name", CANNOT_ERASE)
def test_uicr_that_only_everything_erases(name: str) -> None:
    on = bench(name)
    memory = on.machine.memory
    assert memory is not None
    assert on.host.program(on.sectors.start, on.page).succeeded
    assert memory.peek(0, len(on.page)) == on.page
    assert on.host.verify(on.sectors.start, on.page).succeeded
    assert on.host.erase(on.sectors).succeeded
    assert memory.peek(0, len(on.page)) == on.page
    assert not on.host.program(on.sectors.start, on.page).succeeded
    assert on.violations == []
    assert on.host.erase_all().succeeded
    assert memory.peek(0, memory.size_bytes) == b"\xff" * memory.size_bytes


@pytest.mark.parametrize("name", NOT_MODELLED)
def test_others_come_to_verdicts(name: str) -> None:
    on = bench(name)
    assert (on.kind, on.machine.memory) == ("generic", None)
    assert on.host.start().succeeded
    assert on.host.erase(on.sectors).succeeded
    assert on.host.program(on.sectors.start, on.page).succeeded
    assert not on.host.verify(on.sectors.start, on.page).succeeded, "nothing holds what was programmed"
