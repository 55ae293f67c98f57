"""Reset and clock control of STM32: clocks become ready, and peripherals live only while they are clocked.

A peripheral whose clock is off reads 0 and takes nothing; that is how all of them are after a reset. While its reset
bit is set it is held in reset, and setting the bit clears its registers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.register_block import RegisterBlock, RegisterLayout


@dataclass(frozen=True)
class Gate:
    """Where RCC switches a peripheral; the bit has the same number in both registers.

    Attributes:
        enable_offset: its register of clock enables.
        reset_offset: its register of resets; None where the peripheral cannot be reset.
        bit: number of the bit.
    """

    enable_offset: int
    reset_offset: int | None
    bit: int


class Rcc(RegisterBlock):
    """The block of RCC, and the gates in front of the peripherals that are modelled.

    Attributes:
        remarks: writes to a peripheral that was off, once for each peripheral. They are lost, and that may not matter.
    """

    def __init__(
        self, base: int, layout: RegisterLayout, gates: Mapping[str, Gate], *, size_bytes: int = 0x400
    ) -> None:
        super().__init__(base, layout, size_bytes=size_bytes)
        self._gates = gates
        self._resets: list[tuple[Gate, Callable[[], None]]] = []
        self.remarks: list[str] = []
        self.after_write = self._reset_peripherals

    def is_running(self, peripheral: str) -> bool:
        """Tell whether a peripheral is clocked and not held in reset; one that has no gate always is."""
        gate = self._gates.get(peripheral)
        if gate is None:
            return True
        held = gate.reset_offset is not None and self.word(gate.reset_offset) >> gate.bit & 1
        return bool(self.word(gate.enable_offset) >> gate.bit & 1 and not held)

    def on_reset(self, peripheral: str, reset: Callable[[], None]) -> None:
        """Have `reset` called while RCC resets a peripheral."""
        gate = self._gates.get(peripheral)
        if gate is not None and gate.reset_offset is not None:
            self._resets.append((gate, reset))

    def enable(self, peripheral: str) -> None:
        """Switch a clock on, as an earlier program would have left it."""
        gate = self._gates.get(peripheral)
        if gate is not None:
            self.set_bits(gate.enable_offset, 1 << gate.bit)

    def hold(self, peripheral: str) -> None:
        """Leave a peripheral held in reset, as some DeInit routines do."""
        gate = self._gates.get(peripheral)
        if gate is not None and gate.reset_offset is not None:
            self.set_bits(gate.reset_offset, 1 << gate.bit)

    def gated(self, peripheral: str, window: Window) -> Window:
        """Return the window of a peripheral as the bus sees it: silent while the peripheral does not run."""

        def read(offset: int, size_bytes: int) -> int:
            return window.read(offset, size_bytes) if self.is_running(peripheral) else 0

        def write(offset: int, size_bytes: int, value: int) -> None:
            if self.is_running(peripheral):
                window.write(offset, size_bytes, value)
            else:
                self._note(f"{peripheral} written while its clock is off or its reset is held")

        return Window(window.name, window.range, read, write)

    def _note(self, message: str) -> None:
        if message not in self.remarks:
            self.remarks.append(message)

    def _reset_peripherals(self, offset: int) -> None:
        for gate, reset in self._resets:
            if gate.reset_offset == offset and self.word(offset) >> gate.bit & 1:
                reset()
