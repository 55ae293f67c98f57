"""What a Cortex-M does to its registers at reset and at a fault, in place of a core that delivers no exceptions.

Armv7-M Architecture Reference Manual, B1.5.5 (reset), B1.5.6 (exception entry), B1.5.8 (return values), B1.5.15
(lockup).
"""

from loaderconv.hosts.core import Register
from loaderconv.hosts.system_registers import SystemRegister
from loaderconv.probe.debugged_core import DebuggedCore
from loaderconv.probe.emulated_registers import EmulatedRegisters
from loaderconv_schemas.errors import RunFailed

HARD_FAULT = 3
LOCKUP_ADDRESS = 0xFFFF_FFFE
"""Where PC stands in lockup."""

_VTOR = 0xE000_ED08
_WORD_BYTES = 4
_FRAME = (Register.R0, Register.R1, Register.R2, Register.R3, Register.R12, Register.LR)
_FRAME_BYTES = 0x20
_XPSR_ALIGNED = 1 << 9
"""In the stacked xPSR: SP was no multiple of 8, and 4 bytes lie unused above the frame."""

_CONTROL_SPSEL = 1 << 1
_RETURN_TO_MAIN_STACK = 0xFFFF_FFF9
_RETURN_TO_PROCESS_STACK = 0xFFFF_FFFD


class EmulatedExceptions:
    """Enters a HardFault, and starts the core after reset."""

    def __init__(self, core: DebuggedCore, registers: EmulatedRegisters) -> None:
        """Take the core and what the debugger sees of its registers."""
        self._core = core
        self._registers = registers

    def enter_hard_fault(self, pc: int) -> bool:
        """Push the frame and go to the handler, or to 0 where there is no vector table.

        Args:
            pc: of the instruction that faulted.

        Returns:
            Whether the frame could be pushed. SP is moved at any rate.
        """
        sp = self._core.read_register(Register.SP)
        is_on_process_stack = bool(self._core.read_system_register(SystemRegister.CONTROL) & _CONTROL_SPSEL)
        frame = (sp - _FRAME_BYTES) & ~7 & 0xFFFF_FFFF
        xpsr = self._core.read_system_register(SystemRegister.XPSR) | (_XPSR_ALIGNED if sp % 8 else 0)
        words = [*(self._core.read_register(register) for register in _FRAME), pc, xpsr]
        try:
            self._core.write_memory(frame, b"".join(word.to_bytes(_WORD_BYTES, "little") for word in words))
            is_pushed = True
        except RunFailed:
            is_pushed = False
        self._core.write_register(Register.SP, frame)
        if is_on_process_stack:
            control = self._core.read_system_register(SystemRegister.CONTROL)
            self._core.write_system_register(SystemRegister.CONTROL, control & ~_CONTROL_SPSEL)
        value = _RETURN_TO_PROCESS_STACK if is_on_process_stack else _RETURN_TO_MAIN_STACK
        self._core.write_register(Register.LR, value)
        self._core.write_register(Register.PC, self._vector(HARD_FAULT) or 0)
        self._registers.exception = HARD_FAULT
        return is_pushed

    def lock_up(self) -> None:
        """Stand where a core stands that can handle nothing any more."""
        self._core.write_register(Register.PC, LOCKUP_ADDRESS)

    def start(self) -> bool:
        """Take SP and PC from the vector table. Returns whether there is code to run."""
        sp, pc = self._vector(0), self._vector(1)
        self._core.write_register(Register.SP, (sp or 0) & ~3)
        self._core.write_register(Register.PC, (pc or 0) & ~1)
        return pc is not None and bool(pc & 1)

    def _vector(self, number: int) -> int | None:
        """Return a word of the vector table, None where nothing answers."""
        try:
            table = int.from_bytes(self._core.read_memory(_VTOR, _WORD_BYTES), "little") & ~0x7F
            return int.from_bytes(self._core.read_memory(table + _WORD_BYTES * number, _WORD_BYTES), "little")
        except RunFailed:
            return None
