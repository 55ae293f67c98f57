"""A Unicorn instance that runs Thumb code until something ends it, and knows exactly what did and where.

Unicorn alone stops in many ways, some of them wrong, and tells nobody what it counts. One hook in front of every
instruction gives what is missing: the number of instructions, the address of the one that faulted, and whether an
"invalid instruction" was really executed. That costs speed; a few million instructions per second are left.

What was measured of Unicorn 2.1.4 and is dealt with here:

- `count` is ignored for code that was translated by a run without it, so it is always given.
- The translation of code survives a write by the host.
- BKPT and SVC arrive as an interrupt, SVC with PC behind it. WFI ends the run without a word. WFE and YIELD are
  reported as invalid with PC behind them; to answer True may spin for ever.
- Nothing stops inside an IT block: a run that is to end there goes on to its end, four instructions at most.
- UC_HOOK_MEM_READ and UC_HOOK_MEM_WRITE leak ITSTATE into the code behind an IT block, so neither is used.
- A fault inside an IT block leaves ITSTATE behind, and it would hit what the host calls next.
- The FPU is always on. CONTROL.FPCA tells afterwards that it was used.

What is not: LDRD, LDM and STM take unaligned addresses, which silicon does not.
"""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator import stop_details, thumb_code, unicorn_binding
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.system_control import SystemResetRequested
from loaderconv.emulator.memory_map import PAINT, MemoryMap
from loaderconv.hosts.core import Register, Stop, StopReason

NO_END_ADDRESS = 0xFFFF_FFFE
"""For emu_start, which wants an address to end at: nothing can be executed there."""

THUMB_BIT = 1
CONTROL_FPCA = 1 << 2
CPSR_T = 1 << 5
CPSR_IT = 0x0600_FC00
"""Where Unicorn shows ITSTATE, in the A profile's layout also for an M."""


