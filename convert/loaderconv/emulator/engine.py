"""A Unicorn instance that runs Thumb code until something ends it, and says what did and where.

It runs in slices of a counted number of instructions. Between slices time passes for the devices, and SysTick's
interrupt is delivered; inside of one nothing but Unicorn runs, so code costs next to nothing more than there.

What was measured of Unicorn 2.1.4 and is dealt with here:

- `count` is ignored for code that was translated by a run without it, so it is always given. It also keeps the PC
  right in callbacks.
- Nobody is told how many instructions of a slice were executed when it ends early; so it counts as a whole.
- The translation of code survives a write by the host, and lacks hooks that were added later.
- BKPT and SVC arrive as an interrupt, SVC with PC behind it. WFI ends the run without a word. WFE and YIELD are
  reported as invalid with PC behind them, like an undefined instruction that follows; to answer True may spin for ever.
- Nothing stops inside an IT block: a slice that is to end there goes on to its end, four instructions at most. A stop
  that a callback asks for inside is forgotten, so it is asked for again; it comes at the next branch at the latest.
- UC_HOOK_MEM_READ and UC_HOOK_MEM_WRITE leak ITSTATE into the code behind an IT block, so neither is used.
- A fault inside an IT block leaves ITSTATE behind, and it would hit what the host calls next.
- The FPU is always on. CONTROL.FPCA tells afterwards that it was used.

What is not: LDRD, LDM and STM take unaligned addresses, which silicon does not.
"""

from collections.abc import Callable

from loaderconv.emulator import stop_details, thumb_code, unicorn_binding
from loaderconv.emulator.access import Access, Kind
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.system_control import PRIVATE_PERIPHERAL_BUS, SystemControl, SystemResetRequested
from loaderconv.emulator.exception_entry import EXCEPTION_RETURN, CannotEnter, enter_handler
from loaderconv.emulator.memory_map import PAINT, MemoryMap, Span
from loaderconv.emulator.run_state import FIRST_SLICE_INSTRUCTIONS, GROWTH, LARGEST_SLICE_INSTRUCTIONS, RunState
from loaderconv.emulator.special_registers import SpecialRegisters
from loaderconv.emulator.stop_details import NO_DETAIL, Detail
from loaderconv.emulator.window_access import CoreSide, WindowAccess
from loaderconv.hosts.core import FaultKind, Register, Stop, StopReason

NO_END_ADDRESS = 0xFFFF_FFFE
"""For emu_start, which wants an address to end at: nothing can be executed there."""

THUMB_BIT = 1
CONTROL_FPCA = 1 << 2
CPSR_T = 1 << 5
CPSR_IT = 0x0600_FC00
"""Where Unicorn shows ITSTATE, in the A profile's layout also for an M."""

WAITING_SLICE_INSTRUCTIONS = 2_000
"""While a device is busy for a time."""

HANDLER_INSTRUCTIONS = 200_000
"""A handler of SysTick that runs for longer hangs."""


