"""A Cortex-M core on Unicorn, as hosts drive it."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TypeGuard

from loaderconv.emulator import stop_details, unicorn_binding
from loaderconv.emulator.access import Access
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import BusFault, HoldsCode, Peripheral, Timed, Window
from loaderconv.emulator.devices.system_control import SystemControl, SystemResetRequested
from loaderconv.emulator.engine import Engine
from loaderconv.emulator.memory_map import PAINT, MemoryMap, aligned_accesses
from loaderconv.emulator.snapshots import Snapshot, differences
from loaderconv.hosts.core import GENERAL_REGISTERS, Budget, Register, Stop, StopReason
from loaderconv.hosts.system_registers import SystemRegister
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed

WORD_MASK = 0xFFFF_FFFF


class UnicornCore:
    """An emulated Cortex-M with RAM and devices; implements `loaderconv.hosts.core.Core`.

    RAM is painted with the halfword 0xDEDE, an undefined instruction. The private peripheral bus is always there.
    Exceptions are not delivered: what would raise one ends the run; WFI, WFE and YIELD do nothing. Of the interrupts
    SysTick's alone is. A run is deterministic. Its budget is exact, save that an IT block is never torn (four
    instructions more at most), that an access to a device uses up 100 instructions of it, and a WFE or YIELD 5,000.
    `Stop.instructions` is an upper bound, at most 64 or one part in eight too high, and once more as much for each WFI,
    WFE or YIELD. Of a loop `b .` the result of the whole budget is known at once.

    Attributes:
        cpu: the model.
        system_control: the private peripheral bus, which tells whether the loader switched the FPU on.
    """

    marked_registers = GENERAL_REGISTERS

    def __init__(
        self,
        cpu: CpuModel,
        *,
        ram: Sequence[AddressRange],
        peripherals: Sequence[Peripheral] = (),
        on_access: Callable[[Access], None] | None = None,
    ) -> None:
        """Build the machine.

        Args:
            cpu: the core model.
            ram: readable, writable, executable ranges; multiples of 1 KiB.
            peripherals: device models; their windows must not overlap each other, the RAM or 0xE0000000..0xE00FFFFF.
            on_access: told of each access of the code to a device; the private peripheral bus does not count as one.

        Raises:
            UsageProblem: Unicorn is not installed, or the ranges overlap or lie off the grid.
        """
        unicorn_binding.require_unicorn()
        self.cpu = cpu
        timed = [device for device in peripherals if _sees_time(device)]
        self.system_control = SystemControl(cpu.cpuid, timed)
        windows = [self.system_control.noticing(window) for device in peripherals for window in device.windows()]
        code = [piece for device in peripherals if _holds_code(device) for piece in device.code()]
        rom = [AddressRange(start=address, size_bytes=len(contents)) for address, contents in code]
        self._memory_map = MemoryMap([*ram, *rom], [*self.system_control.windows(), *windows])
        self._engine = Engine(cpu, self._memory_map, self.system_control, on_access)
        for address, contents in code:
            self._engine.write_ram(address, contents)

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return bytes as a debugger reads them: from a device by aligned accesses, with whatever they set off.

        Raises:
            RunFailed: nothing is mapped at one of the addresses, or a device answers with a bus error.
        """
        data = b""
        for window, piece in self._memory_map.pieces(address, size_bytes):
            if window is None:
                data += self._engine.read_ram(piece.start, piece.size_bytes)
            else:
                data += b"".join(_read_window(window, access) for access in aligned_accesses(piece))
        return data

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes as a debugger does: to a device by aligned accesses.

        Code that was executed may be overwritten between runs; an observer that overwrites code which is being
        executed may come too late for the current run.

        Raises:
            RunFailed: nothing is mapped at one of the addresses, then nothing was written; a device answers with a bus
                error; or the write would reset the machine.
        """
        for window, piece in tuple(self._memory_map.pieces(address, len(data))):
            content = data[piece.start - address : piece.end - address]
            if window is None:
                self._engine.write_ram(piece.start, content)
            else:
                _write_window(window, piece, content)

    def read_register(self, register: Register) -> int:
        """Return a core register, 0 to 2**32 - 1."""
        return self._engine.read_register(register)

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register; the value is taken modulo 2**32."""
        self._engine.write_register(register, value & WORD_MASK)

    def read_system_register(self, register: SystemRegister) -> int:
        """Return a register that only a debugger looks at, 0 to 2**32 - 1; 0 for one that the core does not have."""
        return self._engine.special_registers.read(register)

    def write_system_register(self, register: SystemRegister, value: int) -> None:
        """Set such a register; the value is taken modulo 2**32, and is lost where the core does not have it."""
        self._engine.special_registers.write(register, value & WORD_MASK)

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        """Run from PC until the instruction at `stop_address` would be executed, a fault, or the end of the budget.

        A BKPT at the stop address is what ends the run there: should the loader overwrite it, that will show. Without
        one the address itself is watched. That the FPU was used while it was off shows only when the run has ended,
        with the PC of that end. An exception raised by a device model or an observer comes out as it is. What is to
        happen meanwhile happens before.
        """
        if meanwhile is not None:
            meanwhile()
        return self.run_to_any((stop_address,), budget)

    def run_to_any(self, stop_addresses: Iterable[int], budget: Budget) -> Stop:
        """Run likewise to the first of several addresses, or of none: then a BKPT, a fault or the budget ends it."""
        self._engine.forget_floating_point()
        stop = self._engine.run(frozenset(each & WORD_MASK & ~1 for each in stop_addresses), budget.instructions)
        if self._engine.has_used_floating_point and not self.system_control.is_fpu_enabled:
            why = stop_details.FLOATING_POINT_OFF
            return Stop(StopReason.FAULT, stop.pc, why.words, stop.instructions, why.fault)
        return stop

    def observe(self, address: int, callback: Callable[[], None]) -> None:
        """Call `callback` each time the instruction at `address` is about to be executed; calls for one address add up.

        The callback may read and write registers and data, not PC.
        """
        self._engine.observe(address & ~1, callback)

    def snapshot(self) -> Snapshot:
        """Return what all RAM holds now."""
        return tuple((ram, self._engine.read_ram(ram.start, ram.size_bytes)) for ram in self._memory_map.ram)

    def changed_ranges(self, since: Snapshot) -> list[AddressRange]:
        """Return the ranges of RAM that hold other bytes than before, by address."""
        return [
            changed
            for ram, before in since
            for changed in differences(ram.start, before, self._engine.read_ram(ram.start, ram.size_bytes))
        ]

    def untouched_bytes(self, memory: AddressRange) -> int:
        """Return how many bytes at the start of a range of RAM still hold the paint; for a stack, what was never used.

        Raises:
            RunFailed: nothing is mapped at one of the addresses.
        """
        content = self.read_memory(memory.start, memory.size_bytes)
        return len(content) - len(content.lstrip(PAINT[:1]))


