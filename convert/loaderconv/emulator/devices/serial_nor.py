"""A serial NOR memory: W25Q, MX25, MT25Q, IS25, S25 and the octal MX25LM, MX66UW, MT35X and S28.

Sources: the datasheets named in nor_commands.

What it punishes, with the command having no effect and a violation in words: a command while busy; programming or
erasing without a write enable before; a command on other lines than the mode has them; an address of the wrong length;
an unknown command; programming or erasing what the protection bits protect; and, though they have an effect, data that
wrap around the end of a page and bits that programming cannot raise. A write enable while busy, and a register written
without one, are remarks: what needs them will miss them. The write enable latch falls when an
operation has ended. An operation takes effect at once, but the memory is busy until its status was read a few times
or time has passed. Numbers of dummy cycles are not judged, save that there are some where a command needs them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace as with_changes
from itertools import chain, islice, repeat
from typing import ClassVar

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.nor_commands import (
    Kind,
    NorCommand,
    NorRegister,
)
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES
from loaderconv.emulator.devices.serial_nor_decoder import IgnoredHarmlessly, NotUnderstood, command_for, received
from loaderconv.emulator.devices.serial_nor_frame import Frame
from loaderconv.emulator.devices.serial_nor_identity import identity, size_in_words
from loaderconv.emulator.devices.serial_nor_mode import BusMode, mode_of_register
from loaderconv.emulator.devices.serial_nor_page import page_content, programmed, wants_to_raise_bits
from loaderconv.emulator.devices.serial_nor_part import NorPart
from loaderconv.emulator.devices.serial_nor_state import NorState
from loaderconv.emulator.devices.sparse_bytes import SparseBytes
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.address_range import AddressRange

ERASED_BYTE = 0xFF
PROGRAM_POLLS = 2
ERASE_POLLS = 6
REGISTER_POLLS = 2
LEFTOVER_POLLS = 12
LEFTOVER_CYCLES = 10 * BUSY_CYCLES
"""Of the erase under way that a loader may meet."""

_NONVOLATILE = (
    NorRegister.STATUS_1,
    NorRegister.STATUS_2,
    NorRegister.STATUS_3,
    NorRegister.NONVOLATILE_CONFIGURATION,
)
_WRITTEN_WITHOUT_ENABLE = (NorRegister.BANK, NorRegister.READ_PARAMETERS, NorRegister.EXTENDED_READ_PARAMETERS)
_NO_DATA = b"\xff"


class SerialNor:
    """One memory: a FlashMemory, a SerialMemory, a Peripheral without windows, and Timed.

    Attributes:
        part: what it is.
    """

    def __init__(
        self,
        part: NorPart,
        start: StartCondition = StartCondition.AFTER_RESET,
        *,
        commands: EventLog | None = None,
        violations: EventLog | None = None,
        remarks: EventLog | None = None,
    ) -> None:
        """Build an erased memory.

        Args:
            part: what it is.
            start: QPI (octal DTR for a part that has no QPI), FOUR_BYTE (for a part above 16 MiB, others have no such
                mode) and BUSY matter; others are the controller's.
            commands: where commands are put down; several memories may share one.
            violations: the same for violations.
            remarks: the same for what was ignored and is harmless so far.
        """
        self.part = part
        self._cells = SparseBytes(part.size_bytes, ERASED_BYTE)
        self._state = NorState(part)
        self._command_log = EventLog() if commands is None else commands
        self._violation_log = EventLog() if violations is None else violations
        self._remark_log = EventLog() if remarks is None else remarks
        self._failing: set[FlashOperation] = set()
        self._hanging: set[FlashOperation] = set()
        self._command: NorCommand | None = None
        self._mapped_frame: Frame | None = None
        self._answers: Iterator[int] = repeat(ERASED_BYTE)
        self._address = self._count = 0
        self._incoming = bytearray()
        self._meet(start)

    # What a scenario and the machine see

    @property
    def name(self) -> str:
        """What it is, with its size."""
        return f"serial NOR of {size_in_words(self.part.size_bytes)}"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return self.part.size_bytes

    @property
    def reports_failures(self) -> bool:
        """Whether a register tells that an operation failed."""
        return self.part.vendor.failures is not None

    @property
    def commands(self) -> list[str]:
        """What it was told, in words."""
        return self._command_log.entries

    @property
    def violations(self) -> list[str]:
        """What it ignored, and what it could only do in part."""
        return self._violation_log.entries

    @property
    def remarks(self) -> list[str]:
        """What it ignored without harm: whatever would have needed it is a violation of its own."""
        return self._remark_log.entries

    @property
    def mode(self) -> BusMode:
        """On which lines it expects commands."""
        return self._state.mode

    def windows(self) -> tuple[Window, ...]:
        """Return nothing: only its controller is at an address."""
        return ()

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way that ends."""
        return bool(self._state.busy) and not self._state.busy.is_hanging

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        self._state.busy.pass_time(cycles)

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return self._cells.read(offset, size_bytes)

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        self._cells.write(offset, data)

    def touched(self) -> Iterator[tuple[int, bytes]]:
        """Return offset and content of what was changed since it was built or erased as a whole."""
        return self._cells.touched()

    def fail_next(self, operation: FlashOperation) -> None:
        """Leave the array alone at the next operation of a kind, and report that where the part can."""
        self._failing.add(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Leave the array alone at the next operation of a kind, and stay busy until a reset."""
        self._hanging.add(operation)

    # The bus

    def command_on_wire(self, opcode: int) -> NorCommand | None:
        """Return the command that an opcode with data stands for, None where there is none."""
        return command_for(self.part.vendor, opcode)

    def address_bytes_on_wire(self, command: NorCommand) -> int:
        """Return how many bytes of address a command takes now."""
        return self._state.address_bytes(command.address)

    def start(self, frame: Frame) -> None:
        """Take the head of a transfer."""
        self._mapped_frame = None
        self._count = 0
        self._command = None
        try:
            head = received(frame, self._state, self._violation_log.add)
        except IgnoredHarmlessly as reason:
            self._remark_log.add(str(reason))
            return
        except NotUnderstood as reason:
            if str(reason):
                self._violation_log.add(str(reason))
            return
        self._command, self._address, self._incoming = head.command, head.address, bytearray(head.surplus)
        self._answers = self._answers_to(head.command)

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes; 0xFF where no command was understood."""
        if self._command is None:
            return _NO_DATA * size_bytes
        self._count += size_bytes
        if self._command.kind is not Kind.READ:
            return bytes(islice(self._answers, size_bytes))
        data = self._read_array(self._address, size_bytes)
        self._address = (self._address + size_bytes) % self.size_bytes
        return data

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._incoming += data

    def finish(self) -> None:
        """Do what was asked for, and put it down."""
        command, self._command = self._command, None
        if command is None:
            return
        self._command_log.add(self._in_words(command))
        effect = self._effects.get(command.kind)
        if effect:
            effect(self, command)
        self._state.is_reset_enabled = command.kind is Kind.RESET_ENABLE

    def read_mapped(self, frame: Frame, address: int, size_bytes: int) -> bytes:
        """Return bytes of the array, if the frame is a read that it understands now; else 0xFF."""
        if frame is not self._mapped_frame or self._state.busy:
            self.start(with_changes(frame, address=address))
            command, self._command = self._command, None
            if command is None or command.kind is not Kind.READ:
                return _NO_DATA * size_bytes
            self._command_log.add(f"mapped {command.name}")
            self._mapped_frame = frame
        return self._read_array(self._state.offset(address, frame.address_bytes), size_bytes)

    def _meet(self, start: StartCondition) -> None:
        state = self._state
        state.is_four_byte = start is StartCondition.FOUR_BYTE and self.part.has_four_byte_addresses
        if start is StartCondition.QPI:
            state.mode = BusMode.QPI if self.part.vendor.octal is None else BusMode.OCTAL_DTR
        elif start is StartCondition.BUSY:
            state.busy.begin(LEFTOVER_POLLS, LEFTOVER_CYCLES)

    # Answers

    def _answers_to(self, command: NorCommand) -> Iterator[int]:
        if command.kind is Kind.READ_REGISTER and command.register:
            registers = chain((command.register,), repeat(command.next_register or command.register))
            return (self._register(register) for register in registers)
        return identity(self.part, command.kind, self._address)

    def _register(self, register: NorRegister) -> int:
        if register is NorRegister.BY_ADDRESS:
            return self._state.registers.at_address(self._address)
        return self._state.read_register(register)

    def _read_array(self, address: int, size_bytes: int) -> bytes:
        if address + size_bytes <= self.size_bytes:
            return self._cells.read(address, size_bytes)
        head = self._cells.read(address, self.size_bytes - address)
        return head + self._read_array(0, size_bytes - len(head))

    # Effects

    def _program(self, command: NorCommand) -> None:
        page = self.part.page_size_bytes
        start = self._address & -page
        if not self._may_change(command, AddressRange(start=start, size_bytes=page), FlashOperation.PROGRAM):
            return
        if self._address - start + len(self._incoming) > page:
            self._violation_log.add(f"{self._in_words(command)} wraps around the end of its page")
        wanted = page_content(page, self._address - start, self._incoming)
        old = self._cells.read(start, page)
        if wants_to_raise_bits(old, wanted):
            self._violation_log.add(f"{self._in_words(command)}: bits that are 0 stay 0")
        self._cells.write(start, programmed(old, wanted))

    def _erase(self, command: NorCommand) -> None:
        size_bytes = command.size_bytes or self.part.block_size_bytes
        erased = AddressRange(start=self._address & -size_bytes, size_bytes=size_bytes)
        if self._may_change(command, erased, FlashOperation.ERASE):
            self._cells.fill(erased.start, size_bytes, ERASED_BYTE)

    def _erase_chip(self, command: NorCommand) -> None:
        if self._may_change(command, AddressRange(start=0, size_bytes=self.size_bytes), FlashOperation.ERASE):
            self._cells.fill(0, self.size_bytes, ERASED_BYTE)

    def _may_change(self, command: NorCommand, changed: AddressRange, operation: FlashOperation) -> bool:
        """Begin an operation on the array; return whether the array changes."""
        if not self._has_write_enable(command):
            return False
        state = self._state
        if state.registers.protected.overlaps(changed):
            state.is_write_enabled = False
            self._violation_log.add(f"{self._in_words(command)}, which is protected")
            return False
        if operation in self._hanging:
            self._hanging.discard(operation)
            state.hang()
            return False
        is_program = operation is FlashOperation.PROGRAM
        state.begin(PROGRAM_POLLS if is_program else ERASE_POLLS)
        if operation not in self._failing:
            return True
        self._failing.discard(operation)
        bits = self.part.vendor.failures
        if bits:
            state.registers.report(bits, bits.program if is_program else bits.erase)
        return False

    def _has_write_enable(self, command: NorCommand) -> bool:
        if not self._state.is_write_enabled:
            # A register that stays as it was shows in what needed it; data that are lost do not.
            log = self._violation_log if command.register is None else self._remark_log
            log.add(f"{command.name} without write enable")
        return self._state.is_write_enabled

    def _write_register(self, command: NorCommand) -> None:
        register = command.register
        if register is None or not self._incoming:
            return
        if register in _NONVOLATILE and self._state.is_volatile_write_enabled:
            self._state.registers.write(register, bytes(self._incoming))
        elif register in _WRITTEN_WITHOUT_ENABLE or self._has_write_enable(command):
            self._store(register, bytes(self._incoming))
        self._state.is_volatile_write_enabled = False

    def _store(self, register: NorRegister, data: bytes) -> None:
        state, vendor = self._state, self.part.vendor
        if register in _NONVOLATILE:
            state.begin(REGISTER_POLLS)
        else:
            state.is_write_enabled = False
        if register is NorRegister.BY_ADDRESS:
            state.registers.write_at_address(self._address, data[0])
            mode = mode_of_register(vendor.octal, self._address, data[0]) if vendor.octal else None
            state.mode = mode or state.mode
            return
        state.registers.write(register, data)
        if register is NorRegister.BANK and vendor.address_mode[0] is register:
            state.is_four_byte = bool(data[0] >> vendor.address_mode[1] & 1)
        elif vendor.quad_mode and vendor.quad_mode[0] is register:
            state.mode = BusMode.SPI if data[0] >> vendor.quad_mode[1] & 1 else BusMode.QPI

    def _change_latch(self, command: NorCommand) -> None:
        if command.kind is Kind.VOLATILE_WRITE_ENABLE:
            self._state.is_volatile_write_enabled = True
        else:
            self._state.is_write_enabled = command.kind is Kind.WRITE_ENABLE

    def _change_addresses(self, command: NorCommand) -> None:
        self._state.is_four_byte = command.kind is Kind.ENTER_FOUR_BYTE and self.part.has_four_byte_addresses

    def _change_power(self, command: NorCommand) -> None:
        self._state.is_asleep = command.kind is Kind.POWER_DOWN

    def _change_lines(self, command: NorCommand) -> None:
        if command.kind is Kind.EXIT_QPI:
            self._state.mode = BusMode.SPI if self._state.mode is BusMode.QPI else self._state.mode
        elif self._state.is_quad_enabled:
            self._state.mode = BusMode.QPI
        else:
            self._violation_log.add(f"{command.name} while the quad enable bit is 0")

    def _clear_flags(self, _command: NorCommand) -> None:
        self._state.registers.clear_failures()

    def _reset(self, command: NorCommand) -> None:
        if self._state.is_reset_enabled:
            self._state.reset()
        else:
            self._violation_log.add(f"{command.name} without reset enable")

    _effects: ClassVar[Mapping[Kind, Callable[["SerialNor", NorCommand], None]]] = {
        Kind.PROGRAM: _program,
        Kind.ERASE: _erase,
        Kind.ERASE_CHIP: _erase_chip,
        Kind.WRITE_REGISTER: _write_register,
        Kind.WRITE_ENABLE: _change_latch,
        Kind.WRITE_DISABLE: _change_latch,
        Kind.VOLATILE_WRITE_ENABLE: _change_latch,
        Kind.CLEAR_FLAGS: _clear_flags,
        Kind.ENTER_FOUR_BYTE: _change_addresses,
        Kind.EXIT_FOUR_BYTE: _change_addresses,
        Kind.ENTER_QPI: _change_lines,
        Kind.EXIT_QPI: _change_lines,
        Kind.RESET: _reset,
        Kind.POWER_DOWN: _change_power,
        Kind.RELEASE: _change_power,
    }

    # Words

    def _in_words(self, command: NorCommand) -> str:
        if command.kind is Kind.WRITE_REGISTER:
            return f"{command.name}: {self._incoming.hex(' ')}"
        if command.kind is Kind.READ:
            return f"{command.name} 0x{(self._address - self._count) % self.size_bytes:06x}, {self._count} bytes"
        if command.kind is Kind.PROGRAM:
            return f"{command.name} 0x{self._address:06x}, {len(self._incoming)} bytes"
        if command.kind is Kind.ERASE:
            return f"{command.name} 0x{self._address:06x}"
        return command.name
