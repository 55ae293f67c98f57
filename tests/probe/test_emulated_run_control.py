"""Run control of an emulated target, as pyOCD drives it: halt, step, breakpoints, reset, faults."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyocd.core.target import Target
from pyocd.coresight.cortex_m import CortexM

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv_schemas.address_range import AddressRange
from support.emulated_session import only_core, probe_on, session_on
from support.machine_code import (
    ADD_1,
    ADD_2,
    BKPT,
    BRANCH_TO_R1,
    LOAD,
    RETURN,
    SDIV,
    STORE,
    UNMAPPED,
    VMOV,
    place,
)
from support.thumb import words

RAM = AddressRange(start=0x2000_0000, size_bytes=0x2000)
CODE_RAM = AddressRange(start=0x1000_0000, size_bytes=0x1000)
"""Where the breakpoint unit of every core reaches."""

UNDEFINED = 0xDEDE
DFSR, CFSR, HFSR, BFAR, DHCSR, AIRCR = (
    0xE000_ED30,
    0xE000_ED28,
    0xE000_ED2C,
    0xE000_ED38,
    0xE000_EDF0,
    0xE000_ED0C,
)
VTOR, SYSTICK = 0xE000_ED08, 0xE000_E010
STORE_1_TO_R1 = (0x2201, 0x600A)  # movs r2, #1; str r2, [r1]
LOCKUP_ADDRESS = 0xFFFF_FFFE


class Bench:
    """A core with code in its RAM, and pyOCD on it."""

    def __init__(self, cpu: CpuModel, *code: int, at: int = RAM.start) -> None:
        self.at = at
        self.resets = 0
        self.core = UnicornCore(cpu, ram=[CODE_RAM, RAM])
        place(self.core, at, *code)
        self.probe: EmulatedProbe = probe_on(self.core, cpu, reset=self._count_reset)

    @contextmanager
    def halted(self, **options: object) -> Iterator[CortexM]:
        with session_on(self.probe, **options) as session:
            target = only_core(session)
            target.write_core_registers_raw(
                ["r0", "r1", "sp", "lr", "pc", "xpsr"], [0, 0, RAM.end, 0xFFFF_FFFF, self.at, 1 << 24]
            )
            yield target

    def _count_reset(self) -> None:
        self.resets += 1


def run(target: CortexM, polls: int = 20) -> Target.State:
    target.resume()
    for _ in range(polls):
        state = target.get_state()
        if state is not Target.State.RUNNING:
            return state
    return Target.State.RUNNING


def pc(target: CortexM) -> int:
    return int(target.read_core_register_raw("pc"))


@pytest.mark.parametrize("cpu", CpuModel)
def test_breakpoint_instruction(cpu: CpuModel) -> None:
    bench = Bench(cpu, ADD_1, ADD_2, BKPT)
    with bench.halted() as target:
        assert run(target) is Target.State.HALTED
        assert pc(target) == RAM.start + 4
        assert target.read_core_register_raw("r0") == 3
        assert target.get_halt_reason() is Target.HaltReason.BREAKPOINT
        assert run(target) is Target.State.HALTED, "it stays at the instruction"
        assert pc(target) == RAM.start + 4


@pytest.mark.parametrize("kind", [Target.BreakpointType.HW, Target.BreakpointType.SW])
@pytest.mark.parametrize("at", [CODE_RAM.start, RAM.start, RAM.start + 2], ids=hex)
@pytest.mark.parametrize("cpu", [CpuModel.CORTEX_M0, CpuModel.CORTEX_M4, CpuModel.CORTEX_M7])
def test_breakpoints(cpu: CpuModel, at: int, kind: Target.BreakpointType) -> None:
    """Above 0x20000000 a breakpoint unit of the first revision cannot help: pyOCD patches the code instead."""
    bench = Bench(cpu, *[ADD_1] * 6, BKPT, at=at)
    has_unit = cpu is CpuModel.CORTEX_M7 or at in CODE_RAM
    with bench.halted() as target:
        for offset in (4, 6):
            assert target.set_breakpoint(at + offset, kind)
            assert run(target) is Target.State.HALTED
            assert pc(target) == at + offset
            assert target.get_halt_reason() is Target.HaltReason.BREAKPOINT
            patched = bench.core.read_memory(at + offset, 2) == BKPT.to_bytes(2, "little")
            assert patched == (kind is Target.BreakpointType.SW or not has_unit)
            target.remove_breakpoint(at + offset)
        assert run(target) is Target.State.HALTED
        assert pc(target) == at + 12
        assert target.read_core_register_raw("r0") == 6


@pytest.mark.parametrize("cpu", CpuModel)
def test_steps(cpu: CpuModel) -> None:
    with Bench(cpu, ADD_1, ADD_2, ADD_1, BKPT).halted() as target:
        for expected in (1, 3, 4):
            target.step()
            assert target.read_core_register_raw("r0") == expected
        assert pc(target) == RAM.start + 6
        assert target.get_halt_reason() is Target.HaltReason.DEBUG


def test_a_loop_runs_until_it_is_halted() -> None:
    with Bench(CpuModel.CORTEX_M4, ADD_1, 0xE7FD).halted() as target:
        assert run(target) is Target.State.RUNNING
        before = int.from_bytes(bytes(target.read_memory_block8(RAM.start, 2)), "little")
        assert before == ADD_1, "memory can be read meanwhile"
        target.halt()
        assert target.get_state() is Target.State.HALTED
        count = target.read_core_register_raw("r0")
        assert count > 1000
        target.halt()
        assert target.read_core_register_raw("r0") == count


def test_memory_can_be_written_while_the_core_runs() -> None:
    with Bench(CpuModel.CORTEX_M7, ADD_1, 0xE7FD).halted() as target:
        assert run(target, polls=3) is Target.State.RUNNING
        target.write_memory(RAM.start + 2, BKPT, 16)
        assert target.get_state() is Target.State.HALTED
        assert pc(target) == RAM.start + 2


@pytest.mark.parametrize("cpu", CpuModel)
def test_reset_and_halt(cpu: CpuModel) -> None:
    bench = Bench(cpu, ADD_1, BKPT)
    with bench.halted() as target:
        assert run(target) is Target.State.HALTED
        target.write_core_register("primask", 1)
        target.reset_and_halt()
        assert bench.resets == 1
        assert target.get_state() is Target.State.HALTED
        assert target.read_core_register("primask") == 0
        assert target.read_core_register_raw("xpsr") & 1 << 24


@pytest.mark.parametrize("kind", [Target.ResetType.HARDWARE, Target.ResetType.CORE, Target.ResetType.EMULATED])
def test_ways_to_reset(kind: Target.ResetType) -> None:
    bench = Bench(CpuModel.CORTEX_M4, ADD_1, BKPT)
    with bench.halted() as target:
        target.write_memory(VTOR, RAM.start)
        target.reset_and_halt(kind)
        assert target.get_state() is Target.State.HALTED
        assert bench.resets == (kind is not Target.ResetType.EMULATED)


def test_a_held_reset_pin() -> None:
    bench = Bench(CpuModel.CORTEX_M4, ADD_1, BKPT)
    with bench.halted() as target:
        bench.probe.assert_reset(asserted=True)
        for _ in range(3):
            assert target.get_state() is Target.State.RESET
        assert bench.resets == 0
        bench.probe.assert_reset(asserted=False)
        assert target.get_state() is Target.State.LOCKUP
        assert bench.resets == 1


def test_breakpoint_without_a_debugger() -> None:
    bench = Bench(CpuModel.CORTEX_M7, ADD_1, BKPT)
    with bench.halted() as target:
        target.write_memory(DHCSR, 0xA05F_0000)
        assert target.get_state() is Target.State.LOCKUP
        assert target.read_memory(HFSR) == 1 << 31


def test_reset_shows_once() -> None:
    with Bench(CpuModel.CORTEX_M4, ADD_1, BKPT).halted() as target:
        target.write_memory(AIRCR, 0x05FA_0004)
        assert target.read_memory(DHCSR) & CortexM.S_RESET_ST
        assert not target.read_memory(DHCSR) & CortexM.S_RESET_ST
        target.write_memory(AIRCR, 0x0000_0004)
        assert not target.read_memory(DHCSR) & CortexM.S_RESET_ST, "without the key nothing is reset"


def test_connecting_under_reset() -> None:
    bench = Bench(CpuModel.CORTEX_M4, ADD_1, BKPT)
    with bench.halted(connect_mode="under-reset") as target:
        assert bench.resets == 1
        assert run(target) is Target.State.HALTED
        assert pc(target) == RAM.start + 2


def test_code_that_resets() -> None:
    """str r0, [r1] with what requests a system reset: the debugger sees S_RESET_ST, and registers that are lost."""
    bench = Bench(CpuModel.CORTEX_M7, STORE, BKPT)
    with bench.halted() as target:
        target.write_core_registers_raw(["r0", "r1"], [0x05FA_0004, AIRCR])
        target.resume()
        assert target.read_memory(DHCSR) & CortexM.S_RESET_ST
        assert bench.resets == 1


FAULTS = {
    "undefined instruction": (CpuModel.CORTEX_M4, (UNDEFINED,), 0, 1 << 16),
    "division on a core without it": (CpuModel.CORTEX_M0, SDIV, 0, 0),
    "floating point on a core without it": (CpuModel.CORTEX_M3, VMOV, 0, 1 << 19),
    "read of nothing": (CpuModel.CORTEX_M7, (LOAD,), UNMAPPED, 1 << 9 | 1 << 15),
    "write to nothing": (CpuModel.CORTEX_M33, (STORE,), UNMAPPED, 1 << 9 | 1 << 15),
    "jump to nothing": (CpuModel.CORTEX_M4, (BRANCH_TO_R1,), UNMAPPED | 1, 1 << 8),
    "jump without the Thumb bit": (CpuModel.CORTEX_M4, (BRANCH_TO_R1,), RAM.start + 0x100, 1 << 17),
}


@pytest.mark.parametrize("is_caught", [True, False], ids=["vector-catch", "lockup"])
@pytest.mark.parametrize(("cpu", "code", "r1", "cfsr"), FAULTS.values(), ids=FAULTS)
def test_faults(cpu: CpuModel, code: tuple[int, ...], r1: int, cfsr: int, is_caught: bool) -> None:
    """As on silicon: the fault registers, the frame on the stack, and PC where the handler or lockup has it."""
    bench = Bench(cpu, *code, BKPT)
    faults_at = r1 & ~1 if BRANCH_TO_R1 in code else RAM.start
    with bench.halted() as target:
        target.write_core_register("r1", r1)
        if is_caught:
            target.set_vector_catch(Target.VectorCatch.HARD_FAULT)
        assert run(target) is (Target.State.HALTED if is_caught else Target.State.LOCKUP)
        if is_caught:
            assert target.get_halt_reason() is Target.HaltReason.VECTOR_CATCH
        else:
            target.halt()
            assert target.get_state() is Target.State.HALTED
            assert pc(target) == LOCKUP_ADDRESS
        assert target.read_core_registers_raw(["ipsr", "lr", "sp"]) == [3, 0xFFFF_FFF9, RAM.end - 0x20]
        frame = target.read_memory_block32(RAM.end - 0x20, 8)
        assert (frame[1], frame[5], frame[6]) == (r1, 0xFFFF_FFFF, faults_at)
        assert target.read_memory(HFSR) == (0 if cpu is CpuModel.CORTEX_M0 else 1 << 30)
        assert target.read_memory(CFSR) == cfsr
        if cfsr & 1 << 15:
            assert target.read_memory(BFAR) == r1
        target.write_memory(CFSR, cfsr)
        assert target.read_memory(CFSR) == 0

        target.write_core_registers_raw(["pc", "xpsr"], [RAM.start + 2 * len(code), 1 << 24])
        assert run(target) is Target.State.HALTED, "the debugger leads the core out of it"
        assert target.read_core_registers_raw(["pc", "ipsr"]) == [RAM.start + 2 * len(code), 0]


def test_a_fault_without_a_stack() -> None:
    with Bench(CpuModel.CORTEX_M7, UNDEFINED).halted() as target:
        target.write_core_register("sp", UNMAPPED)
        target.set_vector_catch(Target.VectorCatch.HARD_FAULT)
        assert run(target) is Target.State.HALTED
        assert target.read_memory(CFSR) == 1 << 16 | 1 << 12


def test_a_reset_without_catch_runs_the_firmware() -> None:
    """Or locks up where the vector table leads nowhere."""
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[AddressRange(start=0, size_bytes=0x400), RAM])
    core.write_memory(0, words(RAM.end, 0x101))
    place(core, 0x100, ADD_1, BKPT)
    with session_on(probe_on(core, CpuModel.CORTEX_M4)) as session:
        target = only_core(session)
        target.write_core_register("r0", 7)
        target.reset()
        assert target.get_state() is Target.State.HALTED
        assert target.read_core_registers_raw(["sp", "pc", "r0"]) == [RAM.end, 0x102, 8]
        core.write_memory(0, words(RAM.end, 0x100))
        target.reset()
        assert target.get_state() is Target.State.LOCKUP


def test_systick_interrupts_unless_the_debugger_masks_it() -> None:
    """Firmware that counts ticks in its handler: pyOCD lets interrupts through when it resumes."""
    code = RAM.start + 0x100
    for mask, ticks in ((0, True), (CortexM.C_MASKINTS, False)):
        bench = Bench(CpuModel.CORTEX_M4, ADD_2, 0xE7FD, at=code)
        bench.core.write_memory(RAM.start, words(*[0] * 15, code + 0x11))
        place(bench.core, code + 0x10, *STORE_1_TO_R1, RETURN)
        with bench.halted() as target:
            target.write_core_register("r1", RAM.start + 0x80)
            target.write_memory_block32(RAM.start + 0x80, [0])
            target.write_memory(VTOR, RAM.start)
            target.write_memory_block32(SYSTICK, [7, 100_000])
            target.write_memory(DHCSR, 0xA05F_0003 | mask)
            target.write_memory(DHCSR, 0xA05F_0001 | mask)
            for _ in range(3):
                assert target.get_state() is Target.State.RUNNING
            assert bool(target.read_memory(RAM.start + 0x80)) is ticks
