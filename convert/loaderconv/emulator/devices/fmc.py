"""FSMC and FMC of STM32: the registers, and the four banks of 64 MiB for NOR and PSRAM with one memory in them.

Sources: RM0090 chapters 36 and 37, RM0433 chapter 22, registers BCR and BTR, and "NOR/PSRAM address mapping".

A bank that is disabled, or whose controller has no clock, answers with a bus error. What the bus of a NOR memory cannot
do is put down as a violation, and has no effect: writing while WREN is 0, any access while FACCEN is 0 and the type is
NOR, writing a byte to a bus of 16 bits, a bus of 32 bits. Timing, the multiplexed mode, burst modes and the wait signal
are not judged. The registers for NAND and SDRAM are plain storage.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.peripheral import BusFault, Window
from loaderconv.emulator.devices.register_block import RegisterBlock, RegisterLayout
from loaderconv_schemas.address_range import AddressRange

BANK_SIZE_BYTES = 64 << 20
BANKS = tuple(
    AddressRange(start=start, size_bytes=BANK_SIZE_BYTES) for start in range(0x6000_0000, 0x7000_0000, BANK_SIZE_BYTES)
)
BCR = (0x00, 0x08, 0x10, 0x18)
MBKEN, FACCEN, WREN, FMCEN = 1 << 0, 1 << 6, 1 << 12, 1 << 31
TYPE_SHIFT, TYPE_NOR = 2, 2
WIDTH_SHIFT, FIELD = 4, 3
WIDTH_BYTES = (1, 2)
OTHERS_CONTROL, TIMING = 0x30D2, 0x0FFF_FFFF
SHARED_REGISTERS = RegisterLayout(
    "FMC",
    reset_values={
        BCR[0]: 0x30DB,
        **dict.fromkeys(BCR[1:], OTHERS_CONTROL),
        **dict.fromkeys((0x04, 0x0C, 0x14, 0x1C, 0x104, 0x10C, 0x114, 0x11C), TIMING),
    },
)


class ParallelMemory(Protocol):
    """What is at the data lines; ParallelNor says what the arguments mean."""

    def read(self, offset: int, width_bytes: int) -> int:
        """Return what is on the data lines."""

    def write(self, offset: int, width_bytes: int, value: int) -> None:
        """Take what is on the data lines."""


class Fmc:
    """The controller with one memory.

    Attributes:
        registers: the block, which RCC gates.
    """

    def __init__(
        self,
        base: int,
        memory: ParallelMemory,
        memory_base: int,
        *,
        enable: int,
        is_clocked: Callable[[], bool],
    ) -> None:
        """Connect a memory.

        Args:
            base: address of the registers.
            memory: what is connected.
            memory_base: address of its first byte; the banks in which it does not lie are open.
            enable: the bit of BCR1 that switches the controller on; 0 where it is always on.
            is_clocked: tells whether RCC lets the controller run.
        """
        self.registers = RegisterBlock(base, SHARED_REGISTERS)
        self._memory = memory
        self._memory_base = memory_base
        self._enable = enable
        self._is_clocked = is_clocked
        self._violation_log = EventLog()

    @property
    def violations(self) -> list[str]:
        """Accesses that its settings do not allow."""
        return self._violation_log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return the banks; the registers are a device of their own."""
        return tuple(
            Window(
                f"FMC bank 1, NOR/PSRAM {number + 1}", bank, partial(self._read, number), partial(self._write, number)
            )
            for number, bank in enumerate(BANKS)
        )

    def _read(self, number: int, offset: int, size_bytes: int) -> int:
        width = self._width(number)
        open_lines = (1 << 8 * size_bytes) - 1
        if width is None or not self._has_memory(number):
            return open_lines
        offset += BANKS[number].start - self._memory_base
        start = offset & -width
        units = range(start, offset + size_bytes, width)
        value = sum(self._memory.read(unit, width) << 8 * (unit - start) for unit in units)
        return value >> 8 * (offset - start) & open_lines

    def _write(self, number: int, offset: int, size_bytes: int, value: int) -> None:
        width = self._width(number)
        if width is None or not self._has_memory(number):
            return
        address = BANKS[number].start + offset
        if not self.registers.word(BCR[number]) & WREN:
            self._violation_log.add(f"0x{address:08x} written while WREN of its bank is 0")
        elif size_bytes < width:
            self._violation_log.add(f"a byte written at 0x{address:08x}, on a bus of 16 bits without byte lanes")
        else:
            for lane in range(0, size_bytes, width):
                unit = value >> 8 * lane & (1 << 8 * width) - 1
                self._memory.write(address - self._memory_base + lane, width, unit)

    def _width(self, number: int) -> int | None:
        """Return the width of a bank's bus in bytes, None where no access takes place. Raises BusFault."""
        control = self.registers.word(BCR[number])
        if not self._is_clocked():
            raise BusFault(f"NOR/PSRAM {number + 1} of the FMC is accessed while the FMC has no clock")
        is_on = not self._enable or self.registers.word(BCR[0]) & self._enable
        if not is_on or not control & MBKEN:
            raise BusFault(f"NOR/PSRAM {number + 1} of the FMC is accessed while it is disabled")
        if control >> TYPE_SHIFT & FIELD == TYPE_NOR and not control & FACCEN:
            self._violation_log.add(f"NOR/PSRAM {number + 1} of the FMC is accessed while FACCEN is 0")
            return None
        code = control >> WIDTH_SHIFT & FIELD
        if code >= len(WIDTH_BYTES):
            self._violation_log.add(f"NOR/PSRAM {number + 1} of the FMC has a bus of 32 bits, which is not modelled")
            return None
        return WIDTH_BYTES[code]

    def _has_memory(self, number: int) -> bool:
        return self._memory_base in BANKS[number]
