"""A parallel NOR memory with the Intel command set: StrataFlash J3 and P30.

Sources: datasheets of 28F128J3 and 28F256P30, chapters "Command definitions", "Status register" and "Block locking".

What it punishes, with the command having no effect, bits of the status register set as silicon does, and a violation
in words: a command while it is busy, an unknown command, a confirmation that does not follow, a write buffer that is
filled against the rules, programming or erasing a locked block. What it only remarks: bits that programming cannot
raise. Suspending, one-time programmable registers and factory programming are not modelled.

An operation takes effect at once, but the memory is busy until its status was read a few times or time has passed; then
it answers with its status until it is told to show its array. Errors stay in the status register until it is cleared.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import ClassVar

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.parallel_nor_array import ERASED_BYTE, LEFTOVER_CYCLES, LEFTOVER_POLLS, ParallelArray
from loaderconv.emulator.devices.parallel_nor_cfi import autoselect_codes, cfi_table
from loaderconv.emulator.devices.parallel_nor_cycle import CODE_ADDRESS_MASK, BusCycle
from loaderconv.emulator.devices.parallel_nor_part import ParallelPart
from loaderconv.emulator.devices.parallel_nor_program import WriteBuffer
from loaderconv.emulator.devices.parallel_nor_status import ERASE_POLLS, PROGRAM_POLLS
from loaderconv.emulator.devices.serial_nor_busy import BusyPeriod
from loaderconv.emulator.start_condition import StartCondition

READ_ARRAY, READ_CODES, CFI_QUERY, READ_STATUS, CLEAR_STATUS = 0xFF, 0x90, 0x98, 0x70, 0x50
PROGRAM, PROGRAM_TOO, BUFFER, ERASE, LOCK_SETUP = 0x40, 0x10, 0xE8, 0x20, 0x60
CONFIRM, LOCK, LOCK_DOWN, CONFIGURE = 0xD0, 0x01, 0x2F, 0x03
RESET_OF_AMD = 0xF0
SR_READY, SR_ERASE_FAILED, SR_PROGRAM_FAILED, SR_LOCKED = 1 << 7, 1 << 5, 1 << 4, 1 << 1
SR_WRONG_SEQUENCE = SR_ERASE_FAILED | SR_PROGRAM_FAILED
LOCK_CODE = 2
_FAILURES = {FlashOperation.ERASE: SR_ERASE_FAILED, FlashOperation.PROGRAM: SR_PROGRAM_FAILED}


class _Mode(Enum):
    ARRAY = auto()
    STATUS = auto()
    CODES = auto()
    CFI = auto()


class IntelNor(ParallelArray):
    """One memory with the Intel command set."""

    def __init__(self, part: ParallelPart, start: StartCondition = StartCondition.AFTER_RESET) -> None:
        """Build an erased memory; of the conditions BUSY matters."""
        super().__init__(part)
        self._busy = BusyPeriod()
        self._operation = FlashOperation.ERASE
        self._errors = 0
        self._mode = _Mode.ARRAY
        self._next: Callable[[BusCycle], None] = self._begin
        self._buffer = WriteBuffer(part)
        self._codes: Mapping[_Mode, Mapping[int, int]] = {
            _Mode.CODES: autoselect_codes(part),
            _Mode.CFI: cfi_table(part),
        }
        self._locked: set[int] = set()
        if part.vendor.is_locked_at_start:
            self._locked.update(
                region.start + number * region.sector_size_bytes
                for region in part.regions
                for number in range(region.count)
            )
        if start is StartCondition.BUSY:
            self._mode = _Mode.STATUS
            self._busy.begin(LEFTOVER_POLLS, LEFTOVER_CYCLES)

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way that ends."""
        return bool(self._busy) and not self._busy.is_hanging

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._busy.pass_time(cycles)

    # The bus

    def read(self, offset: int, width_bytes: int) -> int:
        """Return what is on the data lines; arguments as for ParallelNor."""
        offset %= self.size_bytes
        if self._busy:
            self._busy.poll()
            return 0
        if self._mode is _Mode.STATUS:
            return SR_READY | self._errors
        if self._mode is _Mode.ARRAY:
            return int.from_bytes(self._cells.read(offset, width_bytes), "little")
        address = offset >> 1 & CODE_ADDRESS_MASK
        if self._mode is _Mode.CODES and address == LOCK_CODE:
            return int(self.part.sector(offset)[0] in self._locked)
        return self._codes[self._mode].get(address, ERASED_BYTE) & (1 << 8 * width_bytes) - 1

    def write(self, offset: int, width_bytes: int, value: int) -> None:
        """Take what is on the data lines. Arguments as for `read`."""
        cycle = BusCycle(offset % self.size_bytes, width_bytes, value)
        if self._busy:
            if cycle.command != READ_STATUS:
                self._violation_log.add(f"{cycle} written while busy with {self._operation}")
            return
        step, self._next = self._next, self._begin
        step(cycle)

    def poll_ready_pin(self) -> int:
        """Return the level of STS, and count it as a look at the status."""
        level = 0 if self._busy else 1
        self._busy.poll()
        return level

    # Sequences: each step takes one cycle and says what takes the next

    def _begin(self, cycle: BusCycle) -> None:
        step = self._commands.get(cycle.command)
        if step is not None:
            step(self, cycle)
        elif cycle.command == RESET_OF_AMD:
            self._remark_log.add("reset of the other command set written")
        else:
            self._violation_log.add(f"{cycle} written, which begins no command")

    def _read_array(self, _cycle: BusCycle) -> None:
        self._enter(_Mode.ARRAY, "read array")

    def _read_codes(self, _cycle: BusCycle) -> None:
        self._enter(_Mode.CODES, "read identifier")

    def _query(self, _cycle: BusCycle) -> None:
        self._enter(_Mode.CFI, "CFI query")

    def _read_status(self, _cycle: BusCycle) -> None:
        self._mode = _Mode.STATUS

    def _clear_status(self, _cycle: BusCycle) -> None:
        self._errors = 0

    def _enter(self, mode: _Mode, name: str) -> None:
        self._command_log.add(name)
        self._mode = mode

    def _refuse(self, words: str, errors: int) -> None:
        self._violation_log.add(words)
        self._errors |= errors
        self._mode = _Mode.STATUS

    # Programming

    def _begin_program(self, _cycle: BusCycle) -> None:
        self._mode = _Mode.STATUS
        self._next = self._program_one

    def _program_one(self, cycle: BusCycle) -> None:
        self._program(cycle.offset, cycle.data)

    def _begin_buffer(self, cycle: BusCycle) -> None:
        self._mode = _Mode.STATUS
        self._buffer.begin(cycle.offset)
        self._next = self._take_count

    def _take_count(self, cycle: BusCycle) -> None:
        problem = self._buffer.take_count(cycle.offset, cycle.value + 1, cycle.width_bytes)
        self._go_on_with_buffer(cycle, problem)

    def _fill_buffer(self, cycle: BusCycle) -> None:
        self._go_on_with_buffer(cycle, self._buffer.take(cycle.offset, cycle.data))

    def _go_on_with_buffer(self, cycle: BusCycle, problem: str | None) -> None:
        if problem is None:
            self._next = self._confirm_buffer if self._buffer.is_full else self._fill_buffer
        else:
            self._refuse(f"{cycle} written to the write buffer: {problem}", SR_WRONG_SEQUENCE)

    def _confirm_buffer(self, cycle: BusCycle) -> None:
        if cycle.command == CONFIRM and self._buffer.is_in_sector(cycle.offset):
            self._program(*self._buffer.contents(self._cells.read))
        else:
            self._refuse(f"{cycle} written to the write buffer: the confirmation is missing", SR_WRONG_SEQUENCE)

    def _program(self, offset: int, data: bytes) -> None:
        if self._is_locked(offset, f"program 0x{offset:06x}", SR_PROGRAM_FAILED):
            return
        self._command_log.add_program(offset, len(data))
        self._start(FlashOperation.PROGRAM, PROGRAM_POLLS)
        if self._takes_effect(FlashOperation.PROGRAM):
            self._clear_bits(offset, data)

    # Erasing and locking

    def _begin_erase(self, _cycle: BusCycle) -> None:
        self._mode = _Mode.STATUS
        self._next = self._erase

    def _erase(self, cycle: BusCycle) -> None:
        start, size_bytes = self.part.sector(cycle.offset)
        if cycle.command != CONFIRM:
            self._refuse(f"{cycle} written where an erase is confirmed", SR_WRONG_SEQUENCE)
        elif not self._is_locked(start, f"block erase 0x{start:06x}", SR_ERASE_FAILED):
            self._command_log.add(f"block erase 0x{start:06x}")
            self._start(FlashOperation.ERASE, ERASE_POLLS)
            if self._takes_effect(FlashOperation.ERASE):
                self._cells.fill(start, size_bytes, ERASED_BYTE)

    def _begin_lock(self, _cycle: BusCycle) -> None:
        self._mode = _Mode.STATUS
        self._next = self._change_lock

    def _change_lock(self, cycle: BusCycle) -> None:
        start = self.part.sector(cycle.offset)[0]
        if cycle.command in (LOCK, LOCK_DOWN):
            self._command_log.add(f"lock 0x{start:06x}")
            self._locked.add(start)
        elif cycle.command == CONFIRM and self.part.vendor.is_locked_at_start:
            self._command_log.add(f"unlock 0x{start:06x}")
            self._locked.discard(start)
        elif cycle.command == CONFIRM:
            self._command_log.add("unlock all")
            self._locked.clear()
            self._start(FlashOperation.ERASE, ERASE_POLLS)
        elif cycle.command == CONFIGURE:
            self._command_log.add(f"set configuration 0x{cycle.word_address & 0xFFFF:04x}")
        else:
            self._refuse(f"{cycle} written where a lock command says what it does", SR_WRONG_SEQUENCE)

    def _is_locked(self, offset: int, command: str, error: int) -> bool:
        if self.part.sector(offset)[0] not in self._locked:
            return False
        self._refuse(f"{command} in a locked block", error | SR_LOCKED)
        return True

    def _start(self, operation: FlashOperation, polls: int) -> None:
        self._operation = operation
        self._mode = _Mode.STATUS
        self._busy.begin(polls)

    def _fail(self, operation: FlashOperation) -> None:
        self._errors |= _FAILURES[operation]

    def _hang(self) -> None:
        self._busy.is_hanging = True

    _commands: ClassVar[Mapping[int, Callable[["IntelNor", BusCycle], None]]] = {
        READ_ARRAY: _read_array,
        READ_CODES: _read_codes,
        CFI_QUERY: _query,
        READ_STATUS: _read_status,
        CLEAR_STATUS: _clear_status,
        PROGRAM: _begin_program,
        PROGRAM_TOO: _begin_program,
        BUFFER: _begin_buffer,
        ERASE: _begin_erase,
        LOCK_SETUP: _begin_lock,
    }
