"""The special registers of a Unicorn instance, as far as it has them."""

from loaderconv.emulator import unicorn_binding
from loaderconv.hosts.system_registers import SystemRegister

XPSR_T = 1 << 24
"""Always set: a Cortex-M knows Thumb alone. Unicorn shows it only while it runs."""

_UNPRIVILEGED = 1 << 0
"""Of CONTROL."""

_HARD_FAULT = 3
"""An exception: whatever handles one is privileged."""

_UNKNOWN_TO_UNICORN = (SystemRegister.MSPLIM, SystemRegister.PSPLIM)


class SpecialRegisters:
    """Reads and writes them; what Unicorn has no name for is kept, and has no effect."""

    def __init__(self, uc: unicorn_binding.Uc) -> None:
        self._uc = uc
        self._ipsr_number = unicorn_binding.register_number("IPSR")
        self._kept = dict.fromkeys(_UNKNOWN_TO_UNICORN, 0)
        self._numbers = {
            register: unicorn_binding.register_number(register.upper())
            for register in SystemRegister
            if register not in self._kept
        }

    def read(self, register: SystemRegister) -> int:
        """Return a register, 0 to 2**32 - 1."""
        if register in self._kept:
            return self._kept[register]
        value = self._uc.reg_read(self._numbers[register])
        return value | XPSR_T if register is SystemRegister.XPSR else value

    def write(self, register: SystemRegister, value: int) -> None:
        """Set a register to a value of 32 bits."""
        if register in self._kept:
            self._kept[register] = value
            return
        control = self.read(SystemRegister.CONTROL)
        if control & _UNPRIVILEGED:
            self._become_privileged(control)
        self._uc.reg_write(self._numbers[register], value)
        if control & _UNPRIVILEGED and register is not SystemRegister.CONTROL:
            self._uc.reg_write(self._numbers[SystemRegister.CONTROL], control)

    def _become_privileged(self, control: int) -> None:
        """Let a debugger write: Unicorn obeys as a core obeys MSR, not at all in an unprivileged thread."""
        exception = self._uc.reg_read(self._ipsr_number)
        self._uc.reg_write(self._ipsr_number, _HARD_FAULT)
        self._uc.reg_write(self._numbers[SystemRegister.CONTROL], control & ~_UNPRIVILEGED)
        self._uc.reg_write(self._ipsr_number, exception)
