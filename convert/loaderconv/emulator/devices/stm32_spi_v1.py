"""SPI of STM32F1, F2, F4, L0 and L1 (RM0090 chapter 28): a buffer of one frame in each direction.

A frame that was written goes out when the loader looks at SR next, or after some looks while received data wait. So a
full transmit buffer and BSY can be seen, and a loader that writes ahead by one frame loses nothing.
"""

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE, SpiBus
from loaderconv_schemas.address_range import AddressRange

CR1, CR2, SR, DR = 0x00, 0x04, 0x08, 0x0C
CR1_SPE, CR1_RXONLY, CR1_DFF, CR1_BIDIOE, CR1_BIDIMODE = 1 << 6, 1 << 10, 1 << 11, 1 << 14, 1 << 15
SR_RXNE, SR_TXE, SR_OVR, SR_BSY = 1 << 0, 1 << 1, 1 << 6, 1 << 7
TRANSMIT_FRAMES = 2
"""One in the shift register, one in the buffer."""

POLLS_PER_FRAME = 8
"""Looks at SR until a frame is through; received data that were not taken until then are lost to the next frame."""


class SpiV1:
    """One controller.

    Attributes:
        violations: data written while it was off.
    """

    def __init__(self, name: str, base: int, bus: SpiBus) -> None:
        self.violations: list[str] = []
        self._name = name
        self._base = base
        self._bus = bus
        self.reset()

    def windows(self) -> tuple[Window, ...]:
        """Return the registers."""
        covered = AddressRange(start=self._base, size_bytes=0x400)
        return (Window(self._name, covered, self._read, self._write),)

    def reset(self) -> None:
        """Be as after reset."""
        self._words = {0x10: 7}
        self._outgoing: list[int] = []
        self._received: int | None = None
        self._last_received = 0
        self._has_overrun = False
        self._polls = 0

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        if register == SR:
            value = self._status()
        elif register == DR:
            value = self._take()
        else:
            value = self._words.get(register, 0)
        return value >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, _size_bytes: int, value: int) -> None:
        register = offset & ~3
        if register == DR:
            self._send(value)
        elif register == SR:
            return
        elif register == offset:
            self._words[register] = value & 0xFFFF
            if register == CR1 and not value & CR1_SPE:
                self._outgoing.clear()
                self._bus.release_own()

    @property
    def _is_on(self) -> bool:
        return bool(self._words.get(CR1, 0) & CR1_SPE)

    @property
    def _only_receives(self) -> bool:
        control = self._words.get(CR1, 0)
        return bool(control & CR1_RXONLY) or control & (CR1_BIDIMODE | CR1_BIDIOE) == CR1_BIDIMODE

    def _status(self) -> int:
        if self._is_on and self._only_receives and self._received is None:
            self._received = self._exchanged(IDLE_BYTE * 0x101)
        elif self._outgoing and (self._received is None or self._polls >= POLLS_PER_FRAME):
            self._shift()
            self._polls = 0
        self._polls += 1
        status = SR_RXNE if self._received is not None else 0
        status |= SR_TXE if len(self._outgoing) < TRANSMIT_FRAMES else 0
        status |= SR_BSY if self._outgoing else 0
        return status | (SR_OVR if self._has_overrun else 0)

    def _send(self, value: int) -> None:
        self._polls = 0
        if not self._is_on:
            self.violations.append(f"{self._name}: data written while it is off")
            return
        if len(self._outgoing) == TRANSMIT_FRAMES:
            self._shift()
        self._outgoing.append(value)

    def _take(self) -> int:
        self._polls = 0
        if self._received is None and self._outgoing:
            self._shift()
        if self._received is not None:
            self._last_received, self._received = self._received, None
        self._has_overrun = False
        return self._last_received

    def _shift(self) -> None:
        received = self._exchanged(self._outgoing.pop(0))
        if self._received is None:
            self._received = received
        else:
            self._has_overrun = True

    def _exchanged(self, frame: int) -> int:
        """Exchange one frame of 8 or 16 bits, the upper byte first."""
        if not self._words.get(CR1, 0) & CR1_DFF:
            return self._bus.exchange(frame & 0xFF)
        high = self._bus.exchange(frame >> 8 & 0xFF)
        return high << 8 | self._bus.exchange(frame & 0xFF)
