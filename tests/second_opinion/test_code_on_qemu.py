"""Short pieces of code, most of them wrong for their core: QEMU and our emulator agree on how each one ends."""

from dataclasses import dataclass

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.core import Budget, Core, Register, Stop, StopReason
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed
from support.qemu_core import QemuCore, needs_qemu

pytestmark = needs_qemu

RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)
UNMAPPED = 0xB000_0000
BOARDS = {
    CpuModel.CORTEX_M0: "microbit",
    CpuModel.CORTEX_M3: "mps2-an385",
    CpuModel.CORTEX_M4: "mps2-an386",
}
BUDGET = Budget(instructions=1000, timeout_ms=100)

M0, M3, M4 = BOARDS


@dataclass(frozen=True)
class Case:
    """A piece of code that starts with r0 = 12 and r1 as given.

    Attributes:
        name: what it shows.
        cpu: on which core.
        code: halfwords.
        reason: how it ends on both.
        r1: a word.
        r0: after a run that reached the end of the code.
    """

    name: str
    cpu: CpuModel
    code: tuple[int, ...]
    reason: StopReason
    r1: int = 0
    r0: int | None = None


CASES = (
    Case("ADDS on v6-M", M0, (0x1840,), StopReason.STOP_ADDRESS, r1=4, r0=16),
    Case("SDIV on v7-M", M3, (0xFB90, 0xF0F1), StopReason.STOP_ADDRESS, r1=4, r0=3),
    Case("LDR unaligned on v7-M", M3, (0x6808,), StopReason.STOP_ADDRESS, r1=RAM.start + 1, r0=0xDEDE_DE68),
    Case("SDIV on v6-M", M0, (0xFB90, 0xF0F1), StopReason.FAULT, r1=4),
    Case("LDR unaligned on v6-M", M0, (0x6808,), StopReason.FAULT, r1=RAM.start + 1),
    Case("LDR from nowhere", M3, (0x6808,), StopReason.FAULT, r1=UNMAPPED),
    Case("UDF", M3, (0xDE00,), StopReason.FAULT),
    Case("SVC", M0, (0xDF00,), StopReason.FAULT),
    Case("BX to Arm state", M3, (0x4708,), StopReason.FAULT, r1=RAM.start),
    Case("BX to nowhere", M3, (0x4708,), StopReason.FAULT, r1=UNMAPPED + 1),
    Case("VMOV while the FPU is off", M4, (0xEEB7, 0x0A00), StopReason.FAULT),
    Case("VMOV without an FPU", M3, (0xEEB7, 0x0A00), StopReason.FAULT),
    Case("B to itself", M0, (0xE7FE,), StopReason.BUDGET_EXHAUSTED),
)


def run(core: Core, case: Case) -> tuple[Stop, int | None]:
    """Return how the code ended, and r0 where it came to its end."""
    code = b"".join(halfword.to_bytes(2, "little") for halfword in case.code)
    core.write_memory(RAM.start, code.ljust(64, b"\xde"))
    for register, value in ((Register.R0, 12), (Register.R1, case.r1), (Register.SP, RAM.end)):
        core.write_register(register, value)
    core.write_register(Register.PC, RAM.start)
    stop = core.run(RAM.start + len(code), BUDGET)
    return stop, core.read_register(Register.R0) if stop.reason is StopReason.STOP_ADDRESS else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_end_alike(case: Case) -> None:
    ours, our_r0 = run(UnicornCore(case.cpu, ram=[RAM]), case)
    with QemuCore(BOARDS[case.cpu]) as core:
        theirs, their_r0 = run(core, case)
    assert (theirs.reason, their_r0) == (case.reason, case.r0)
    assert (ours.reason, our_r0) == (case.reason, case.r0)


def test_the_connection_tells_what_qemu_said() -> None:
    data = bytes(index * 37 & 0xFF for index in range(3001))
    with QemuCore("mps2-an385") as core:
        core.write_memory(RAM.start + 1, data)
        assert core.read_memory(RAM.start + 1, len(data)) == data
        with pytest.raises(RunFailed, match="'E14'"):
            core.read_memory(UNMAPPED, 4)
        core.write_register(Register.PC, UNMAPPED)
        stop = core.run(RAM.start, BUDGET)
        assert (stop.reason, "Lockup" in stop.detail) == (StopReason.FAULT, True)
        with pytest.raises(RunFailed, match="Lockup"):
            core.read_memory(RAM.start, 4)
