"""What a serial NOR memory knows beside its contents."""

from loaderconv.emulator.devices.nor_commands import Address, NorRegister
from loaderconv.emulator.devices.serial_nor_busy import BusyPeriod
from loaderconv.emulator.devices.serial_nor_mode import BusMode
from loaderconv.emulator.devices.serial_nor_part import NorPart
from loaderconv.emulator.devices.serial_nor_registers import NorRegisters

WRITE_IN_PROGRESS = 1 << 0
WRITE_ENABLE_LATCH = 1 << 1
READY_FLAG = 1 << 7
"""Of the flag status register."""
POLLED = (NorRegister.STATUS_1, NorRegister.FLAG_STATUS)
ANSWERED_WHILE_BUSY = (*POLLED, NorRegister.STATUS_2, NorRegister.STATUS_3, NorRegister.SECURITY)


class NorState:
    """Modes, latches and registers.

    Attributes:
        part: what the memory is.
        registers: those that keep what is written to them.
        busy: the operation under way.
        mode: on which lines commands are expected.
        is_four_byte: whether addresses have four bytes where the command does not say.
        is_volatile_write_enabled: whether the next write of a status register does not last, and takes no time.
        is_reset_enabled: whether the last command was a reset enable.
        is_asleep: whether it is in deep power down.
    """

    def __init__(self, part: NorPart) -> None:
        """Be as shipped."""
        self.part = part
        self.registers = NorRegisters(part)
        self.busy = BusyPeriod()
        self.mode = BusMode.SPI
        self.is_four_byte = self.is_volatile_write_enabled = self.is_reset_enabled = self.is_asleep = False
        self._is_write_enabled = self._falls_with_busy = False

    @property
    def is_write_enabled(self) -> bool:
        """The write enable latch; it falls when an operation has ended."""
        if self._falls_with_busy and not self.busy:
            self._is_write_enabled = self._falls_with_busy = False
        return self._is_write_enabled

    @is_write_enabled.setter
    def is_write_enabled(self, value: bool) -> None:
        self._is_write_enabled = value
        self._falls_with_busy = False

    @property
    def is_quad_enabled(self) -> bool:
        """Whether four lines work in SPI mode, and QPI mode can be entered."""
        where = self.part.vendor.quad_enable
        return where is None or bool(self.registers[where[0]] >> where[1] & 1)

    def begin(self, polls: int) -> None:
        """Be busy, and drop the write enable latch after that."""
        self.busy.begin(polls)
        self._falls_with_busy = True

    def hang(self) -> None:
        """Be busy until a reset."""
        self.busy.is_hanging = True
        self._falls_with_busy = True

    def reset(self) -> None:
        """Be as after power-up; registers that last are as they were."""
        self.busy.end()
        self.registers.reset()
        self.mode = BusMode.SPI
        self.is_four_byte = self.is_write_enabled = self.is_volatile_write_enabled = False

    def address_bytes(self, address: Address) -> int:
        """Return how many bytes of address a command takes now."""
        if address is Address.NONE:
            return 0
        if self.mode.is_octal or address is Address.FOUR:
            return 4
        return 4 if self.is_four_byte and address is Address.AS_MODE else 3

    def offset(self, address: int, address_bytes: int) -> int:
        """Return which byte of the array an address of three or four bytes means."""
        if address_bytes == 3:
            bank = self.registers[NorRegister.EXTENDED_ADDRESS] or self.registers[NorRegister.BANK] & 0x7F
            address = address & 0xFF_FFFF | bank << 24
        return address % self.part.size_bytes

    def read_register(self, register: NorRegister) -> int:
        """Return a register with what changes by itself in it; a look at the status lets an operation proceed."""
        value = self.registers[register]
        if register is NorRegister.STATUS_1:
            value |= WRITE_ENABLE_LATCH if self.is_write_enabled else 0
            value |= WRITE_IN_PROGRESS if self.busy else 0
        elif register is NorRegister.FLAG_STATUS and self.busy:
            value &= ~READY_FLAG
        mode_register, bit = self.part.vendor.address_mode
        if register is mode_register:
            value = value & ~(1 << bit) | self.is_four_byte << bit
        if register in POLLED:
            self.busy.poll()
        return value