class Engine:
    """One emulated core with its memory.

    Attributes:
        special_registers: those that debuggers look at.
    """

    def __init__(
        self,
        cpu: CpuModel,
        memory_map: MemoryMap,
        system_control: SystemControl,
        on_access: Callable[[Access], None] | None = None,
    ) -> None:
        """Make the core.

        Args:
            cpu: its model.
            memory_map: RAM and windows.
            system_control: the private peripheral bus, which also tells the time.
            on_access: told of each access of the code to a window, save to that bus.
        """
        self._cpu = cpu
        self._system_control = system_control
        self._on_access = on_access
        self._observers: dict[int, list[Callable[[], None]]] = {}
        self._watched: set[int] = set()
        self._run = RunState(stop_addresses=frozenset(), budget_instructions=0)
        self._stopper: int | None = None
        self._error_type = unicorn_binding.error_type()
        self._access_verbs = unicorn_binding.access_verbs()
        self._register_numbers = unicorn_binding.register_numbers()
        self._control_number = unicorn_binding.register_number("CONTROL")
        self._cpsr_number = unicorn_binding.register_number("CPSR")
        self._primask_number = unicorn_binding.register_number("PRIMASK")
        self._ram = memory_map.ram
        self._uc = unicorn_binding.create(cpu)
        self.special_registers = SpecialRegisters(self._uc)
        for ram in self._ram:
            self._uc.mem_map(ram.start, ram.size_bytes)
            self.write_ram(ram.start, PAINT * (ram.size_bytes // len(PAINT)))
        for span in memory_map.spans():
            self._map(span)
        self._uc.hook_add(unicorn_binding.hook_number("INTR"), self._on_exception)
        self._uc.hook_add(unicorn_binding.hook_number("INSN_INVALID"), self._on_invalid_instruction)
        self._uc.hook_add(unicorn_binding.hook_number("MEM_INVALID"), self._on_invalid_access)

    # From outside

    def read_ram(self, address: int, size_bytes: int) -> bytes:
        """Return bytes of RAM; the range must be mapped."""
        return bytes(self._uc.mem_read(address, size_bytes))

    def write_ram(self, address: int, data: bytes) -> None:
        """Store bytes in RAM; the range must be mapped."""
        self._uc.mem_write(address, data)
        self._uc.ctl_remove_cache(address, address + len(data))

    def read_register(self, register: Register) -> int:
        """Return a core register."""
        return self._uc.reg_read(self._register_numbers[register])

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register; PC with or without the Thumb bit, and as for a new start."""
        if register is Register.PC:
            self._leave_it_block()
            value |= THUMB_BIT
        self._uc.reg_write(self._register_numbers[register], value)

    def observe(self, address: int, callback: Callable[[], None]) -> None:
        """Call `callback` in front of the instruction at an address."""
        if address not in self._observers:
            self._hook(address, self._call_observers)
        self._observers.setdefault(address, []).append(callback)

    def run(self, stop_addresses: frozenset[int], budget_instructions: int) -> Stop:
        """Run from PC to a stop. Raises what a model or an observer raises."""
        for address in stop_addresses - self._watched:
            if not thumb_code.is_breakpoint(self._code_at(address)):
                self._watched.add(address)
                self._hook(address, self._on_watched_address)
        run = self._run = RunState(stop_addresses, budget_instructions)
        self._system_control.begin_run()
        while run.end is None:
            self._run_slice(run)
        reason, pc, detail = run.end
        self._uc.reg_write(self._register_numbers[Register.PC], pc | THUMB_BIT)
        return Stop(reason, pc, detail.words, run.executed, detail.fault, detail.address)

    def forget_floating_point(self) -> None:
        """Let `has_used_floating_point` answer for what is run from now on."""
        control = self._uc.reg_read(self._control_number)
        self._uc.reg_write(self._control_number, control & ~CONTROL_FPCA)

    @property
    def has_used_floating_point(self) -> bool:
        """Whether an instruction of the FPU was executed."""
        return bool(self._uc.reg_read(self._control_number) & CONTROL_FPCA)

    # Slices

    def _run_slice(self, run: RunState) -> None:
        """Run some instructions, let time pass, deliver SysTick's interrupt; `run.end` says whether it is over."""
        left = run.left_instructions
        if left <= 0:
            self._end(StopReason.BUDGET_EXHAUSTED, self._pc(), stop_details.budget_spent(run.executed))
            return
        size = min(self._slice_size(run), left)
        self._emulate(run, size)
        run.executed += size
        if run.escaped is not None:
            raise run.escaped
        if run.is_over:
            return
        pc = self._pc()
        if self._is_idle(pc) and not self._system_control.takes_ticks:
            # No interrupt will ever come: here is where and how the whole budget ends, so spare the time.
            run.executed = run.budget_instructions
            self._end(StopReason.BUDGET_EXHAUSTED, pc, Detail(stop_details.BRANCH_TO_ITSELF))
            return
        self._system_control.let_instructions_pass(size)
        if self._system_control.has_tick_pending and not self._uc.reg_read(self._primask_number) & 1:
            self._system_control.take_tick()
            self._handle_tick(run)

    def _slice_size(self, run: RunState) -> int:
        if run.stepping is not None:
            return 1
        size = run.slice_instructions
        run.slice_instructions = max(FIRST_SLICE_INSTRUCTIONS, min(run.executed // GROWTH, LARGEST_SLICE_INSTRUCTIONS))
        if self._system_control.is_waiting:
            size = min(size, WAITING_SLICE_INSTRUCTIONS)
        return min(size, max(self._system_control.instructions_to_tick, FIRST_SLICE_INSTRUCTIONS))

    def _emulate(self, run: RunState, size: int, end_address: int = NO_END_ADDRESS) -> None:
        """Let Unicorn run until it returns for whatever reason."""
        pc = self._pc()
        run.at_hint = False
        failure = ""
        try:
            self._uc.emu_start(pc | THUMB_BIT, end_address, count=size)
        except self._error_type as error:
            failure = "" if self._is_back_from_tick(self._pc()) else str(error)
        finally:
            self._remove_stopper()
        if run.at_hint:
            # What follows may be undefined, and would be reported like the hint: it is executed alone.
            run.hints += 1
            run.stepping = self._pc()
            run.slice_instructions = FIRST_SLICE_INSTRUCTIONS
        else:
            run.stepping = None
            if failure:
                # Every known cause has ended the run by now, and then this is ignored.
                self._end(StopReason.FAULT, self._pc(), Detail(failure, FaultKind.OTHER))

    def _handle_tick(self, run: RunState) -> None:
        """Run SysTick's handler as the core does, between two instructions."""
        context = self._uc.context_save()
        try:
            handler = enter_handler(self, self._system_control.systick_vector, self._error_type)
        except CannotEnter as problem:
            self._end(StopReason.FAULT, self._pc(), problem.detail)
            return
        run.handles_tick = True
        executed = 0
        while not run.is_over and self._pc() != EXCEPTION_RETURN & ~THUMB_BIT:
            if executed >= HANDLER_INSTRUCTIONS:
                self._end(StopReason.BUDGET_EXHAUSTED, self._pc(), stop_details.handler_hangs(handler))
                return
            size = 1 if run.stepping is not None else max(FIRST_SLICE_INSTRUCTIONS, executed // GROWTH)
            self._emulate(run, size, EXCEPTION_RETURN & ~THUMB_BIT)
            executed += size
            run.executed += size
        if run.escaped is not None:
            raise run.escaped
        if not run.is_over:
            self._uc.context_restore(context)
            run.stepping = None
            run.handles_tick = False

    # Ends: the first one counts

    def _end(self, reason: StopReason, pc: int, detail: Detail = NO_DETAIL) -> None:
        run = self._run
        if not run.is_over:
            run.end = reason, pc, detail
        self._uc.emu_stop()

    def _end_inside(self, reason: StopReason, detail: Detail = NO_DETAIL) -> None:
        """End from a callback inside of an instruction, or in front of it."""
        self._end(reason, self._pc(), detail)
        self._insist()

    def _escape(self, error: BaseException) -> None:
        """End because Python code failed; the error is raised again where `run` was called."""
        if not self._run.is_over:
            self._run.escaped = error
        self._insist()

    def _insist(self) -> None:
        """Ask for a stop now and in front of each instruction to come: inside an IT block Unicorn forgets it.

        Code that was translated already does not know the new hook, so that what follows an IT block in one piece may
        still be executed, to the next branch.
        """
        self._uc.emu_stop()
        if self._stopper is None:
            self._stopper = self._uc.hook_add(unicorn_binding.hook_number("CODE"), lambda *_: self._uc.emu_stop())
            for ram in self._ram:
                self._uc.ctl_remove_cache(ram.start, ram.end)

    def _remove_stopper(self) -> None:
        if self._stopper is not None:
            self._uc.hook_del(self._stopper)
            self._stopper = None

    # Hooks

    def _hook(self, address: int, callback: Callable[..., None]) -> None:
        """Call back in front of one instruction; code elsewhere takes up to twice as long, for Unicorn's own hook."""
        self._uc.hook_add(unicorn_binding.hook_number("CODE"), callback, None, address, address)
        self._uc.ctl_flush_tb()

    def _on_watched_address(self, _uc: object, address: int, _size_bytes: int, _data: object) -> None:
        if address in self._run.stop_addresses:
            self._end_inside(StopReason.STOP_ADDRESS)

    def _call_observers(self, _uc: object, address: int, _size_bytes: int, _data: object) -> None:
        if self._run.is_over or address in self._run.stop_addresses:
            return
        try:
            for callback in tuple(self._observers[address]):
                callback()
        except BaseException as error:  # noqa: BLE001 - raised again by run()
            self._escape(error)

    def _on_exception(self, _uc: object, number: int, _data: object) -> None:
        pc = self._pc()
        if number == stop_details.BREAKPOINT:
            is_wanted = pc in self._run.stop_addresses
            self._end(StopReason.STOP_ADDRESS if is_wanted else StopReason.BREAKPOINT_INSTRUCTION, pc)
        elif self._is_back_from_tick(pc):
            self._uc.emu_stop()
        elif number == stop_details.PREFETCH_ABORT:
            self._end_at_fetch()
        else:
            behind_bytes = thumb_code.SUPERVISOR_CALL_BYTES if number == stop_details.SUPERVISOR_CALL else 0
            self._end(StopReason.FAULT, pc - behind_bytes, stop_details.exception(number, self._cpu))

    def _on_invalid_instruction(self, _uc: object, _data: object) -> bool:
        run = self._run
        pc = self._pc()
        if pc != run.stepping and thumb_code.ends_with_wfe_or_yield(self._code_before(pc)):
            run.at_hint = True
        elif not self._uc.reg_read(self._cpsr_number) & CPSR_T:
            self._end(StopReason.FAULT, pc, stop_details.arm_state(pc, self._return_address()))
        else:
            detail = stop_details.undefined_instruction(self._code_at(pc), self._cpu)
            self._end(StopReason.FAULT, pc, detail)
        return False

    def _on_invalid_access(
        self, _uc: object, access: int, address: int, size_bytes: int, _value: int, _data: object
    ) -> bool:
        verb = self._access_verbs.get(access)
        if verb is None:
            self._end_at_fetch()
        else:
            self._end(StopReason.FAULT, self._pc(), stop_details.data_access(verb, address, size_bytes))
        return False

    def _end_at_fetch(self) -> None:
        """End where no instruction can be fetched; a host may have chosen such a place as its stop address."""
        pc = self._pc()
        if self._is_back_from_tick(pc):
            self._uc.emu_stop()
        elif pc in self._run.stop_addresses:
            self._end(StopReason.STOP_ADDRESS, pc)
        else:
            self._end(StopReason.FAULT, pc, stop_details.instruction_fetch(pc, self._return_address()))

    # Windows

    def _map(self, span: Span) -> None:
        """Map windows as one range: each range costs Unicorn more than to find the window costs us."""
        is_told = span.range.start not in PRIVATE_PERIPHERAL_BUS
        core = CoreSide(self._begins_access, self._pc, self._end_at_nothing, self._end_by_model)
        access = WindowAccess(span, core, self._on_access if is_told else None)
        self._uc.mmio_map(span.range.start, span.range.size_bytes, access.read, None, access.write, None)

    def _begins_access(self) -> bool:
        run = self._run
        run.accesses += 1
        return run.end is None and run.escaped is None

    def _end_at_nothing(self, kind: Kind, address: int, size_bytes: int) -> None:
        verb = stop_details.READ_UNMAPPED if kind == "r" else stop_details.WRITE_UNMAPPED
        self._end_inside(StopReason.FAULT, stop_details.data_access(verb, address, size_bytes))

    def _end_by_model(self, window: Window, offset: int, error: BaseException) -> None:
        if isinstance(error, BusFault):
            detail = stop_details.bus_fault(window.range.start + offset, window.name, str(error))
            self._end_inside(StopReason.FAULT, detail)
        elif isinstance(error, SystemResetRequested):
            self._end_inside(StopReason.FAULT, stop_details.RESET)
        else:
            self._escape(error)

    # Where the core stands

    def _is_back_from_tick(self, pc: int) -> bool:
        """Tell whether SysTick's handler has returned, which Unicorn reports in more than one way."""
        return self._run.handles_tick and pc == EXCEPTION_RETURN & ~THUMB_BIT

    def _leave_it_block(self) -> None:
        cpsr = self._uc.reg_read(self._cpsr_number)
        self._uc.reg_write(self._cpsr_number, cpsr & ~CPSR_IT)

    def _pc(self) -> int:
        return self.read_register(Register.PC)

    def _return_address(self) -> int:
        return self.read_register(Register.LR)

    def _is_idle(self, pc: int) -> bool:
        """Tell whether the core stands at a branch to itself that is where no run is meant to end."""
        return pc not in self._run.stop_addresses and thumb_code.branches_to_itself(self._code_at(pc))

    def _code_at(self, address: int) -> bytes:
        """Return the four bytes of code at an address, zeros for what is not in RAM."""
        return self._halfword(address) + self._halfword(address + 2)

    def _code_before(self, address: int) -> bytes:
        """Return the four bytes of code in front of an address, zeros for what is not in RAM."""
        return self._halfword(address - 4) + self._halfword(address - 2)

    def _halfword(self, address: int) -> bytes:
        try:
            return self.read_ram(address, 2)
        except (self._error_type, ValueError, OverflowError):
            return bytes(2)
