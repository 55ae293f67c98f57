"""A serial NOR memory on a plain SPI: bytes instead of the frames that a QUADSPI sends."""

from typing import Protocol

from loaderconv.emulator.devices.nor_commands import Kind, NorCommand
from loaderconv.emulator.devices.serial_nor_frame import Frame, SerialMemory
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE

BITS_PER_BYTE = 8
_TAKES_DATA = (Kind.PROGRAM, Kind.WRITE_REGISTER)


class CommandedMemory(SerialMemory, Protocol):
    """A serial memory that tells what it expects behind an opcode on one line."""

    def command_on_wire(self, opcode: int) -> NorCommand | None:
        """Return the command that an opcode with data stands for, None where there is none."""

    def address_bytes_on_wire(self, command: NorCommand) -> int:
        """Return how many bytes of address a command takes now."""


class SerialNorWire:
    """The memory as an SpiMemory. The head of a transfer is collected until the memory can be told of it."""

    def __init__(self, memory: CommandedMemory) -> None:
        self._memory = memory
        self._head = bytearray()
        self._command: NorCommand | None = None
        self._address_bytes = 0
        self._is_started = False
        self._answer: int | None = None

    def select(self) -> None:
        """Begin with an empty head."""
        self._head.clear()
        self._command = None
        self._address_bytes = 0
        self._is_started = False
        self._answer = None

    def next_byte(self) -> int:
        """Return what goes out with the next byte; the memory's place moves on, so it is kept for `exchange`."""
        if self._answer is None and self._head and len(self._head) == self._head_bytes and not self._takes_data:
            self._answer = self._next_answer()
        return IDLE_BYTE if self._answer is None else self._answer

    def exchange(self, byte: int) -> int:
        """Take the next byte of the head, or of the data."""
        if not self._head:
            self._command = self._memory.command_on_wire(byte)
            self._address_bytes = self._memory.address_bytes_on_wire(self._command) if self._command else 0
        if len(self._head) < self._head_bytes:
            self._head.append(byte)
            return IDLE_BYTE
        answer, self._answer = self._answer, None
        if answer is not None:
            return answer
        if not self._takes_data:
            return self._next_answer()
        if not self._is_started:
            self._start(data_lines=1)
        self._memory.write(bytes([byte]))
        return IDLE_BYTE

    def deselect(self) -> None:
        """Hand over what was collected, if that was not done yet, and end the transfer."""
        if not self._is_started and self._head:
            self._start(data_lines=0)
        if self._is_started:
            self._memory.finish()

    @property
    def _takes_data(self) -> bool:
        return self._command is not None and self._command.kind in _TAKES_DATA

    def _next_answer(self) -> int:
        if not self._is_started:
            self._start(data_lines=1)
        return self._memory.read(1)[0]

    @property
    def _head_bytes(self) -> int:
        dummy_bytes = self._command.dummy_bytes if self._command else 0
        return 1 + self._address_bytes + dummy_bytes

    def _start(self, data_lines: int) -> None:
        self._is_started = True
        address = self._head[1 : 1 + self._address_bytes]
        dummy_bytes = len(self._head) - 1 - len(address)
        self._memory.start(
            Frame(
                opcode=self._head[0],
                address=int.from_bytes(address, "big") if address else None,
                address_bytes=len(address) or 3,
                dummy_cycles=BITS_PER_BYTE * dummy_bytes,
                data_lines=data_lines,
            )
        )
