"""The debug port, one memory access port, and their short cut, over an emulated bus.

Registers: Arm Debug Interface Architecture Specification (IHI 0031), B2 (debug port), C2 (memory access port).
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pyocd.core.exceptions import Error, ProbeError, TransferFaultError
from pyocd.core.memory_interface import MemoryInterface

from loaderconv.probe.emulated_bus import BusError, EmulatedBus
from loaderconv.probe.emulated_components import ROM_TABLE
from loaderconv.probe.traffic import Traffic
from loaderconv_schemas.errors import RunFailed

WORD_BYTES = 4
WORD_MASK = 0xFFFF_FFFF

DP_IDENTITY = 0x2BA0_1477
"""SW-DP, version 1, by Arm."""

POWER_REQUESTS = 0x5000_0000
"""CSYSPWRUPREQ and CDBGPWRUPREQ of CTRL/STAT; each is granted in the bit above it."""

AP_IDENTITY = 0x2477_0011
"""AHB-AP."""

WRAP_MASK = 0xFFF

CSW_SIZE = 0x7
CSW_INCREMENT = 0x30
CSW_ENABLED = 1 << 6
CSW_WRITABLE = 0x7F00_0037
CSW_AT_RESET = 0x2300_0002

Value = TypeVar("Value")


def answer_later(read: Callable[[], Value]) -> Callable[[], Value]:
    """Read now, and return or raise what came of it when asked."""
    try:
        value = read()
    except Error as problem:
        failure = problem

        def fail() -> Value:
            raise failure

        return fail
    return lambda: value


class CountedBus:
    """A bus whose accesses are counted, and fail as pyOCD has it."""

    def __init__(self, bus: EmulatedBus, traffic: Traffic) -> None:
        self._bus = bus
        self._traffic = traffic

    def read(self, address: int, size_bytes: int) -> bytes:
        """Return bytes. Raises TransferFaultError, or ProbeError where the core itself is gone."""
        self._traffic.read(size_bytes)
        try:
            return self._bus.read(address & WORD_MASK, size_bytes)
        except BusError as problem:
            raise TransferFaultError(str(problem), fault_address=problem.address, length=size_bytes) from problem
        except RunFailed as problem:
            raise ProbeError(str(problem)) from problem

    def write(self, address: int, data: bytes) -> None:
        """Store bytes. Raises likewise."""
        self._traffic.write(len(data))
        try:
            self._bus.write(address & WORD_MASK, data)
        except BusError as problem:
            raise TransferFaultError(str(problem), fault_address=problem.address, length=len(data)) from problem
        except RunFailed as problem:
            raise ProbeError(str(problem)) from problem


class EmulatedMemory(MemoryInterface):
    """Memory without the access port in between, as ST-LINK and J-Link offer it."""

    def __init__(self, bus: CountedBus) -> None:
        self._bus = bus

    def write_memory(self, addr: int, data: int, transfer_size: int = 32, **_attributes: object) -> None:
        """Store one value of 8, 16 or 32 bits."""
        size_bytes = transfer_size // 8
        self._bus.write(addr, (data & (1 << transfer_size) - 1).to_bytes(size_bytes, "little"))

    def read_memory(  # type: ignore[override]  # pyOCD overloads it by the value of `now`
        self,
        addr: int,
        transfer_size: int = 32,
        now: bool = True,  # noqa: FBT001, FBT002
        **_attributes: object,
    ) -> int | Callable[[], int]:
        """Return one value, or what returns it later."""
        answer = answer_later(lambda: int.from_bytes(self._bus.read(addr, transfer_size // 8), "little"))
        return answer() if now else answer

    def write_memory_block32(self, addr: int, data: Sequence[int], **_attributes: object) -> None:
        """Store words."""
        self._bus.write(addr, b"".join(word.to_bytes(WORD_BYTES, "little") for word in data))

    def read_memory_block32(self, addr: int, size: int, **_attributes: object) -> Sequence[int]:
        """Return `size` words."""
        data = self._bus.read(addr, WORD_BYTES * size)
        return [int.from_bytes(data[at : at + WORD_BYTES], "little") for at in range(0, len(data), WORD_BYTES)]

    def write_memory_block8(self, addr: int, data: Sequence[int], **_attributes: object) -> None:
        """Store bytes."""
        if data:
            self._bus.write(addr, bytes(data))

    def read_memory_block8(self, addr: int, size: int, **_attributes: object) -> Sequence[int]:
        """Return `size` bytes."""
        return list(self._bus.read(addr, size)) if size else []


class DebugPort:
    """Power requests, which are granted at once."""

    def __init__(self) -> None:
        self._requests = 0

    def read(self, address: int) -> int:
        """Return a register."""
        match address & 0xC:
            case 0:
                return DP_IDENTITY
            case 4:
                return self._requests | (self._requests & POWER_REQUESTS) << 1
        return 0

    def write(self, address: int, value: int) -> None:
        """Take a register; SELECT and ABORT have nothing to do here."""
        if address & 0xC == 4:
            self._requests = value & (POWER_REQUESTS | 0xF03)


class MemoryAccessPort:
    """CSW, TAR and DRW: one access of 8, 16 or 32 bits for each read or write of DRW."""

    def __init__(self, bus: CountedBus, traffic: Traffic) -> None:
        self._bus = bus
        self._traffic = traffic
        self._csw = CSW_AT_RESET
        self._tar = 0

    def read(self, address: int) -> int:
        """Return a register; other ports than the first do not exist and read 0."""
        if address >> 24:
            self._traffic.read(WORD_BYTES)
            return 0
        if address & 0xFC == 0x0C:
            lane = 8 * (self._tar & 3)
            value = int.from_bytes(self._bus.read(self._tar, self._size_bytes), "little") << lane
            self._advance()
            return value & WORD_MASK
        self._traffic.read(WORD_BYTES)
        return {0x00: self._csw | CSW_ENABLED, 0x04: self._tar, 0xF8: ROM_TABLE | 3, 0xFC: AP_IDENTITY}.get(
            address & 0xFC, 0
        )

    def write(self, address: int, value: int) -> None:
        """Take a register."""
        if not address >> 24 and address & 0xFC == 0x0C:
            lane = 8 * (self._tar & 3)
            size_bytes = self._size_bytes
            self._bus.write(self._tar, (value >> lane & (1 << 8 * size_bytes) - 1).to_bytes(size_bytes, "little"))
            self._advance()
            return
        self._traffic.write(WORD_BYTES)
        if address >> 24:
            return
        match address & 0xFC:
            case 0x00:
                self._csw = value & CSW_WRITABLE
            case 0x04:
                self._tar = value

    @property
    def _size_bytes(self) -> int:
        return 1 << (self._csw & CSW_SIZE)

    def _advance(self) -> None:
        """Count TAR up, which wraps inside of 4 KiB in this access port."""
        if self._csw & CSW_INCREMENT:
            self._tar = self._tar & ~WRAP_MASK | self._tar + self._size_bytes & WRAP_MASK
