"""What it costs a probe to program a memory: by pyOCD's own way for FLMs, and by ours."""

from dataclasses import dataclass
from pathlib import Path

from pyocd.flash.file_programmer import FileProgrammer

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv.probe.request import OpenRequest
from loaderconv.probe.session import open_target
from loaderconv.probe.stub_place import place_stub
from loaderconv.probe.traffic import Transfers
from loaderconv.programming.workplace import open_loader
from loaderconv.simulation.subject import read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from support.emulated_session import FlashFromFlm, probe_on, session_on
from support.emulated_target import RAM
from support.paths import FIXTURES

FLM = FIXTURES / "strict_flm.FLM"


@dataclass(frozen=True)
class Target:
    """A board with an empty memory, behind a probe."""

    controller: StrictController
    probe: EmulatedProbe

    def check(self, data: bytes) -> Transfers:
        """Return what all of the session moved, once the memory holds the data."""
        assert self.controller.violations == []
        assert self.controller.array[: len(data)] == data
        return self.probe.traffic.moved


def fresh_target(*, has_memory_commands: bool) -> Target:
    """Return one."""
    controller = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[controller])
    probe = probe_on(core, core.cpu, reset=controller.reset, has_memory_commands=has_memory_commands)
    return Target(controller, probe)


def by_pyocd(target: Target, firmware: Path, *, smart_flash: bool) -> Transfers:
    """Program a file as `pyocd load` does, with the reset that it does first; nothing is verified."""
    with session_on(target.probe, delegate=FlashFromFlm(FLM, RAM), smart_flash=smart_flash) as session:
        assert session.target is not None
        session.target.reset_and_halt()
        FileProgrammer(session, chip_erase="sector").program(str(firmware), base_address=ARRAY_BASE)
    return target.check(firmware.read_bytes())


def by_run(target: Target, firmware: Path) -> Transfers:
    """Program it as `loaderconv run` does, with the same loader and all guards; nothing is verified."""
    data = firmware.read_bytes()
    subject = read_subject(FLM, SearchPaths())
    with open_target(OpenRequest(probe=target.probe, target="cortex_m", settling_s=0)) as connection:
        stub_address, free = place_stub([RAM], subject.taken)
        core = connection.take_core(stub_address)
        place = open_loader(core, subject, free, "the target", lambda: None)
        assert place.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=len(data))).succeeded
        assert place.host.program(ARRAY_BASE, data).succeeded
        place.finish()
    return target.check(data)
