"""The emulated probe under unmodified pyOCD: discovery, memory, registers, traffic, failures, flash programming."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyocd.core.exceptions import ProbeDisconnected, TransferFaultError, TransferTimeoutError
from pyocd.coresight.cortex_m import CortexM
from pyocd.coresight.cortex_m_v8m import CortexM_v8M
from pyocd.flash.file_programmer import FileProgrammer

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.hosts.core import Register
from loaderconv.hosts.system_registers import SystemRegister
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from support.emulated_session import FlashFromFlm, only_core, probe_on, session_on
from support.paths import FIXTURES
from support.strict import pattern

RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)
PROBES = pytest.mark.parametrize("has_memory_commands", [True, False], ids=["memory-commands", "access-port"])


def probe_with(
    cpu: CpuModel = CpuModel.CORTEX_M4,
    *,
    has_memory_commands: bool = True,
    before_call: Callable[[int], None] | None = None,
) -> tuple[EmulatedProbe, UnicornCore]:
    core = UnicornCore(cpu, ram=[RAM])
    return probe_on(core, cpu, has_memory_commands=has_memory_commands, before_call=before_call), core


@pytest.mark.parametrize(
    ("cpu", "name", "version", "breakpoints", "revision", "has_fpu", "has_cache"),
    [
        (CpuModel.CORTEX_M0, "Cortex-M0", (6, 0), 4, 1, False, False),
        (CpuModel.CORTEX_M3, "Cortex-M3", (7, 0), 6, 1, False, False),
        (CpuModel.CORTEX_M4, "Cortex-M4", (7, 0), 6, 1, True, False),
        (CpuModel.CORTEX_M7, "Cortex-M7", (7, 0), 8, 2, True, True),
        (CpuModel.CORTEX_M33, "Cortex-M33", (8, 0), 8, 2, True, False),
    ],
)
def test_discovery(
    cpu: CpuModel,
    name: str,
    version: tuple[int, int],
    breakpoints: int,
    revision: int,
    has_fpu: bool,
    has_cache: bool,
) -> None:
    probe, _ = probe_with(cpu)
    with session_on(probe) as session:
        core = only_core(session)
        assert type(core) is (CortexM_v8M if cpu is CpuModel.CORTEX_M33 else CortexM)
        assert (core.name, core.architecture_version) == (name, version)
        assert (core.has_fpu, core.has_cache) == (has_fpu, has_cache)
        assert core.fpb is not None
        assert (core.fpb.available_breakpoints, core.fpb.revision) == (breakpoints, revision)
        assert core.dwt is not None
        assert core.dwt.watchpoint_count == 0


@PROBES
@pytest.mark.parametrize("cpu", [CpuModel.CORTEX_M0, CpuModel.CORTEX_M33])
def test_memory(cpu: CpuModel, has_memory_commands: bool) -> None:
    probe, emulated = probe_with(cpu, has_memory_commands=has_memory_commands)
    data = pattern(0x1003)
    with session_on(probe) as session:
        core = only_core(session)
        for offset, size in ((0, 0x1003), (1, 0x1000), (2, 5), (3, 1), (0x3FD, 6)):
            core.write_memory_block8(RAM.start + offset, list(data[:size]))
            assert emulated.read_memory(RAM.start + offset, size) == data[:size]
            assert bytes(core.read_memory_block8(RAM.start + offset, size)) == data[:size]
        words = [0x0102_0304, 0xFFFF_FFFF, 0]
        core.write_memory_block32(RAM.start + 0x3F8, words)
        assert list(core.read_memory_block32(RAM.start + 0x3F8, 3)) == words
        for bits, address in ((8, RAM.start + 3), (16, RAM.start + 6), (32, RAM.start + 8)):
            core.write_memory(address, 0x1_8765_43A5 & (1 << bits) - 1, bits)
            later = core.read_memory(address, bits, now=False)
            assert later() == core.read_memory(address, bits) == 0x8765_43A5 & (1 << bits) - 1
        for access in (
            lambda: core.read_memory(RAM.end, 32),
            core.read_memory(RAM.end, 32, now=False),
            lambda: core.write_memory_block8(RAM.end, [1]),
            lambda: core.read_memory_block32(RAM.end - 4, 2),
        ):
            with pytest.raises(TransferFaultError):
                access()


@pytest.mark.parametrize("cpu", CpuModel)
def test_registers(cpu: CpuModel) -> None:
    probe, emulated = probe_with(cpu)
    with session_on(probe) as session:
        core = only_core(session)
        wanted = {register.value: 0x1000_0000 + 8 * number for number, register in enumerate(Register)}
        core.write_core_registers_raw(list(wanted), list(wanted.values()))
        assert core.read_core_registers_raw(list(wanted)) == list(wanted.values())
        assert {each: emulated.read_register(Register(each)) for each in wanted} == wanted
        core.write_core_registers_raw(["primask", "control", "xpsr", "psp"], [1, 2, 0xF100_0003, RAM.start + 0x100])
        assert core.read_core_registers_raw(["control", "primask", "psp", "sp", "ipsr"]) == [
            2,
            1,
            RAM.start + 0x100,
            RAM.start + 0x100,
            3,
        ]
        assert core.read_core_register("msp") == wanted["sp"]
        assert core.read_core_register_raw("xpsr") == 0xF100_0003
        assert emulated.read_system_register(SystemRegister.PRIMASK) == 1
        if cpu is CpuModel.CORTEX_M33:
            core.write_core_registers_raw(["msplim_s", "psplim_ns", "control_s"], [RAM.start, RAM.start + 8, 0])
            assert core.read_core_registers_raw(["msplim_s", "psplim_s", "psplim_ns", "control"]) == [
                RAM.start,
                0,
                RAM.start + 8,
                0,
            ]
            assert emulated.read_system_register(SystemRegister.MSPLIM) == RAM.start


def test_traffic() -> None:
    probe, _ = probe_with()
    with session_on(probe) as session:
        core = only_core(session)
        before = probe.traffic.moved
        core.write_memory_block32(RAM.start, [1, 2, 3])
        core.write_memory_block8(RAM.start, [1])
        core.read_memory_block8(RAM.start, 5)
        spent = probe.traffic.moved - before
        assert (spent.writes, spent.bytes_written, spent.reads, spent.bytes_read) == (2, 13, 1, 5)


@PROBES
@pytest.mark.parametrize("failure", [TransferFaultError, TransferTimeoutError, ProbeDisconnected])
def test_injected_failures(failure: type[Exception], has_memory_commands: bool) -> None:
    """Whatever call fails, pyOCD hears of it; later calls go on where the earlier ones were."""
    failing: set[int] = set()

    def fail(number: int) -> None:
        if number in failing:
            raise failure("injected")

    probe, _ = probe_with(has_memory_commands=has_memory_commands, before_call=fail)
    with session_on(probe) as session:
        core = only_core(session)
        core.write_memory(RAM.start, 0x1234)
        failing.add(probe.traffic.calls + 1)
        with pytest.raises(failure):
            core.read_memory(RAM.start)
        assert core.read_memory(RAM.start) == 0x1234
    assert not probe.is_open


FLM = FIXTURES / "strict_flm.FLM"
"""Its controller punishes what is out of order, in RAM-backed flash nothing would show."""


@PROBES
def test_pyocd_programs_as_uvision_does(tmp_path: Path, has_memory_commands: bool) -> None:
    firmware = tmp_path / "firmware.bin"
    data = pattern(0x1A00)
    firmware.write_bytes(data)
    by_pyocd = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[by_pyocd])
    probe = probe_on(core, CpuModel.CORTEX_M4, reset=by_pyocd.reset, has_memory_commands=has_memory_commands)
    with session_on(probe, delegate=FlashFromFlm(FLM, RAM), smart_flash=False) as session:
        FileProgrammer(session).program(str(firmware), base_address=ARRAY_BASE)

    by_uvision = StrictController()
    other = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[by_uvision])
    host = UVisionHost(other, read_loader_file(FLM).loader, RAM)
    assert host.erase(AddressRange(start=ARRAY_BASE, size_bytes=len(data))).succeeded
    assert host.program(ARRAY_BASE, data).succeeded

    assert by_pyocd.violations == []
    assert by_pyocd.array[: len(data)] == data
    assert by_pyocd.array == by_uvision.array
