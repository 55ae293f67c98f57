"""SPI of STM32F0, F3, F7, G0, G4, L4, L5 and WB (RM0351 chapter 42): FIFOs of four bytes.

A frame goes out when it is written: the FIFO towards the memory is always empty.
"""

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE, SpiBus
from loaderconv_schemas.address_range import AddressRange

CR1, CR2, SR, DR = 0x00, 0x04, 0x08, 0x0C
CR1_SPE, CR1_RXONLY, CR1_BIDIOE, CR1_BIDIMODE = 1 << 6, 1 << 10, 1 << 14, 1 << 15
CR2_FRXTH = 1 << 12
CR2_DATA_SIZE_SHIFT = 8
SR_RXNE, SR_TXE, SR_OVR = 1 << 0, 1 << 1, 1 << 6
SR_RECEIVED_LEVEL_SHIFT = 9
FIFO_BYTES = 4
RESET_VALUES = {CR2: 0x0700, 0x10: 7}


class SpiV2:
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
        self._words = dict(RESET_VALUES)
        self._received = bytearray()
        self._has_overrun = False

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        if register == DR:
            return self._take(size_bytes)
        value = self._status() if register == SR else self._words.get(register, 0)
        return value >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register = offset & ~3
        if register == DR:
            self._send(value, size_bytes)
        elif register == offset and register != SR:
            self._words[register] = value & 0xFFFF
            if register == CR1 and not value & CR1_SPE:
                self._bus.release_own()

    @property
    def _frame_bytes(self) -> int:
        return 1 if (self._words[CR2] >> CR2_DATA_SIZE_SHIFT & 0xF) < 8 else 2

    @property
    def _only_receives(self) -> bool:
        control = self._words.get(CR1, 0)
        return bool(control & CR1_RXONLY) or control & (CR1_BIDIMODE | CR1_BIDIOE) == CR1_BIDIMODE

    def _status(self) -> int:
        if self._words.get(CR1, 0) & CR1_SPE and self._only_receives:
            while len(self._received) < self._threshold_bytes:
                self._receive(IDLE_BYTE)
        level = min(len(self._received), 3)
        status = SR_TXE | level << SR_RECEIVED_LEVEL_SHIFT
        status |= SR_RXNE if len(self._received) >= self._threshold_bytes else 0
        return status | (SR_OVR if self._has_overrun else 0)

    @property
    def _threshold_bytes(self) -> int:
        return 1 if self._words[CR2] & CR2_FRXTH else 2

    def _send(self, value: int, size_bytes: int) -> None:
        if not self._words.get(CR1, 0) & CR1_SPE:
            self.violations.append(f"{self._name}: data written while it is off")
            return
        # Two frames of up to 8 bits may be packed into one access of 16; one of 32 counts as one of 16.
        data = (value & 0xFFFF).to_bytes(2, "little")[: min(size_bytes, 2)]
        for byte in data if self._frame_bytes == 1 else reversed(data.ljust(2, b"\0")):
            self._receive(byte)

    def _receive(self, outgoing: int) -> None:
        incoming = self._bus.exchange(outgoing)
        if len(self._received) < FIFO_BYTES:
            self._received.append(incoming)
        else:
            self._has_overrun = True

    def _take(self, size_bytes: int) -> int:
        self._has_overrun = False
        count = min(size_bytes, 2)
        data = bytes(self._received[:count])
        del self._received[:count]
        return int.from_bytes(data, "little" if self._frame_bytes == 1 else "big")
