"""Loaders on QEMU's machines and on our emulated ones: the same verdicts, the same bytes in RAM and flash.

QEMU is a second opinion on what surrounds the instructions: another core under the hosts, other exceptions, another
flash controller of the nRF51. It is none on the instructions themselves, since Unicorn is made from QEMU's translator.

Our own loaders run, of each flavour, and what they become in each other flavour. Their flash is RAM, save on microbit.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import loaderconv
from loaderconv.conversion.source import Source, source_of
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF51822
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import Core
from loaderconv.hosts.cube_programmer import CubeProgrammerHost
from loaderconv.hosts.host import Host
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.matrix import convert
from support.paths import FIXTURES
from support.qemu_core import QemuCore, needs_qemu
from support.strict import pattern

pytestmark = needs_qemu

PAINT = 0xDE
"""What all RAM holds before a loader is downloaded."""


@dataclass(frozen=True)
class Board:
    """A machine of QEMU, and what our emulator makes in its place.

    Attributes:
        name: QEMU's.
        cpu: its core.
        ram_base: start of the RAM for loaders.
        suffix: of the loaders that were linked for this RAM.
    """

    name: str
    cpu: CpuModel
    ram_base: int = 0x2000_0000
    suffix: str = ""

    @property
    def loader_ram(self) -> AddressRange:
        """What loader and host may use."""
        return AddressRange(start=self.ram_base, size_bytes=0x1_0000)

    @property
    def flash(self) -> AddressRange:
        """The RAM behind it that serves as flash."""
        return AddressRange(start=self.loader_ram.end, size_bytes=0x1000)


BOARDS = (
    Board("mps2-an385", CpuModel.CORTEX_M3),
    Board("mps2-an386", CpuModel.CORTEX_M4),
    Board("netduinoplus2", CpuModel.CORTEX_M4),
    Board("mps2-an500", CpuModel.CORTEX_M7),
    Board("mps2-an505", CpuModel.CORTEX_M33, ram_base=0x3800_0000, suffix="_secure"),
)

MICROBIT_RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)
MICROBIT_FLASH = AddressRange(start=0, size_bytes=NRF51822.flash_size_bytes)

FILES = {Flavour.FLM: "ram_flm{}.FLM", Flavour.STLDR: "ram_stldr{}.stldr", Flavour.IAR: "ram_iar{}.flash"}


@dataclass(frozen=True)
class Evidence:
    """What a session left behind.

    Attributes:
        verdicts: of each step: whether it went right, and what the host was told.
        memory: contents of RAM and flash.
    """

    verdicts: Sequence[tuple[bool, str]]
    memory: Sequence[bytes]


def session(host: Host) -> list[tuple[bool, str]]:
    """Run the round trip, then program once more and, which the loader has to report, other bytes over it."""
    verdicts = [(entry.passed, entry.observed) for entry in round_trip(host)]
    base, page = host.device.base_address, host.device.page_size_bytes
    data = pattern(3 * page)
    last_sector = AddressRange(start=host.device.range.end - 1, size_bytes=1)
    for expected, outcome in (
        (True, host.program(base, data)),
        (False, host.program(base + page, data[:page])),
        (True, host.erase(last_sector)),
    ):
        verdicts.append((outcome.succeeded == expected, outcome.detail))
    return verdicts


def evidence(
    core: Core, ram: AddressRange, memory: Sequence[AddressRange], host_on: Callable[[Core], Host]
) -> Evidence:
    """Download a loader to painted RAM and run the session; `memory` is what is looked at in the end."""
    core.write_memory(ram.start, bytes([PAINT]) * ram.size_bytes)
    verdicts = session(host_on(core))
    return Evidence(verdicts, [core.read_memory(each.start, each.size_bytes) for each in memory])


def check(found: Evidence, on_qemu: Evidence) -> None:
    """Check that all went well on QEMU, and that the emulator says the same."""
    assert [verdict for verdict in on_qemu.verdicts if not verdict[0]] == []
    assert found.verdicts == on_qemu.verdicts
    for ours, theirs in zip(found.memory, on_qemu.memory, strict=True):
        assert ours == theirs
    assert len(set(on_qemu.memory[-1])) > 2, "the flash holds what was programmed"


def read(path: Path) -> Source:
    """Return a loader of ours; one of IAR with its `.flash` file."""
    if path.suffix != ".flash":
        return source_of(read_loader_file(path), path.name)
    (chosen,) = loaderconv.read(path, SearchPaths(toolkit_dir=path.parent)).passes
    assert chosen.loader is not None
    return Source(chosen.loader, file_name=path.name)


@functools.cache
def host_maker(path: Path, target: Flavour, ram: AddressRange) -> Callable[[Core], Host]:
    """Return what gives a core to the host of a flavour, with a loader that is converted unless it has the flavour."""
    loader = read(path).loader
    if loader.flavour is not target:
        planned, loader, _ = convert(read(path), target, given_ram=ram)
        ram = planned.plan.ram
    match target:
        case Flavour.FLM:
            return lambda core: UVisionHost(core, loader, ram)
        case Flavour.STLDR:
            return lambda core: CubeProgrammerHost(core, loader, ram)
        case Flavour.IAR:
            return lambda core: CSpyHost(core, loader)


@pytest.mark.parametrize("target", Flavour, ids=lambda flavour: f"to-{flavour}")
@pytest.mark.parametrize("source", Flavour, ids=str)
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_flash_that_is_ram(board: Board, source: Flavour, target: Flavour) -> None:
    host_on = host_maker(FIXTURES / "ram" / FILES[source].format(board.suffix), target, board.loader_ram)
    ram = AddressRange(start=board.ram_base, size_bytes=board.flash.end - board.ram_base)
    memory = (board.loader_ram, board.flash)
    with QemuCore(board.name) as core:
        on_qemu = evidence(core, ram, memory, host_on)
    check(evidence(UnicornCore(board.cpu, ram=[ram]), ram, memory, host_on), on_qemu)


@pytest.mark.parametrize("target", Flavour, ids=lambda flavour: f"to-{flavour}")
def test_flash_of_an_nrf51(target: Flavour) -> None:
    """QEMU's flash controller against ours. QEMU's flash starts with zeros, not erased."""
    host_on = host_maker(FIXTURES / "nvmc" / "nvmc_flm.FLM", target, MICROBIT_RAM)
    memory = (MICROBIT_RAM, MICROBIT_FLASH)
    with QemuCore("microbit") as core:
        on_qemu = evidence(core, MICROBIT_RAM, memory, host_on)
    nvmc = Nvmc(NRF51822)
    nvmc.flash[:] = bytes(len(nvmc.flash))
    ours = UnicornCore(CpuModel.CORTEX_M0, ram=[MICROBIT_RAM], peripherals=[nvmc])
    check(evidence(ours, MICROBIT_RAM, memory, host_on), on_qemu)
    assert nvmc.violations == []
