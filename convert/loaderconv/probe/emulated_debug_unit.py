"""The debug registers of an emulated Cortex-M: run control, breakpoints, fault status, reset.

One thread: while the core "runs", each read of DHCSR lets it run one slice. So a run is deterministic, needs no
waiting, and whoever polls decides how long it lasts.

Registers and bits: Armv7-M Architecture Reference Manual, C1.6 (DHCSR, DCRSR, DCRDR, DEMCR), B3.2 (DFSR, HFSR, CFSR);
Armv8-M, D1.2.
"""

from collections.abc import Callable

from loaderconv.hosts.core import Budget, FaultKind, Stop, StopReason
from loaderconv.probe.debugged_core import DebuggedCore
from loaderconv.probe.emulated_breakpoints import EmulatedBreakpoints
from loaderconv.probe.emulated_components import BREAKPOINT_UNIT, WATCHPOINT_UNIT, core_type, identification
from loaderconv.probe.emulated_exception import EmulatedExceptions
from loaderconv.probe.emulated_faults import STACKING_ERROR, fault_status
from loaderconv.probe.emulated_registers import EmulatedRegisters

AIRCR = 0xE000_ED0C
CFSR = 0xE000_ED28
HFSR = 0xE000_ED2C
DFSR = 0xE000_ED30
MMFAR = 0xE000_ED34
BFAR = 0xE000_ED38
DHCSR = 0xE000_EDF0
DCRSR = 0xE000_EDF4
DCRDR = 0xE000_EDF8
DEMCR = 0xE000_EDFC
CYCLE_COUNTER = WATCHPOINT_UNIT + 4

ZERO_AFTER_RESET = (0xE000_E010, 0xE000_ED08, 0xE000_ED14, 0xE000_ED24, 0xE000_ED88, 0xE000_ED94)
"""Words of the core's own that would change what runs next: SysTick's control, VTOR, CCR, SHCSR, CPACR, MPU_CTRL."""

DEBUG_KEY = 0xA05F
C_DEBUGEN = 1 << 0
C_HALT = 1 << 1
C_STEP = 1 << 2
C_MASKINTS = 1 << 3
S_REGRDY = 1 << 16
S_HALT = 1 << 17
S_LOCKUP = 1 << 19
S_RETIRE_ST = 1 << 24
S_RESET_ST = 1 << 25

RESET_KEY = 0x05FA
SYSRESETREQ = 1 << 2
VECTRESET = 1 << 0

VC_CORERESET = 1 << 0
VC_FAULTS = 0x07F0

DFSR_HALTED = 1 << 0
DFSR_BKPT = 1 << 1
DFSR_VCATCH = 1 << 3

SLICE = Budget(instructions=200_000, timeout_ms=20)
STEP = Budget(instructions=1)
REGWNR = 1 << 16
REGSEL = 0x7F


