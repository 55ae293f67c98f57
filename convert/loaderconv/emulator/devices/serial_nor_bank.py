"""The memory at a controller that can drive two parts at once: one of them, or a pair with interleaved bytes."""

from dataclasses import replace as with_changes

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_frame import Frame, Parts
from loaderconv.emulator.devices.serial_nor_identity import size_in_words
from loaderconv.emulator.devices.serial_nor_part import NorPart
from loaderconv.emulator.start_condition import StartCondition


class SerialNorBank:
    """One part until a controller first enters its dual-memory mode, from then on two of half the size.

    How a board is wired shows in no loader's descriptor, only in what the loader does. In a pair the first part holds
    the bytes at even offsets; both get each command with half the address (RM0433, QUADSPI, dual-flash mode).

    A FlashMemory, a DualSerialMemory, a Peripheral without windows, and Timed.
    """

    def __init__(self, part: NorPart, start: StartCondition = StartCondition.AFTER_RESET) -> None:
        """Build an erased memory in one of the conditions that SerialNor knows."""
        self._start_condition = start
        self._violation_log = EventLog()
        self._remark_log = EventLog()
        self._command_log = EventLog()
        self._part = part
        self._written = 0
        self._waiting = b""
        self._chips: tuple[SerialNor, ...] = (
            SerialNor(
                part, start, commands=self._command_log, violations=self._violation_log, remarks=self._remark_log
            ),
        )
        self._selected: tuple[SerialNor, ...] = self._chips

    @property
    def name(self) -> str:
        """What it is, with its size."""
        if len(self._chips) == 1:
            return self._chips[0].name
        return f"two serial NORs of {size_in_words(self.size_bytes // 2)}"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return self._part.size_bytes

    @property
    def reports_failures(self) -> bool:
        """Whether a register tells that an operation failed."""
        return self._chips[0].reports_failures

    @property
    def commands(self) -> list[str]:
        """What it was told, in words; of a pair what each of the two was told."""
        return self._command_log.entries

    @property
    def violations(self) -> list[str]:
        """What it ignored, and what it could only do in part."""
        return self._violation_log.entries

    @property
    def remarks(self) -> list[str]:
        """What it ignored without harm."""
        return self._remark_log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return nothing: only its controller is at an address."""
        return ()

    @property
    def is_waiting(self) -> bool:
        """Whether an operation is under way."""
        return any(chip.is_waiting for chip in self._chips)

    def pass_time(self, cycles: int) -> None:
        """Let core cycles pass."""
        for chip in self._chips:
            chip.pass_time(cycles)

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        count = len(self._chips)
        first, end = offset // count, -(-(offset + size_bytes) // count)
        columns = [chip.peek(first, end - first) for chip in self._chips]
        return _interleaved(columns)[offset % count :][:size_bytes]

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        count = len(self._chips)
        lead, tail = offset % count, -(offset + len(data)) % count
        start = offset - lead
        whole = self.peek(start, lead) + data + self.peek(offset + len(data), tail)
        for number, chip in enumerate(self._chips):
            chip.poke(start // count, whole[number::count])

    def fail_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind fail, in each part."""
        for chip in self._chips:
            chip.fail_next(operation)

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the next operation of a kind never end, in each part."""
        for chip in self._chips:
            chip.hang_next(operation)

    # The bus

    def select(self, parts: Parts) -> None:
        """See the controller choose; that it drives both is how a board with two parts makes itself known."""
        if parts is Parts.BOTH and len(self._chips) == 1:
            single, self._chips = self._chips[0], self._pair()
            for offset, data in single.touched():
                self.poke(offset, data)
        if parts is Parts.BOTH or len(self._chips) == 1:
            self._selected = self._chips
        else:
            self._selected = (self._chips[parts is Parts.SECOND],)

    def start(self, frame: Frame) -> None:
        """Take the head of a transfer."""
        self._written = 0
        self._waiting = b""
        for chip in self._selected:
            chip.start(self._for_chip(frame))

    def read(self, size_bytes: int) -> bytes:
        """Return the next bytes; a pair delivers two at a time, of which one may have to wait."""
        each_bytes = -(-(size_bytes - len(self._waiting)) // len(self._selected))
        data = self._waiting + _interleaved([chip.read(each_bytes) for chip in self._selected])
        self._waiting = data[size_bytes:]
        return data[:size_bytes]

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        count = len(self._selected)
        for number, chip in enumerate(self._selected):
            chip.write(data[(number - self._written) % count :: count])
        self._written += len(data)

    def finish(self) -> None:
        """See the chip select rise."""
        for chip in self._selected:
            chip.finish()

    def read_mapped(self, frame: Frame, address: int, size_bytes: int) -> bytes:
        """Return bytes for a memory-mapped access."""
        count = len(self._selected)
        first, end = address // count, -(-(address + size_bytes) // count)
        columns = [chip.read_mapped(frame, first, end - first) for chip in self._selected]
        return _interleaved(columns)[address % count :][:size_bytes]

    def _pair(self) -> tuple[SerialNor, ...]:
        part = self._part.halved()
        unheard = EventLog()
        start, violations, remarks = self._start_condition, self._violation_log, self._remark_log
        return (
            SerialNor(part, start, commands=self._command_log, violations=violations, remarks=remarks),
            SerialNor(part, start, commands=unheard, violations=violations, remarks=remarks),
        )

    def _for_chip(self, frame: Frame) -> Frame:
        if len(self._selected) == 1 or frame.address is None:
            return frame
        return with_changes(frame, address=frame.address // 2)


def _interleaved(columns: list[bytes]) -> bytes:
    if len(columns) == 1:
        return columns[0]
    mixed = bytearray(sum(map(len, columns)))
    for number, column in enumerate(columns):
        mixed[number :: len(columns)] = column
    return bytes(mixed)