def _sees_time(device: Peripheral) -> TypeGuard[Timed]:
    return _declares(type(device), "is_waiting", "pass_time")


def _holds_code(device: Peripheral) -> TypeGuard[HoldsCode]:
    return _declares(type(device), "code")


@cache
def _declares(kind: type, *names: str) -> bool:
    """Tell whether a class has attributes; `isinstance` with a protocol takes as long as to build a device."""
    return all(hasattr(kind, name) for name in names)


def _read_window(window: Window, access: AddressRange) -> bytes:
    try:
        value = window.read(access.start - window.range.start, access.size_bytes)
    except BusFault as error:
        raise _refused("read", window, access, error) from error
    return value.to_bytes(access.size_bytes, "little")


def _write_window(window: Window, piece: AddressRange, content: bytes) -> None:
    for access in aligned_accesses(piece):
        value = int.from_bytes(content[access.start - piece.start : access.end - piece.start], "little")
        try:
            window.write(access.start - window.range.start, access.size_bytes, value)
        except BusFault as error:
            raise _refused("write", window, access, error) from error
        except SystemResetRequested as error:
            raise RunFailed(
                "The debugger requested a system reset, which the emulated core does not have.",
                hint="Make a new core instead.",
            ) from error


def _refused(verb: str, window: Window, access: AddressRange, error: BusFault) -> RunFailed:
    return RunFailed(
        f"The debugger's {verb} at 0x{access.start:08x} in {window.name} ended in a bus fault: {error}.",
        hint="Bring the device into a state in which it answers, or leave that range alone.",
    )
