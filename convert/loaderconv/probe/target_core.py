"""A Core for hosts on a target that pyOCD has connected to.

Each register costs several transfers, so a routine is called through a stub in RAM (`call_stub`), and of the registers
only PC is written. What does not return, as a loader of IAR's framework, is started with its registers one by one.
Only public names of pyOCD are used.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyocd.core.exceptions import TransferFaultError
from pyocd.core.target import Target
from pyocd.coresight.cortex_m import CortexM

from loaderconv.hosts.core import Budget, Register, Stop, StopReason
from loaderconv.probe.block_transfers import read_block, write_block
from loaderconv.probe.call_stub import CODE, CallStub
from loaderconv.probe.clean_state import ARMV6M, XPSR_THUMB, clean_core
from loaderconv.probe.failures import probe_failures
from loaderconv.probe.fault_registers import clear_faults, exception_name, fault_words
from loaderconv_schemas.errors import RunFailed

_AFTER_A_STOP = (Register.PC, Register.SP, Register.R9)
"""What hosts look at after a stub of IAR's framework has stopped."""

_FIRST_POLLS = 20
_POLL_INTERVAL_S = 0.001
"""Between polls, once a routine has not ended within the first ones: most end at once, an erase takes long."""

_THUMB_BIT = 1
_BREAKPOINT_OPCODE = 0xBE
_WORD_MASK = 0xFFFF_FFFF

_KEPT = (Register.SP, Register.R9)
"""What a routine hands back as it was."""

_ENDS = CortexM.S_HALT | CortexM.S_LOCKUP | CortexM.S_RESET_ST
"""Bits of DHCSR of which one ends a run."""

_STANDS_STILL = CortexM.S_HALT | CortexM.S_REGRDY
"""Bits of DHCSR of a core that waits for us, and has taken over the register that was written last."""

_PC_NUMBER = 15
"""In DCRSR."""

_RESET_MEANWHILE = "the target was reset while the loader ran"

_EXCEPTION_NUMBER = 0x1FF
_EXCEPTION_RETURN = 0xFF00_0000
_ON_PROCESS_STACK = 1 << 2
_STACKED_PC = 24
"""Offset in the frame (Armv7-M Architecture Reference Manual, B1.5.6)."""


