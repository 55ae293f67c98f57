"""The rules of QUADSPI and OCTOSPI that do not depend on where their registers lie.

Sources: RM0433 (STM32H7), chapter QUADSPI; RM0432 (STM32L4+) and RM0477 (STM32H7R/S), chapters OCTOSPI and XSPI.

- A transfer starts with the last thing that it needs: the instruction where neither address nor data go out, the
  address where no data go out, else the first byte in the data register. Automatic polling starts like a read.
- While BUSY, only control, flags and data registers take anything; the rest is ignored, and a violation.
- In memory-mapped mode BUSY rises with the first access and stays until an abort, or until the controller is off.
- An address beyond the size that the controller was told: a transfer error and nothing sent; a bus error if
  memory-mapped.
- A memory-mapped access in any other mode: a bus error. A memory-mapped write: ignored, and a violation.
- Without a clock registers read as 0 and take nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.serial_nor_frame import DualSerialMemory, Frame, Parts
from loaderconv.emulator.devices.serial_transfer import CLEARABLE, Flag, Match, SerialTransfer
from loaderconv_schemas.address_range import AddressRange

REGISTERS_SIZE_BYTES = 0x400
MAPPED_SIZE_BYTES = 256 << 20
WORD_BYTES = 4
WORD_MASK = 0xFFFF_FFFF
UNLIMITED = 0xFFFF_FFFF
"""Data length for "up to the end of the memory"."""


class Control(IntEnum):
    """Bits of the control register that both controllers have in the same place."""

    EN = 1 << 0
    ABORT = 1 << 1
    DUAL = 1 << 6
    SECOND = 1 << 7
    THRESHOLD_SHIFT = 8
    APMS = 1 << 22
    PMM = 1 << 23


class FunctionalMode(IntEnum):
    """FMODE."""

    INDIRECT_WRITE = 0
    INDIRECT_READ = 1
    POLLING = 2
    MAPPED = 3


@dataclass(frozen=True)
class ControllerLayout:
    """Where registers lie, in bytes.

    Attributes:
        name: of the controller.
        control: CR.
        size: DCR or DCR1, with the size field in bits 20 to 16.
        status: SR.
        clear: FCR.
        length: DLR.
        instruction: the register whose write may start a transfer: CCR, or IR.
        address: AR.
        data: DR.
        mask: PSMKR.
        match: PSMAR.
        known: every offset at which there is a register.
        threshold_mask: of FTHRES, after shifting.
    """

    name: str
    control: int
    size: int
    status: int
    clear: int
    length: int
    instruction: int
    address: int
    data: int
    mask: int
    match: int
    known: frozenset[int]
    threshold_mask: int = 0x1F


class SerialController(ABC):
    """A controller between the bus and a serial memory; a Peripheral with two windows."""

    layout: ControllerLayout

    def __init__(
        self,
        memory: DualSerialMemory,
        registers_base: int,
        mapped_base: int,
        *,
        is_mapped_at_start: bool = False,
        is_clocked: Callable[[], bool] = lambda: True,
    ) -> None:
        """Build a controller as a reset leaves it.

        Args:
            memory: what stands at its lines.
            registers_base: address of its registers.
            mapped_base: address of its memory-mapped region of 256 MiB.
            is_mapped_at_start: whether an application has been reading through the memory-mapped region.
            is_clocked: asked before each access.
        """
        self._memory = memory
        self._bases = (registers_base, mapped_base)
        self._is_clocked = is_clocked
        self._violation_log = EventLog()
        self._registers = dict.fromkeys(self.layout.known, 0)
        self._transfer = SerialTransfer(memory, self._remark)
        self._is_mapped_in_use = False
        self._mapped_frame: Frame | None = None
        if is_mapped_at_start:
            self._leave_mapped()

    @property
    def violations(self) -> list[str]:
        """What silicon would ignore or punish, in order."""
        return self._violation_log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return registers and memory-mapped region."""
        registers_base, mapped_base = self._bases
        registers = AddressRange(start=registers_base, size_bytes=REGISTERS_SIZE_BYTES)
        mapped = AddressRange(start=mapped_base, size_bytes=MAPPED_SIZE_BYTES)
        return (
            Window(f"{self.layout.name} registers", registers, self._read_register, self._write_register),
            Window(f"{self.layout.name} memory-mapped region", mapped, self._read_mapped, self._write_mapped),
        )

    def reset(self) -> None:
        """Be as after a reset of the peripheral; the memory does not notice."""
        self._transfer.abort()
        self._transfer.flags = Flag(0)
        self._registers = dict.fromkeys(self.layout.known, 0)
        self._is_mapped_in_use = False
        self._mapped_frame = None

    # What the two controllers have in different places

    @property
    @abstractmethod
    def _mode(self) -> FunctionalMode: ...

    @property
    @abstractmethod
    def _has_address(self) -> bool: ...

    @property
    @abstractmethod
    def _has_data(self) -> bool: ...

    @abstractmethod
    def _frame(self, address: int | None) -> Frame: ...

    @abstractmethod
    def _mapped_setup(self, size_field: int) -> dict[int, int]: ...

    # Registers

    def _read_register(self, offset: int, size_bytes: int) -> int:
        register = offset & -WORD_BYTES
        if not self._is_clocked():
            return 0
        if register not in self._registers:
            self._remark(f"{self.layout.name} has no register at 0x{offset:03x}, which was read")
            return 0
        if register == self.layout.data:
            return self._transfer.read_data(size_bytes)
        value = self._status() if register == self.layout.status else self._registers[register]
        return value >> 8 * (offset - register) & (1 << 8 * size_bytes) - 1

    def _write_register(self, offset: int, size_bytes: int, value: int) -> None:
        register = offset & -WORD_BYTES
        if not self._is_clocked():
            # Most drivers touch CR before they enable the clock, which does no harm; a command that is lost does.
            if register in (self.layout.instruction, self.layout.address, self.layout.data):
                self._remark(f"{self.layout.name} was written at 0x{offset:03x} without a clock")
        elif register not in self._registers or register == self.layout.status:
            self._remark(f"{self.layout.name} has no writable register at 0x{offset:03x}, which was written")
        elif register == self.layout.data:
            self._write_data(size_bytes, value)
        elif register == self.layout.clear:
            self._transfer.flags &= ~(Flag(value & CLEARABLE))
        elif register == self.layout.control:
            self._write_control(self._merged(offset, size_bytes, value))
        elif self._is_busy and register == self.layout.address and not self._has_address:
            pass  # Drivers write an address always; nothing takes note where none is sent.
        elif self._is_busy:
            self._remark(f"{self.layout.name} register at 0x{register:03x} was written while BUSY, which is ignored")
        else:
            self._registers[register] = self._merged(offset, size_bytes, value)
            self._after_write(register)

    def _merged(self, offset: int, size_bytes: int, value: int) -> int:
        register = offset & -WORD_BYTES
        shift = 8 * (offset - register)
        mask = (1 << 8 * size_bytes) - 1 << shift
        return self._registers[register] & ~mask | value << shift & mask

    def _status(self) -> int:
        threshold = self._registers[self.layout.control] >> Control.THRESHOLD_SHIFT & self.layout.threshold_mask
        status = self._transfer.status(threshold + 1)
        if self._is_enabled and self._mode is FunctionalMode.INDIRECT_WRITE:
            status |= Flag.FTF
        return status | Flag.BUSY if self._is_mapped_in_use else status

    def _write_control(self, value: int) -> None:
        if value & Control.ABORT or not value & Control.EN:
            self._transfer.abort()
            self._is_mapped_in_use = False
            if value & Control.ABORT:
                self._transfer.flags |= Flag.TCF
        before = self._mode
        previous, self._registers[self.layout.control] = self._registers[self.layout.control], value & ~Control.ABORT
        if self._is_busy and self._mode is not before:
            self._registers[self.layout.control] = previous
            self._remark(f"{self.layout.name} was told another mode while BUSY, which is ignored")
        if value & Control.EN:
            self._memory.select(_parts(value))
        self._mapped_frame = None

    def _after_write(self, register: int) -> None:
        self._mapped_frame = None
        is_complete = register == (self.layout.address if self._has_address else self.layout.instruction)
        if not is_complete or self._mode is FunctionalMode.MAPPED:
            return
        if not self._is_enabled:
            if register == self.layout.instruction:
                self._remark(f"a command was written while {self.layout.name} is off")
        elif self._mode is not FunctionalMode.INDIRECT_WRITE or not self._has_data:
            self._start()

    def _write_data(self, size_bytes: int, value: int) -> None:
        can_start = self._is_enabled and self._mode is FunctionalMode.INDIRECT_WRITE and self._has_data
        if can_start and not self._transfer.is_busy:
            self._start()
        if self._transfer.is_busy or not can_start:
            self._transfer.write_data(size_bytes, value)

    # Transfers

    @property
    def _is_enabled(self) -> bool:
        return bool(self._registers[self.layout.control] & Control.EN)

    @property
    def _is_busy(self) -> bool:
        return self._is_mapped_in_use or self._transfer.is_busy

    @property
    def _size_bytes(self) -> int:
        return 2 << (self._registers[self.layout.size] >> 16 & 0x1F)

    def _start(self) -> None:
        address = self._registers[self.layout.address] if self._has_address else None
        if address is not None and address >= self._size_bytes:
            self._transfer.flags |= Flag.TEF
            self._remark(f"{self.layout.name} was given address 0x{address:x}, beyond its {self._size_bytes} bytes")
            return
        frame = self._frame(address)
        length = self._registers[self.layout.length]
        count = self._size_bytes - (address or 0) if length == UNLIMITED else length + 1
        control = self._registers[self.layout.control]
        if self._mode is FunctionalMode.POLLING:
            match = Match(
                self._registers[self.layout.mask],
                self._registers[self.layout.match],
                is_any=bool(control & Control.PMM),
                stops=bool(control & Control.APMS),
            )
            self._transfer.begin_polling(frame, min(count, WORD_BYTES), match)
        elif not self._has_data:
            self._transfer.command(frame)
        elif self._mode is FunctionalMode.INDIRECT_READ:
            self._transfer.begin_read(frame, count)
        else:
            self._transfer.begin_write(frame, count)

    # Memory-mapped mode

    def _leave_mapped(self) -> None:
        size_field = max(0, self._memory.size_bytes.bit_length() - 2)
        self._registers |= self._mapped_setup(size_field)
        self._is_mapped_in_use = True

    def _read_mapped(self, offset: int, size_bytes: int) -> int:
        if self._mapped_frame is None:
            if not self._is_clocked() or not self._is_enabled or self._mode is not FunctionalMode.MAPPED:
                raise self._fault("was read while it is not in memory-mapped mode", offset)
            self._mapped_frame = self._frame(0)
        if offset + size_bytes > self._size_bytes:
            raise self._fault(f"was read beyond the {self._size_bytes} bytes that it was told", offset)
        self._is_mapped_in_use = True
        return int.from_bytes(self._memory.read_mapped(self._mapped_frame, offset, size_bytes), "little")

    def _write_mapped(self, offset: int, size_bytes: int, value: int) -> None:
        self._remark(
            f"0x{value:0{2 * size_bytes}x} was written to the memory-mapped region at 0x{offset:x}, which is ignored"
        )

    def _fault(self, what: str, offset: int) -> BusFault:
        message = f"the memory-mapped region of {self.layout.name} {what}, at 0x{offset:x}"
        self._remark(message)
        return BusFault(message)

    def _remark(self, message: str) -> None:
        self._violation_log.add(message)


def _parts(control: int) -> Parts:
    if control & Control.DUAL:
        return Parts.BOTH
    return Parts.SECOND if control & Control.SECOND else Parts.FIRST
