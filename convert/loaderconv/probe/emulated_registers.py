"""The registers of an emulated core by the numbers that a debugger has for them (DCRSR.REGSEL).

Numbers: Armv7-M Architecture Reference Manual, C1.6.3; Armv8-M, D1.2.38. A core with the Security Extension is in
Secure state, so its banked registers are the Secure ones; the Non-secure ones keep what is written to them, like the
floating point registers, and nothing more.
"""

from loaderconv.hosts.core import Register
from loaderconv.hosts.system_registers import SystemRegister
from loaderconv.probe.debugged_core import DebuggedCore

XPSR_EXCEPTION = 0x1FF
"""IPSR: the number of the exception that is being handled."""

_XPSR = 16
_CORE_REGISTERS = dict(enumerate(Register))
_SYSTEM_REGISTERS = {
    17: SystemRegister.MSP,
    18: SystemRegister.PSP,
    26: SystemRegister.MSP,
    27: SystemRegister.PSP,
    28: SystemRegister.MSPLIM,
    29: SystemRegister.PSPLIM,
    33: SystemRegister.FPSCR,
}
_COMBINED = (20, 34)
_COMBINED_REGISTERS = (
    SystemRegister.PRIMASK,
    SystemRegister.BASEPRI,
    SystemRegister.FAULTMASK,
    SystemRegister.CONTROL,
)
"""Which share one number, from the lowest byte on."""


class EmulatedRegisters:
    """Reads and writes them while the core stands still.

    Attributes:
        exception: the number that xPSR shows. The core itself knows of no exceptions.
    """

    def __init__(self, core: DebuggedCore) -> None:
        """Take the core."""
        self._core = core
        self._kept: dict[int, int] = {}
        self.exception = 0

    def read(self, number: int) -> int:
        """Return a register, 0 for one that there is not."""
        if number in _CORE_REGISTERS:
            return self._core.read_register(_CORE_REGISTERS[number])
        if number == _XPSR:
            return self._core.read_system_register(SystemRegister.XPSR) & ~XPSR_EXCEPTION | self.exception
        if number in _COMBINED:
            parts = bytes(self._core.read_system_register(each) & 0xFF for each in _COMBINED_REGISTERS)
            return int.from_bytes(parts, "little")
        if number in _SYSTEM_REGISTERS:
            return self._core.read_system_register(_SYSTEM_REGISTERS[number])
        return self._kept.get(number, 0)

    def write(self, number: int, value: int) -> None:
        """Set a register."""
        if number in _CORE_REGISTERS:
            self._core.write_register(_CORE_REGISTERS[number], value)
        elif number == _XPSR:
            self.exception = value & XPSR_EXCEPTION
            self._core.write_system_register(SystemRegister.XPSR, value & ~XPSR_EXCEPTION)
        elif number in _COMBINED:
            for each, byte in zip(_COMBINED_REGISTERS, value.to_bytes(4, "little"), strict=True):
                self._core.write_system_register(each, byte)
        elif number in _SYSTEM_REGISTERS:
            self._core.write_system_register(_SYSTEM_REGISTERS[number], value)
        else:
            self._kept[number] = value

    def reset(self) -> None:
        """Be as after reset: no exception, no masks, privileged, on the main stack (Armv7-M, B1.5.5)."""
        self.exception = 0
        for special in SystemRegister:
            self._core.write_system_register(special, 0)
        self._core.write_register(Register.LR, 0xFFFF_FFFF)