class EmulatedDebugUnit:
    """What a debugger drives of one core.

    Attributes:
        is_halted: whether the debugger holds the core.
        is_locked_up: whether a fault stopped the core for good, until it is halted or reset.
    """

    def __init__(self, core: DebuggedCore, *, cpuid: int, reset: Callable[[], None]) -> None:
        """Take a core that stands still.

        Args:
            core: it.
            cpuid: what it calls itself.
            reset: resets everything around it.
        """
        kind = core_type(cpuid)
        self._core = core
        self._reset_surroundings = reset
        self._identification = identification(cpuid)
        self._registers = EmulatedRegisters(core)
        self._exceptions = EmulatedExceptions(core, self._registers)
        self._breakpoints = EmulatedBreakpoints(kind.breakpoint_revision, kind.breakpoint_count)
        self._faults = dict.fromkeys((HFSR, CFSR, MMFAR, BFAR), 0) if kind.has_fault_status else {}
        self._words = {DCRDR: 0, DEMCR: 0, DFSR: 0, DCRSR: 0}
        self._is_enabled = False
        self._masked_interrupts: int | None = None
        self._is_held = False
        self._was_reset = False
        self._has_run = False
        self.is_locked_up = False
        self.is_halted = True

    # The bus

    def read(self, address: int) -> int | None:
        """Return a word of the debugger's alone; None for one that belongs to the core."""
        if address == DHCSR:
            return self._status()
        for words in (self._words, self._faults, self._identification):
            if address in words:
                return words[address]
        if _is_in(BREAKPOINT_UNIT, address):
            return self._breakpoints.read(address)
        return 0 if _is_in(WATCHPOINT_UNIT, address) and address != CYCLE_COUNTER else None

    def write(self, address: int, value: int) -> bool:
        """Take a word of the debugger's; False for one that belongs to the core."""
        if address == DHCSR:
            self._control(value)
        elif address == DCRSR:
            self._move_register(value)
        elif address == DFSR:
            self._words[DFSR] &= ~value
        elif address in self._words:
            self._words[address] = value
        elif address in self._faults:
            # Status is cleared by ones; the address registers go with it.
            self._faults[address] &= ~value
        elif address == AIRCR and value >> 16 == RESET_KEY and value & (SYSRESETREQ | VECTRESET):
            self.reset()
        elif _is_in(BREAKPOINT_UNIT, address):
            self._breakpoints.write(address, value)
        else:
            return address in self._identification
        return True

    # Reset

    def reset(self) -> None:
        """Reset the chip: all but what belongs to the debugger.

        With vector catch the core halts in front of its first instruction. Otherwise it runs what the vector table
        points to, or locks up where there is none.
        """
        self._reset_surroundings()
        for address in ZERO_AFTER_RESET:
            self._core.write_memory(address, bytes(4))
        self._faults = dict.fromkeys(self._faults, 0)
        self._registers.reset()
        has_code = self._exceptions.start()
        self._was_reset = True
        self._has_run = False
        self.is_halted = False
        self.is_locked_up = False
        if self._words[DEMCR] & VC_CORERESET and self._is_enabled:
            self._halt(DFSR_VCATCH)
        elif not has_code:
            self._lock_up()

    def hold_in_reset(self) -> None:
        """Keep the chip in reset, with its reset pin, until it is reset."""
        self._is_held = True

    def release_from_reset(self) -> None:
        """Let the chip go, if it was held."""
        if self._is_held:
            self._is_held = False
            self.reset()

    # Run control

    def _status(self) -> int:
        if self._is_held:
            return S_RESET_ST | (C_DEBUGEN if self._is_enabled else 0)
        if not self.is_halted and not self.is_locked_up:
            self._has_run = True
            self._take(self._core.run_to_any(self._breakpoints.addresses(), SLICE))
        flags = (
            (C_DEBUGEN, self._is_enabled),
            (C_HALT | S_HALT, self.is_halted),
            (C_MASKINTS, self._masked_interrupts),
            (S_REGRDY, True),
            (S_LOCKUP, self.is_locked_up),
            (S_RETIRE_ST, self._has_run),
            (S_RESET_ST, self._was_reset),
        )
        self._was_reset = False
        self._has_run = False
        return sum(bits for bits, is_set in flags if is_set)

    def _control(self, value: int) -> None:
        if value >> 16 != DEBUG_KEY:
            return
        self._is_enabled = bool(value & C_DEBUGEN)
        self._mask_interrupts(value & C_MASKINTS)
        if self._is_held:
            return
        if value & C_HALT and self._is_enabled:
            if not self.is_halted:
                self.is_locked_up = False
                self._halt(DFSR_HALTED)
        elif not self.is_halted:
            return
        elif value & C_STEP and self._is_enabled:
            self._step()
        else:
            self.is_halted = False

    def _mask_interrupts(self, value: int) -> None:
        if value != self._masked_interrupts:
            self._masked_interrupts = value
            self._core.write_memory(DHCSR, (DEBUG_KEY << 16 | C_DEBUGEN | value).to_bytes(4, "little"))

    def _step(self) -> None:
        self._has_run = True
        self.is_halted = False
        self._take(self._core.run_to_any(self._breakpoints.addresses(), STEP))
        if not self.is_halted:
            self.is_locked_up = False
            self._halt(DFSR_HALTED)

    def _take(self, stop: Stop) -> None:
        """Take over what a run came to; one that used up its slice goes on with the next."""
        if stop.fault is FaultKind.RESET:
            self.reset()
        elif stop.reason is StopReason.BUDGET_EXHAUSTED:
            return
        elif stop.reason is StopReason.FAULT or not self._is_enabled:
            self._fault(stop)
        else:
            self._halt(DFSR_BKPT)

    def _fault(self, stop: Stop) -> None:
        """Be as after the fault on silicon: at the handler where the debugger catches it, else in lockup.

        Without a debugger a BKPT is a fault, too.
        """
        is_pushed = self._exceptions.enter_hard_fault(stop.pc)
        if self._faults:
            status = fault_status(stop)
            self._faults[HFSR] |= status.hard_fault_status
            self._faults[CFSR] |= status.configurable_fault_status | (0 if is_pushed else STACKING_ERROR)
            if status.address is not None:
                self._faults[BFAR] = status.address
        if self._words[DEMCR] & VC_FAULTS and self._is_enabled:
            self._halt(DFSR_VCATCH)
        else:
            self._lock_up()

    def _lock_up(self) -> None:
        self._exceptions.lock_up()
        self.is_locked_up = True

    def _halt(self, why: int) -> None:
        self.is_halted = True
        self._words[DFSR] |= why

    # Registers

    def _move_register(self, value: int) -> None:
        """Move a register to DCRDR or back; a core that runs does not answer."""
        if not self.is_halted:
            return
        if value & REGWNR:
            self._registers.write(value & REGSEL, self._words[DCRDR])
        else:
            self._words[DCRDR] = self._registers.read(value & REGSEL)


def _is_in(component: int, address: int) -> bool:
    return component <= address < component + 0x1000
