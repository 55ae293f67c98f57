"""A parallel NOR memory with the AMD command set: S29GL, M29W, M29EW, MX29GL.

Source: datasheets S29GL-P, M29W128G and MX29GL128F, chapter "Command definitions". Sectors that are not described are
made up, nothing is protected. What it punishes, with the command having no effect and a violation in words: a command
while it is busy, an unlock sequence that is broken off, an unknown command, a write buffer that is filled against the
rules, a command other than reset while codes are read. What it only remarks: bits that programming cannot raise.
Erase suspend, protection, one-time programmable and deep power-down commands are not modelled.

An operation takes effect at once, but the memory is busy until its status or its RY/BY# pin was read a few times or
time has passed. A failed one keeps it busy with DQ5 set until it is reset.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import ClassVar

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.parallel_nor_array import ERASED_BYTE, LEFTOVER_CYCLES, LEFTOVER_POLLS, ParallelArray
from loaderconv.emulator.devices.parallel_nor_cfi import autoselect_codes, cfi_table
from loaderconv.emulator.devices.parallel_nor_cycle import (
    AUTOSELECT,
    BUFFER,
    BYPASS,
    CFI_ADDRESS,
    CFI_QUERY,
    CODE_ADDRESS_MASK,
    CONFIRM_BUFFER,
    ERASE_CHIP,
    ERASE_SECTOR,
    ERASE_SETUP,
    LEAVE_BYPASS,
    LEAVE_BYPASS_SETUP,
    PROGRAM,
    RESET,
    RESET_OF_INTEL,
    UNLOCK_1,
    UNLOCK_2,
    UNLOCK_ADDRESS_MASK,
    BusCycle,
)
from loaderconv.emulator.devices.parallel_nor_part import ParallelPart
from loaderconv.emulator.devices.parallel_nor_program import WriteBuffer
from loaderconv.emulator.devices.parallel_nor_status import OperationStatus
from loaderconv.emulator.start_condition import StartCondition

ABORTED = "something else than its own reset sequence written after an aborted write buffer"


class _Mode(Enum):
    ARRAY = auto()
    AUTOSELECT = auto()
    CFI = auto()


class ParallelNor(ParallelArray):
    """One memory with the AMD command set."""

    def __init__(self, part: ParallelPart, start: StartCondition = StartCondition.AFTER_RESET) -> None:
        """Build an erased memory; of the conditions BUSY matters."""
        super().__init__(part)
        self._status = OperationStatus()
        self._codes: Mapping[_Mode, Mapping[int, int]] = {
            _Mode.AUTOSELECT: autoselect_codes(part),
            _Mode.CFI: cfi_table(part),
        }
        self._mode = _Mode.ARRAY
        self._is_bypassed = False
        self._next: Callable[[BusCycle], None] = self._begin
        self._buffer = WriteBuffer(part)
        self._being_erased: set[int] = set()
        self._does_erase = True
        if start is StartCondition.BUSY:
            self._status.begin_erase(has_window=False, polls=LEFTOVER_POLLS, cycles=LEFTOVER_CYCLES)

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way that ends."""
        return self._status.is_waiting

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._status.pass_time(cycles)

    # The bus

    def read(self, offset: int, width_bytes: int) -> int:
        """Return what is on the data lines.

        Args:
            offset: address in bytes; lines that the memory does not have do not count.
            width_bytes: of the bus, 1 or 2; a multiple of it is in `offset`.
        """
        offset %= self.size_bytes
        if self._status:
            return self._status.read(is_erased_sector=self.part.sector(offset)[0] in self._being_erased)
        if self._mode is _Mode.ARRAY:
            return int.from_bytes(self._cells.read(offset, width_bytes), "little")
        code = self._codes[self._mode].get(offset >> 1 & CODE_ADDRESS_MASK, ERASED_BYTE)
        return code & (1 << 8 * width_bytes) - 1

    def write(self, offset: int, width_bytes: int, value: int) -> None:
        """Take what is on the data lines. Arguments as for `read`."""
        cycle = BusCycle(offset % self.size_bytes, width_bytes, value)
        if self._status and not self._is_taken_while_busy(cycle):
            return
        step, self._next = self._next, self._begin
        step(cycle)

    def poll_ready_pin(self) -> int:
        """Return the level of RY/BY#, and count it as a look at the status."""
        status = self._status
        is_released = status.has_failed and self.part.vendor.is_ready_after_failure
        level = 0 if status and not is_released else 1
        status.poll()
        return level

    def _is_taken_while_busy(self, cycle: BusCycle) -> bool:
        """Deal with a write that meets status; return whether a command sequence goes on with it."""
        status = self._status
        if status.is_aborted:
            # Only the sequence of unlock cycles and reset leads out.
            return True
        if cycle.command == RESET:
            if status.has_failed:
                self._reset(cycle)
            else:
                self._remark_log.add(f"reset written while busy with {status.operation}")
            return False
        if status.is_window_open and cycle.command == ERASE_SECTOR:
            self._erase_sector(cycle)
            return False
        state = "a failure waits for a reset" if status.has_failed else f"busy with {status.operation}"
        self._violation_log.add(f"{cycle} written while {state}")
        return False

    # Sequences: each step takes one cycle and says what takes the next

    def _begin(self, cycle: BusCycle) -> None:
        if cycle.is_unlock(UNLOCK_1):
            self._next = self._unlock
        elif self._status.is_aborted:
            self._violation_log.add(ABORTED)
        elif cycle.command == RESET:
            self._reset(cycle)
        elif cycle.command == CFI_QUERY and cycle.word_address & CODE_ADDRESS_MASK == CFI_ADDRESS:
            self._enter(_Mode.CFI, "CFI query")
        elif self._is_bypassed and cycle.command in self._bypassed_commands:
            self._bypassed_commands[cycle.command](self, cycle)
        elif cycle.command == RESET_OF_INTEL:
            self._remark_log.add("reset of the other command set written")
        else:
            self._violation_log.add(f"{cycle} written, which begins no command")

    def _unlock(self, cycle: BusCycle) -> None:
        if cycle.is_unlock(UNLOCK_2):
            self._next = self._command
        else:
            self._violation_log.add(f"{cycle} written where the second unlock cycle belongs")

    def _command(self, cycle: BusCycle) -> None:
        if cycle.command == RESET:
            self._reset(cycle)
            return
        if self._status.is_aborted:
            self._violation_log.add(ABORTED)
            return
        if cycle.command != BUFFER and cycle.word_address & UNLOCK_ADDRESS_MASK != UNLOCK_1[0]:
            self._violation_log.add(f"{cycle} written, a command at a wrong address")
            return
        step = self._commands.get(cycle.command)
        if step is None:
            self._violation_log.add(f"{cycle} written, an unknown command")
        elif self._mode is not _Mode.ARRAY and cycle.command != AUTOSELECT:
            self._violation_log.add(f"{cycle} written while codes are read: no reset before")
        else:
            step(self, cycle)

    def _reset(self, _cycle: BusCycle) -> None:
        self._command_log.add("reset")
        self._status.end()
        self._mode = _Mode.ARRAY

    def _enter(self, mode: _Mode, name: str) -> None:
        self._command_log.add(name)
        self._mode = mode

    def _autoselect(self, _cycle: BusCycle) -> None:
        self._enter(_Mode.AUTOSELECT, "autoselect")

    def _enter_bypass(self, _cycle: BusCycle) -> None:
        self._command_log.add("unlock bypass")
        self._is_bypassed = True

    def _begin_leaving_bypass(self, _cycle: BusCycle) -> None:
        self._next = self._leave_bypass

    def _leave_bypass(self, cycle: BusCycle) -> None:
        if cycle.command == LEAVE_BYPASS:
            self._command_log.add("unlock bypass reset")
            self._is_bypassed = False
        else:
            self._violation_log.add(f"{cycle} written where 0x00 ends the unlock bypass")

    # Programming

    def _begin_program(self, _cycle: BusCycle) -> None:
        self._next = self._program_one

    def _program_one(self, cycle: BusCycle) -> None:
        self._program(cycle.offset, cycle.data, cycle.command)

    def _begin_buffer(self, cycle: BusCycle) -> None:
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
            self._abort_buffer(cycle, problem)

    def _confirm_buffer(self, cycle: BusCycle) -> None:
        if cycle.command != CONFIRM_BUFFER or not self._buffer.is_in_sector(cycle.offset):
            self._abort_buffer(cycle, "the confirmation is missing")
            return
        offset, data = self._buffer.contents(self._cells.read)
        self._program(offset, data, self._buffer.last_byte)

    def _abort_buffer(self, cycle: BusCycle, problem: str) -> None:
        self._violation_log.add(f"{cycle} written to the write buffer: {problem}")
        self._status.abort(cycle.command)

    def _program(self, offset: int, data: bytes, last_byte: int) -> None:
        self._command_log.add_program(offset, len(data))
        self._status.begin_program(last_byte)
        if self._takes_effect(FlashOperation.PROGRAM):
            self._clear_bits(offset, data)

    # Erasing

    def _begin_erase(self, _cycle: BusCycle) -> None:
        self._next = self._erase if self._is_bypassed else self._unlock_erase

    def _unlock_erase(self, cycle: BusCycle) -> None:
        if cycle.is_unlock(UNLOCK_1):
            self._next = self._unlock_erase_again
        else:
            self._violation_log.add(f"{cycle} written where an erase has its third unlock cycle")

    def _unlock_erase_again(self, cycle: BusCycle) -> None:
        if cycle.is_unlock(UNLOCK_2):
            self._next = self._erase
        else:
            self._violation_log.add(f"{cycle} written where an erase has its fourth unlock cycle")

    def _erase(self, cycle: BusCycle) -> None:
        if cycle.command == ERASE_SECTOR:
            self._being_erased.clear()
            self._status.begin_erase(has_window=True)
            self._does_erase = self._takes_effect(FlashOperation.ERASE)
            self._erase_sector(cycle)
        elif cycle.command == ERASE_CHIP:
            self._erase_chip()
        else:
            self._violation_log.add(f"{cycle} written where an erase says what it erases")

    def _erase_sector(self, cycle: BusCycle) -> None:
        start, size_bytes = self.part.sector(cycle.offset)
        self._command_log.add(f"sector erase 0x{start:06x}")
        self._being_erased.add(start)
        if self._does_erase:
            self._cells.fill(start, size_bytes, ERASED_BYTE)

    def _erase_chip(self) -> None:
        self._command_log.add("chip erase")
        self._being_erased = {self.part.sector(0)[0]}
        self._status.begin_erase(has_window=False)
        if self._takes_effect(FlashOperation.ERASE):
            self._cells.fill(0, self.size_bytes, ERASED_BYTE)

    def _fail(self, _operation: FlashOperation) -> None:
        self._status.fail()

    def _hang(self) -> None:
        self._status.hang()

    _commands: ClassVar[Mapping[int, Callable[["ParallelNor", BusCycle], None]]] = {
        PROGRAM: _begin_program,
        BUFFER: _begin_buffer,
        ERASE_SETUP: _begin_erase,
        AUTOSELECT: _autoselect,
        BYPASS: _enter_bypass,
    }
    _bypassed_commands: ClassVar[Mapping[int, Callable[["ParallelNor", BusCycle], None]]] = {
        PROGRAM: _begin_program,
        BUFFER: _begin_buffer,
        ERASE_SETUP: _begin_erase,
        LEAVE_BYPASS_SETUP: _begin_leaving_bypass,
    }