class TargetCore:
    """The core of a target; implements `loaderconv.hosts.core.Core`.

    It has to be halted when it is handed over, and stands still whenever no call of `run` is under way.
    """

    marked_registers: tuple[Register, ...] = ()

    def __init__(self, core: CortexM, stub_address: int) -> None:
        """Take a core.

        Args:
            core: as pyOCD has found it.
            stub_address: of CALL_STUB_BYTES of RAM that nobody else uses; a multiple of 4.
        """
        self._core = core
        self._stub = CallStub(stub_address)
        self._has_fault_status = core.architecture_version[0] > ARMV6M
        self._wanted: dict[Register, int] = {}
        self._held: dict[Register, int] = {}
        self._is_in_thread_mode = False
        self._is_code_new = True
        self._breakpoint: int | None = None
        self._waiting_places: dict[int, bool] = {}

    # Memory

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return bytes. Raises RunFailed where the bus or the probe does not give them."""
        with probe_failures(f"reading memory at 0x{address:08x}"), _bus_failures("read", address, size_bytes):
            self._lift_breakpoint(address, size_bytes)
            return read_block(self._core, address, size_bytes)

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes. Raises RunFailed where the bus or the probe does not take them."""
        self._is_code_new = True
        with probe_failures(f"writing memory at 0x{address:08x}"), _bus_failures("write", address, len(data)):
            self._lift_breakpoint(address, len(data))
            for place in [each for each in self._waiting_places if _is_touched(each, address, len(data))]:
                del self._waiting_places[place]
            write_block(self._core, address, data)

    def _lift_breakpoint(self, address: int, size_bytes: int) -> None:
        """Remove the breakpoint where memory is accessed: in software it hides code, and restores old code later."""
        if self._breakpoint is not None and _is_touched(self._breakpoint, address, size_bytes):
            self.release()

    # Registers

    def read_register(self, register: Register) -> int:
        """Return a core register, 0 to 2**32 - 1."""
        if register in self._wanted:
            return self._wanted[register]
        if register not in self._held:
            with probe_failures(f"reading {register}"):
                self._held[register] = self._core.read_core_register_raw(register) & _WORD_MASK
        return self._held[register]

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register when the core starts next; the value is taken modulo 2**32."""
        value &= _WORD_MASK
        self._wanted[register] = value & ~_THUMB_BIT if register is Register.PC else value

    # Running

    def prepare(self) -> tuple[str, ...]:
        """Reset the target, halt it, and clean what an application may have left.

        Returns:
            What could not be put right, in sentences for the user.

        Raises:
            RunFailed: the target does not answer, or does not halt.
        """
        self._forget()
        with probe_failures("resetting the target"):
            self.release()
            self._waiting_places.clear()
            self._core.reset_and_halt()
            if self._core.get_state() is not Target.State.HALTED:
                raise RunFailed(
                    "The target does not halt after a reset.",
                    hint="Try --connect under-reset; look at the reset pin, and whether the chip is locked.",
                )
            notices = clean_core(self._core)
            if self._has_fault_status:
                clear_faults(self._core.read32, self._core.write32)
            self._core.clear_debug_cause_bits()
        self._is_in_thread_mode = True
        self.write_memory(self._stub.address, CODE)
        return notices

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        """Run from PC to the stop address, a fault, a reset, or the end of the wall clock.

        Raises:
            RunFailed: the probe failed; the core was halted if it could still be reached.
        """
        stop_address &= ~_THUMB_BIT
        is_call = self._wanted.get(Register.LR) == stop_address | _THUMB_BIT
        with probe_failures("starting the loader"):
            is_running = self._start_call() if is_call else self._start(stop_address)
            if not is_running:
                return self._ended(StopReason.FAULT, "the target was reset, or lost power, before the loader ran")
        try:
            if meanwhile is not None:
                meanwhile()
            with probe_failures("the loader ran"):
                state = self._wait(budget.timeout_ms / 1000)
        except BaseException:
            self.halt_anyway()
            raise
        with probe_failures("looking at what the loader came to"):
            return self._stop(state, stop_address, budget, is_call=is_call)

    def halt_anyway(self) -> None:
        """Halt the core if it can be reached; nothing that goes wrong here matters more than what came before."""
        self._forget()
        try:
            self._core.halt()
        except Exception:  # noqa: BLE001 - the failure that led here is the one to tell
            return

    def describe_registers(self) -> str:
        """Return the registers of the halted core for a person, empty where it cannot be reached."""
        names = [*(each.value for each in Register), "xpsr"]
        try:
            values = self._core.read_core_registers_raw(names)
        except Exception:  # noqa: BLE001 - as above
            return ""
        return ", ".join(f"{name} 0x{value & _WORD_MASK:08x}" for name, value in zip(names, values, strict=True))

    def release(self) -> None:
        """Remove the breakpoint that was set."""
        if self._breakpoint is not None:
            self._core.remove_breakpoint(self._breakpoint)
            self._core.bp_manager.flush()
            self._breakpoint = None

    # What a run is made of

    def _start_call(self) -> bool:
        """Call a routine through the stub; False where the core is not under control."""
        kept = {each: value for each, value in self._held.items() if each in _KEPT}
        block = self._stub.block({**kept, **self._wanted}, self._wanted[Register.PC])
        if not self._is_under_control():
            return False
        self._use_new_code()
        self._enter_thread_mode()
        write_block(self._core, self._stub.block_address, block)
        self._core.write32(CortexM.DCRDR, self._stub.address)
        self._core.write32(CortexM.DCRSR, CortexM.DCRSR_REGWnR | _PC_NUMBER)
        self._held = {}
        self._wanted = {}
        return self._go()

    def _start(self, stop_address: int) -> bool:
        """Let the core run from PC as it stands; False where it is not under control."""
        if not self._is_under_control():
            return False
        self._use_new_code()
        self._watch(stop_address)
        self._enter_thread_mode()
        self._write_registers()
        return self._go()

    def _go(self) -> bool:
        """Let the core run; False where it is not under control any more."""
        if not self._is_under_control():
            return False
        self._core.write32(CortexM.DHCSR, CortexM.DBGKEY | CortexM.C_DEBUGEN)
        return True

    def _is_under_control(self) -> bool:
        """Tell whether the core still stands where it was left: after a reset it would run its own firmware."""
        status = self._core.read32(CortexM.DHCSR)
        return status & (_STANDS_STILL | CortexM.S_RESET_ST) == _STANDS_STILL

    def _use_new_code(self) -> None:
        """Have the core fetch what was written since it ran."""
        if self._is_code_new:
            self._core.invalidate_instruction_cache()
            self._is_code_new = False

    def _enter_thread_mode(self) -> None:
        """Leave an exception in which the core was stopped."""
        if not self._is_in_thread_mode:
            self._core.write_core_registers_raw(["xpsr"], [XPSR_THUMB])
            self._is_in_thread_mode = True

    def _watch(self, stop_address: int) -> None:
        """Have the core stop there: a BKPT that waits does, anything else needs a breakpoint."""
        if stop_address == self._breakpoint:
            return
        if self._breakpoint is None and self._waits_at(stop_address):
            return
        self.release()
        if not self._waits_at(stop_address):
            self._core.set_breakpoint(stop_address, Target.BreakpointType.AUTO)
            self._core.bp_manager.flush()
            if self._core.find_breakpoint(stop_address) is None:
                raise RunFailed(
                    f"No breakpoint can be set at 0x{stop_address:08x}, where the loader ends.",
                    hint="Look at power and wiring of the target, and remove breakpoints that other tools have set.",
                )
            self._breakpoint = stop_address

    def _waits_at(self, address: int) -> bool:
        """Tell whether there is a BKPT; looked up once, since a host writes it before its first call."""
        if address not in self._waiting_places:
            self._waiting_places[address] = self._core.read16(address) >> 8 == _BREAKPOINT_OPCODE
        return self._waiting_places[address]

    def _write_registers(self) -> None:
        """Write what hosts want and the core does not hold already."""
        wanted = {each.value: value for each, value in self._wanted.items() if self._held.get(each) != value}
        self._core.write_core_registers_raw(list(wanted), list(wanted.values()))
        self._held = {}
        self._wanted = {}

    def _wait(self, timeout_s: float) -> int:
        """Return DHCSR of the core when it stands still, or at the end of the time."""
        end = time.monotonic() + timeout_s
        for poll in itertools.count():
            status = self._core.read32(CortexM.DHCSR)
            if status & _ENDS or time.monotonic() > end:
                return status
            if poll > _FIRST_POLLS:
                time.sleep(_POLL_INTERVAL_S)
        raise AssertionError("unreachable")

    def _stop(self, status: int, stop_address: int, budget: Budget, *, is_call: bool) -> Stop:
        """Say where and why the core stands still; halt it where it does not."""
        if status & (CortexM.S_RESET_ST | CortexM.S_LOCKUP):
            words = _RESET_MEANWHILE if status & CortexM.S_RESET_ST else "the core is in lockup"
            return self._ended(StopReason.FAULT, words)
        if not status & CortexM.S_HALT:
            return self._ended(StopReason.BUDGET_EXHAUSTED, f"still running after {budget.timeout_ms} ms")
        results = self._results() if is_call else None
        self._held = results or self._registers()
        if results is None and not self._is_under_control():
            return self._ended(StopReason.FAULT, _RESET_MEANWHILE)
        pc = self._held.get(Register.PC, stop_address)
        if pc == stop_address:
            return Stop(StopReason.STOP_ADDRESS, pc)
        if self._core.read32(CortexM.DFSR) & CortexM.DFSR_VCATCH:
            return self._ended(StopReason.FAULT, "")
        self._is_in_thread_mode = False
        return Stop(StopReason.BREAKPOINT_INSTRUCTION, pc)

    def _results(self) -> dict[Register, int] | None:
        """Return what a routine left, None where it has not come back to the stub."""
        results = self._stub.results
        return self._stub.registers(read_block(self._core, results.start, results.size_bytes))

    def _registers(self) -> dict[Register, int]:
        """Return what hosts look at, as the core holds it."""
        values = self._core.read_core_registers_raw([each.value for each in _AFTER_A_STOP])
        return {each: value & _WORD_MASK for each, value in zip(_AFTER_A_STOP, values, strict=True)}

    def _ended(self, reason: StopReason, words: str) -> Stop:
        """Halt the core, and read what it tells of its end. Raises RunFailed where it does not halt."""
        self._core.halt()
        self._forget()
        if not self._core.read32(CortexM.DHCSR) & CortexM.S_HALT:
            raise RunFailed(
                f"The core does not halt: {words}.", hint="Look at the reset pin and the power of the target."
            )
        pc, xpsr, return_address = self._core.read_core_registers_raw(["pc", "xpsr", "lr"])
        told = [words] if words else []
        number = xpsr & _EXCEPTION_NUMBER
        if number:
            told.append(f"in {exception_name(number)}")
            stacked = self._stacked_pc(return_address)
            if stacked is not None:
                pc = stacked
        if self._has_fault_status:
            told += [each for each in (fault_words(self._core.read32),) if each]
            clear_faults(self._core.read32, self._core.write32)
        self._core.clear_debug_cause_bits()
        return Stop(reason, pc & ~_THUMB_BIT & _WORD_MASK, ", ".join(told))

    def _stacked_pc(self, return_address: int) -> int | None:
        """Return where the code was interrupted, from the frame that the exception pushed."""
        if return_address & _EXCEPTION_RETURN != _EXCEPTION_RETURN:
            return None
        name = "psp" if return_address & _ON_PROCESS_STACK else "msp"
        try:
            return self._core.read32(self._core.read_core_register_raw(name) + _STACKED_PC)
        except TransferFaultError:
            return None

    def _forget(self) -> None:
        """Know nothing of the registers any more."""
        self._wanted = {}
        self._held = {}
        self._is_in_thread_mode = False


def _is_touched(instruction: int, address: int, size_bytes: int) -> bool:
    """Tell whether an access covers part of a 16-bit instruction."""
    return address - 1 <= instruction < address + size_bytes


@contextmanager
def _bus_failures(verb: str, address: int, size_bytes: int) -> Iterator[None]:
    """Name the access that the bus refused."""
    try:
        yield
    except TransferFaultError as problem:
        at = problem.fault_address if problem.fault_address is not None else address
        raise RunFailed(
            f"The bus refused to {verb} {size_bytes} bytes at 0x{at:08x}.",
            hint="Is there memory, and is it clocked? Look at --target, --ram and the memory map of the chip.",
        ) from problem