@dataclass
class _Run:
    """What is known of a run while it lasts.

    Attributes:
        stop_address: where it shall end.
        watched_address: the same if no breakpoint instruction is there to end it, else None.
        budget_instructions: after how many it ends.
        started: instructions begun, among them the one that does not complete.
        last_address: address of the one begun last.
        stop: how it ended.
        escaped: what a model or an observer raised.
        at_hint: Unicorn gave up at a hint that it does not know, which is no reason to end.
    """

    stop_address: int
    watched_address: int | None
    budget_instructions: int
    started: int = 0
    last_address: int | None = None
    stop: Stop | None = None
    escaped: BaseException | None = None
    at_hint: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing that still happens counts."""
        return self.stop is not None or self.escaped is not None


class Engine:
    """One emulated core with its memory.

    Attributes:
        observers: what to call in front of the instruction at an address.
    """

    def __init__(self, cpu: CpuModel, memory_map: MemoryMap) -> None:
        self.observers: dict[int, list[Callable[[], None]]] = {}
        self._cpu = cpu
        self._run = _Run(stop_address=0, watched_address=None, budget_instructions=0)
        self._error_type = unicorn_binding.error_type()
        self._access_verbs = unicorn_binding.access_verbs()
        self._register_numbers = unicorn_binding.register_numbers()
        self._control_number = unicorn_binding.register_number("CONTROL")
        self._cpsr_number = unicorn_binding.register_number("CPSR")
        self._uc = unicorn_binding.create(cpu)
        for ram in memory_map.ram:
            self._uc.mem_map(ram.start, ram.size_bytes)
            self.write_ram(ram.start, PAINT * (ram.size_bytes // len(PAINT)))
        for window in memory_map.windows:
            self._map_window(window)
        self._add_hooks()

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

    def run(self, stop_address: int, budget_instructions: int) -> Stop:
        """Run from PC to a stop. Raises what a model or an observer raises."""
        watched_address = None if thumb_code.is_breakpoint(self._code_at(stop_address)) else stop_address
        run = self._run = _Run(stop_address, watched_address, budget_instructions)
        while run.stop is None:
            self._emulate(run)
        self._uc.reg_write(self._register_numbers[Register.PC], run.stop.pc | THUMB_BIT)
        return run.stop

    def forget_floating_point(self) -> None:
        """Let `has_used_floating_point` answer for what is run from now on."""
        control = self._uc.reg_read(self._control_number)
        self._uc.reg_write(self._control_number, control & ~CONTROL_FPCA)

    @property
    def has_used_floating_point(self) -> bool:
        """Whether an instruction of the FPU was executed."""
        return bool(self._uc.reg_read(self._control_number) & CONTROL_FPCA)

    # One stretch of a run

    def _emulate(self, run: _Run) -> None:
        """Let Unicorn run until it returns for whatever reason; `run.stop` says whether it was one to end."""
        left_instructions = run.budget_instructions - run.started
        if left_instructions <= 0:
            detail = stop_details.budget_spent(run.started)
            self._end_before(StopReason.BUDGET_EXHAUSTED, self._pc(), detail)
            return
        started_before = run.started
        failure = self._start(left_instructions)
        if run.escaped is not None:
            raise run.escaped
        if run.at_hint:
            run.at_hint = False
        elif failure or run.started == started_before:
            # Every known cause has ended the run by now, and then this is ignored.
            self._end_before(StopReason.FAULT, self._pc(), failure or "no instruction could be executed")

    def _start(self, left_instructions: int) -> str:
        """Return the message of Unicorn's error, empty if there was none."""
        try:
            self._uc.emu_start(self._pc() | THUMB_BIT, NO_END_ADDRESS, count=left_instructions)
        except self._error_type as error:
            return str(error)
        return ""

    # Ends: the first one counts

    def _end_at_instruction(self, reason: StopReason, detail: str = "") -> None:
        """End at the instruction that was begun last and does not complete."""
        run = self._run
        if run.last_address is None:
            self._end(Stop(reason, self._pc(), detail, instructions=0))
        else:
            self._end(Stop(reason, run.last_address, detail, run.started - 1))

    def _end_before(self, reason: StopReason, pc: int, detail: str = "") -> None:
        """End in front of `pc`, when the instruction that was begun last has completed."""
        self._end(Stop(reason, pc, detail, self._run.started))

    def _end(self, stop: Stop) -> None:
        if not self._run.is_over:
            self._run.stop = stop
        self._uc.emu_stop()

    def _escape(self, error: BaseException) -> None:
        """End because Python code failed; the error is raised again where `run` was called."""
        if not self._run.is_over:
            self._run.escaped = error
        self._uc.emu_stop()

    # Hooks

    def _add_hooks(self) -> None:
        self._uc.hook_add(unicorn_binding.hook_number("CODE"), self._before_instruction)
        self._uc.hook_add(unicorn_binding.hook_number("INTR"), self._on_exception)
        self._uc.hook_add(unicorn_binding.hook_number("INSN_INVALID"), self._on_invalid_instruction)
        self._uc.hook_add(unicorn_binding.hook_number("MEM_INVALID"), self._on_invalid_access)

    def _before_instruction(self, _uc: object, address: int, _size_bytes: int, _data: object) -> None:
        run = self._run
        if run.is_over:
            return
        run.started += 1
        previous_address, run.last_address = run.last_address, address
        if address == run.watched_address:
            self._end_at_instruction(StopReason.STOP_ADDRESS)
        elif address in self.observers:
            self._call_observers(address)
        elif address == previous_address and thumb_code.branches_to_itself(self._code_at(address)):
            # No interrupt will ever come: here is where and how the whole budget ends, so spare the time.
            spent = run.budget_instructions
            self._end(Stop(StopReason.BUDGET_EXHAUSTED, address, stop_details.BRANCH_TO_ITSELF, spent))

    def _call_observers(self, address: int) -> None:
        try:
            for callback in tuple(self.observers[address]):
                callback()
        except BaseException as error:  # noqa: BLE001 - raised again by run()
            self._escape(error)

    def _on_exception(self, _uc: object, number: int, _data: object) -> None:
        run = self._run
        if number == stop_details.BREAKPOINT:
            is_wanted = run.last_address == run.stop_address
            self._end_at_instruction(StopReason.STOP_ADDRESS if is_wanted else StopReason.BREAKPOINT_INSTRUCTION)
        elif number == stop_details.PREFETCH_ABORT:
            self._end_at_fetch()
        else:
            self._end_at_instruction(StopReason.FAULT, stop_details.exception(number, self._cpu))

    def _on_invalid_instruction(self, _uc: object, _data: object) -> bool:
        run = self._run
        pc = self._pc()
        if self._is_behind_hint(pc):
            run.at_hint = True
        elif not self._uc.reg_read(self._cpsr_number) & CPSR_T:
            self._end_before(StopReason.FAULT, pc, stop_details.arm_state(pc, run.last_address))
        else:
            detail = stop_details.undefined_instruction(self._code_at(pc), self._cpu)
            self._end_at_instruction(StopReason.FAULT, detail)
        return False

    def _on_invalid_access(
        self, _uc: object, access: int, address: int, size_bytes: int, _value: int, _data: object
    ) -> bool:
        verb = self._access_verbs.get(access)
        if verb is None:
            self._end_at_fetch()
        else:
            self._end_at_instruction(StopReason.FAULT, stop_details.data_access(verb, address, size_bytes))
        return False

    def _end_at_fetch(self) -> None:
        """End where no instruction can be fetched; a host may have chosen such a place as its stop address."""
        run = self._run
        pc = self._pc()
        if pc == run.stop_address:
            self._end_before(StopReason.STOP_ADDRESS, pc)
        else:
            self._end_before(StopReason.FAULT, pc, stop_details.instruction_fetch(pc, run.last_address))

    # Windows

    def _map_window(self, window: Window) -> None:
        def read(_uc: object, offset: int, size_bytes: int, _data: object) -> int:
            if self._run.is_over:
                return 0
            try:
                return window.read(offset, size_bytes)
            except BaseException as error:  # noqa: BLE001 - raised again by run(), if it is not the model's answer
                self._end_by_model(window, offset, error)
                return 0

        def write(_uc: object, offset: int, size_bytes: int, value: int, _data: object) -> None:
            if self._run.is_over:
                return
            try:
                window.write(offset, size_bytes, value)
            except BaseException as error:  # noqa: BLE001 - as above
                self._end_by_model(window, offset, error)

        self._uc.mmio_map(window.range.start, window.range.size_bytes, read, None, write, None)

    def _end_by_model(self, window: Window, offset: int, error: BaseException) -> None:
        if isinstance(error, BusFault):
            detail = stop_details.bus_fault(window.range.start + offset, window.name, str(error))
            self._end_at_instruction(StopReason.FAULT, detail)
        elif isinstance(error, SystemResetRequested):
            self._end_at_instruction(StopReason.FAULT, stop_details.RESET)
        else:
            self._escape(error)

    # Where the core stands

    def _leave_it_block(self) -> None:
        cpsr = self._uc.reg_read(self._cpsr_number)
        self._uc.reg_write(self._cpsr_number, cpsr & ~CPSR_IT)

    def _pc(self) -> int:
        return self.read_register(Register.PC)

    def _code_at(self, address: int) -> bytes:
        """Return the four bytes of code at an address, zeros for what is not in RAM."""
        code = b""
        for halfword_address in range(address, address + thumb_code.WIDEST_INSTRUCTION_BYTES, 2):
            try:
                code += self.read_ram(halfword_address, 2)
            except self._error_type:
                code += bytes(2)
        return code

    def _is_behind_hint(self, pc: int) -> bool:
        last_address = self._run.last_address
        if last_address is None or pc == last_address:
            return False
        return pc == last_address + thumb_code.size_of_wfe_or_yield(self._code_at(last_address))
