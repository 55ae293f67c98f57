"""A processor of QEMU behind an emulated probe."""

from collections.abc import Iterable

from loaderconv.hosts.core import Budget, Register, Stop, StopReason
from loaderconv.hosts.system_registers import SystemRegister
from loaderconv_schemas.errors import RunFailed
from support.qemu_core import QemuCore

_BREAKPOINT_OPCODE = 0xBE
_HALFWORD_BYTES = 2
_SYSTEM_SPACE = 0xE000_0000


class DebuggedQemuCore(QemuCore):
    """Implements `loaderconv.probe.debugged_core.DebuggedCore`.

    To QEMU a BKPT is an exception, so wherever one was written there is a breakpoint, too. Of the special registers its
    stub knows xPSR alone; SP stands for MSP, the others keep what is written to them. Registers of the system that it
    does not model read 0.
    """

    def __init__(self, machine: str) -> None:
        """Start a machine by QEMU's name for it."""
        super().__init__(machine)
        self._kept: dict[SystemRegister, int] = {}
        self._breakpoint_instructions: set[int] = set()

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return bytes as a debugger reads them. Raises RunFailed where nothing is mapped."""
        try:
            return super().read_memory(address, size_bytes)
        except RunFailed:
            if address < _SYSTEM_SPACE:
                raise
            return bytes(size_bytes)

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes as a debugger does, and note where they are a BKPT."""
        if address >= _SYSTEM_SPACE:
            self._write_system(address, data)
            return
        super().write_memory(address, data)
        first = address & ~1
        self._breakpoint_instructions -= set(range(first, address + len(data), _HALFWORD_BYTES))
        self._breakpoint_instructions |= {
            at
            for at in range(first, address + len(data), _HALFWORD_BYTES)
            if address <= at + 1 < address + len(data) and data[at + 1 - address] == _BREAKPOINT_OPCODE
        }

    def run_to_any(self, stop_addresses: Iterable[int], budget: Budget) -> Stop:
        """Run to one of the addresses, to a BKPT that was written, or to the end of the wall clock."""
        wanted = {address & ~1 for address in stop_addresses}
        if budget.instructions == 1:
            return self.step()
        if self.read_register(Register.PC) in wanted | self._breakpoint_instructions:
            return Stop(StopReason.STOP_ADDRESS, self.read_register(Register.PC))
        return super().run_to_any(wanted | self._breakpoint_instructions, budget)

    def read_system_register(self, register: SystemRegister) -> int:
        """Return a special register."""
        if register is SystemRegister.XPSR:
            return self.read_xpsr()
        if register is SystemRegister.MSP:
            return self.read_register(Register.SP)
        return self._kept.get(register, 0)

    def write_system_register(self, register: SystemRegister, value: int) -> None:
        """Set a special register; T is always set."""
        if register is SystemRegister.XPSR:
            self.write_xpsr(value | 1 << 24)
        elif register is SystemRegister.MSP:
            self.write_register(Register.SP, value)
        else:
            self._kept[register] = value

    def _write_system(self, address: int, data: bytes) -> None:
        try:
            super().write_memory(address, data)
        except RunFailed:
            # Not modelled.
            return
