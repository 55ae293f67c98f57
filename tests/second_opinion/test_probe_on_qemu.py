"""A probe whose target is QEMU's microbit: core and flash controller of an nRF51 that were not written here.

pyOCD's own algorithm for it says that the probe is sound; with that, loaders are programmed over the probe as on a
board.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyocd.core.session import Session
from pyocd.core.target import Target
from pyocd.debug.svd.loader import SVDFile
from pyocd.flash.file_programmer import FileProgrammer

from loaderconv.conversion.source import source_of
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.choice import host_for
from loaderconv.probe.call_stub import CALL_STUB_BYTES
from loaderconv.probe.target_core import TargetCore
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.debugged_qemu import DebuggedQemuCore
from support.emulated_session import FlashFromFlm, only_core, probe_on, session_on
from support.matrix import convert
from support.paths import FIXTURES, corpus_flm
from support.qemu_core import needs_qemu
from support.strict import pattern

pytestmark = needs_qemu

RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)
LOADER_RAM = AddressRange(start=RAM.start, size_bytes=RAM.size_bytes - CALL_STUB_BYTES // 8 * 8 - 8)
DATA = pattern(0x2000)


@contextmanager
def microbit(*, delegate: object = None, **options: object) -> Iterator[tuple[Session, DebuggedQemuCore]]:
    with DebuggedQemuCore("microbit") as core:
        probe = probe_on(core, CpuModel.CORTEX_M0)
        with session_on(probe, delegate=delegate, **options) as session:
            yield session, core


def programmed(session: Session, folder: Path) -> None:
    firmware = folder / "firmware.bin"
    firmware.write_bytes(DATA)
    FileProgrammer(session).program(str(firmware), base_address=0)


def test_run_control() -> None:
    with microbit() as (session, core):
        core.write_memory(RAM.start, bytes.fromhex("0130013001300130feE7"))
        target = only_core(session)
        target.write_core_registers_raw(["r0", "sp", "pc", "xpsr"], [0, RAM.end, RAM.start, 1 << 24])
        target.step()
        assert target.read_core_registers_raw(["r0", "pc"]) == [1, RAM.start + 2]
        assert target.set_breakpoint(RAM.start + 4)
        target.resume()
        assert target.get_state() is Target.State.HALTED
        assert target.read_core_registers_raw(["r0", "pc"]) == [2, RAM.start + 4]
        target.remove_breakpoint(RAM.start + 4)
        target.resume()
        assert target.get_state() is Target.State.RUNNING
        target.halt()
        assert target.read_core_registers_raw(["r0", "pc"]) == [4, RAM.start + 8]


def test_algorithm_of_pyocd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The description of peripherals is not needed here, and pyOCD does not close its file.
    monkeypatch.setattr(SVDFile, "from_builtin", lambda _name: None)
    with microbit(target_override="nrf51", smart_flash=False) as (session, core):
        programmed(session, tmp_path)
        assert core.read_memory(0, len(DATA)) == DATA


def test_flm_of_ours(tmp_path: Path) -> None:
    flm = FlashFromFlm(OURS, RAM)
    with microbit(delegate=flm, smart_flash=False) as (session, core):
        programmed(session, tmp_path)
        assert core.read_memory(0, len(DATA)) == DATA


REAL = ["nrf51xxx.flm", "nrf51xxx_ecb.flm", "nrf51xxx_sde.flm"]

BEHIND_FACTORY_CODE = 0x2000
"""QEMU's FICR says that the first 8 KiB hold code from the factory (PPFC, CLENR0), which nrf51xxx.flm leaves alone."""

OURS = FIXTURES / "nvmc" / "nvmc_flm.FLM"


@pytest.mark.corpus
@pytest.mark.parametrize("flavour", Flavour, ids=str)
@pytest.mark.parametrize("name", REAL)
def test_real_loaders_over_the_probe(name: str, flavour: Flavour) -> None:
    check_over_the_probe(corpus_flm(name), flavour)


@pytest.mark.parametrize("flavour", Flavour, ids=str)
def test_our_loader_over_the_probe(flavour: Flavour) -> None:
    check_over_the_probe(OURS, flavour)


def check_over_the_probe(path: Path, flavour: Flavour) -> None:
    """As on a board: reset, erase, program and verify, with an FLM or with what becomes of it in another flavour."""
    loader = read_loader_file(path).loader
    if flavour is not Flavour.FLM:
        _, loader, _ = convert(source_of(read_loader_file(path), path.name), flavour, given_ram=LOADER_RAM)
    with microbit() as (session, qemu):
        core = TargetCore(only_core(session), LOADER_RAM.end)

        def reset() -> None:
            core.prepare()

        reset()
        host = host_for(core, loader, LOADER_RAM, reset=reset)
        image = AddressRange(start=BEHIND_FACTORY_CODE, size_bytes=len(DATA))
        for outcome in (host.start(), host.erase(image), host.program(image.start, DATA)):
            assert outcome.succeeded, outcome.detail
        assert host.verify(image.start, DATA).succeeded
        assert qemu.read_memory(image.start, len(DATA)) == DATA
