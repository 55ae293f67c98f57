"""Watches what a loader must leave alone: the end of its stack, and its own code.

A run is too late to stop when it is over, but its damage is told before anything else is trusted.
"""

from collections.abc import Callable

from loaderconv.hosts.core import Budget, Core, Register, Stop, StopReason
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader

CANARY = bytes.fromhex("0df0adde 5a17c0de a5e83f21 efbeadde")
"""Four words that no code, data or stack frame is likely to hold."""

_HINT = "Do not go on with this loader: what it did to the memory is not known either. simulate shows what it writes."


class GuardedCore:
    """A Core around another one; implements `loaderconv.hosts.core.Core`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._stack: AddressRange | None = None
        self._code: dict[int, bytearray] = {}

    @property
    def marked_registers(self) -> tuple[Register, ...]:
        """Those of the core."""
        return self._core.marked_registers

    def guard_stack(self, stack: AddressRange) -> None:
        """Put a canary at the low end of a stack, if there is room for it; it is looked at after every run."""
        if stack.size_bytes > 2 * len(CANARY):
            self._stack = stack
            self._core.write_memory(stack.start, CANARY)

    def paint_stack(self) -> None:
        """Put the canary there once more: a reset may lead through a boot ROM that uses the RAM."""
        if self._stack is not None:
            self._core.write_memory(self._stack.start, CANARY)

    def guard_code(self, loader: Loader, moved_by: int) -> None:
        """Remember the loader's code as it lies in memory; what the host writes from now on is no damage.

        C-SPY downloads the loader later, and again for each session, and some of its loaders have FlashInit where the
        data go later.

        Constant is what may be executed and not written. Most FLM and stldr files mark everything as both: of those the
        routines count, as far as the symbols tell their sizes.
        """
        for segment in loader.image_segments:
            if segment.executable and not segment.writable:
                self._guard(AddressRange(start=segment.address + moved_by, size_bytes=len(segment.data)))
            elif segment.executable:
                loaded = AddressRange(start=segment.address, size_bytes=len(segment.data))
                for entry in loader.entry_points:
                    if entry.size_bytes and entry.address in loaded:
                        size_bytes = min(entry.size_bytes, loaded.end - entry.address)
                        self._guard(AddressRange(start=entry.address + moved_by, size_bytes=size_bytes))

    def _guard(self, code: AddressRange) -> None:
        self._code[code.start] = bytearray(self._core.read_memory(code.start, code.size_bytes))

    def check_code(self) -> None:
        """Compare the code in memory with what was loaded. Raises RunFailed where it differs."""
        for address, code in self._code.items():
            found = self._core.read_memory(address, len(code))
            if found != code:
                first = next(at for at, (mine, theirs) in enumerate(zip(code, found, strict=True)) if mine != theirs)
                raise RunFailed(f"The loader wrote over its own code at 0x{address + first:08x}.", hint=_HINT)

    # Core

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return bytes."""
        return self._core.read_memory(address, size_bytes)

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes."""
        self._core.write_memory(address, data)
        stack = self._stack
        if stack is not None and address < stack.start + len(CANARY) and stack.start < address + len(data):
            self._core.write_memory(stack.start, CANARY)  # a download again goes over it
        for start, code in self._code.items():
            first, end = max(address, start), min(address + len(data), start + len(code))
            if first < end:
                code[first - start : end - start] = data[first - address : end - address]

    def read_register(self, register: Register) -> int:
        """Return a register."""
        return self._core.read_register(register)

    def write_register(self, register: Register, value: int) -> None:
        """Set a register."""
        self._core.write_register(register, value)

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        """Run, and look at the canary; after an end that was not wanted at the code as well.

        Raises:
            RunFailed: the stack ran over, or the core failed.
        """
        stop = self._core.run(stop_address, budget, meanwhile)
        self._check_stack(stop)
        if stop.reason is not StopReason.STOP_ADDRESS:
            self.check_code()
        return stop

    def _check_stack(self, stop: Stop) -> None:
        if self._stack is None:
            return
        if self._core.read_memory(self._stack.start, len(CANARY)) != CANARY:
            self._core.write_memory(self._stack.start, CANARY)
            raise RunFailed(
                f"The loader ran over the end of its stack at 0x{self._stack.start:08x}, {self._stack.size_bytes} bytes"
                f" below its start; {_how_it_ended(stop)}.",
                hint=_HINT,
            )


def _how_it_ended(stop: Stop) -> str:
    """Return how a run ended, beside what it did to the stack."""
    if stop.reason is StopReason.STOP_ADDRESS:
        return "it came back nevertheless"
    return f"it ended by {stop.reason} at 0x{stop.pc:08x}{': ' if stop.detail else ''}{stop.detail}"
