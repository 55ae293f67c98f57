"""SPI of STM32H7, H5, U5 and U3 (RM0433 chapter 50): transfers of TSIZE frames that CSTART starts.

Bytes are exchanged as soon as the transfer was started and data are there; in a transfer that only receives, as soon as
there is room for them.
"""

from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.spi_bus import IDLE_BYTE, SpiBus
from loaderconv_schemas.address_range import AddressRange

CR1, CR2, CFG1, CFG2, SR, IFCR, TXDR, RXDR = 0x00, 0x04, 0x08, 0x0C, 0x14, 0x18, 0x20, 0x30
CR1_SPE, CR1_CSTART, CR1_CSUSP, CR1_TRANSMITS = 1 << 0, 1 << 9, 1 << 10, 1 << 11
CFG2_DIRECTION_SHIFT = 17
TRANSMIT_ONLY, RECEIVE_ONLY, HALF_DUPLEX = 1, 2, 3
SR_RXP, SR_TXP, SR_DXP, SR_EOT, SR_TXTF, SR_OVR, SR_SUSP, SR_TXC = (
    1 << 0,
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 4,
    1 << 6,
    1 << 11,
    1 << 12,
)
SR_RXPLVL_SHIFT = 13
SR_RXWNE = 1 << 15
CLEARABLE = 0xFF8
FIFO_BYTES = 16
RESET_VALUES = {CFG1: 0x0007_0007}


class SpiV3:
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
        self._stop()

    def _stop(self) -> None:
        self._outgoing = bytearray()
        self._received = bytearray()
        self._flags = 0
        self._is_started = False
        self._bytes_left: int | None = None

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        if register == RXDR:
            return self._take(size_bytes)
        if register == TXDR:
            return 0
        value = self._status() if register == SR else self._words.get(register, 0)
        return value >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        register, shift = offset & ~3, 8 * (offset & 3)
        if register == TXDR:
            self._send(value, size_bytes)
            return
        lane = (1 << 8 * size_bytes) - 1 << shift
        word = self._words.get(register, 0) & ~lane | value << shift & lane
        if register == CR1:
            self._control(word)
        elif register == IFCR:
            self._flags &= ~(value << shift & CLEARABLE)
        elif register != SR:
            self._words[register] = word

    def _control(self, word: int) -> None:
        was_on = self._words.get(CR1, 0) & CR1_SPE
        self._words[CR1] = word & ~(CR1_CSTART | CR1_CSUSP)
        if not word & CR1_SPE:
            self._stop()
            self._bus.release_own()
            return
        if not was_on:
            self._flags = 0
        if word & CR1_CSTART and not self._is_started:
            self._is_started = True
            frames = self._words.get(CR2, 0) & 0xFFFF
            self._bytes_left = frames * self._frame_bytes or None
            self._clock()
        if word & CR1_CSUSP and self._is_started:
            self._is_started = False
            self._flags |= SR_SUSP

    @property
    def _frame_bytes(self) -> int:
        return ((self._words[CFG1] & 0x1F) + 8) // 8

    @property
    def _packet_bytes(self) -> int:
        return ((self._words[CFG1] >> 5 & 0xF) + 1) * self._frame_bytes

    @property
    def _direction(self) -> int:
        direction = self._words.get(CFG2, 0) >> CFG2_DIRECTION_SHIFT & 3
        if direction == HALF_DUPLEX:
            return TRANSMIT_ONLY if self._words.get(CR1, 0) & CR1_TRANSMITS else RECEIVE_ONLY
        return direction

    def _clock(self) -> None:
        """Exchange what can be exchanged now."""
        while self._is_started and self._bytes_left != 0:
            if self._direction == RECEIVE_ONLY:
                if len(self._received) >= FIFO_BYTES:
                    return
                self._received += self._exchanged(bytes([IDLE_BYTE]) * self._frame_bytes)
            elif len(self._outgoing) >= self._frame_bytes:
                frame = bytes(self._outgoing[: self._frame_bytes])
                del self._outgoing[: self._frame_bytes]
                self._keep(self._exchanged(frame))
            else:
                return
            if self._bytes_left is not None:
                self._bytes_left -= self._frame_bytes
        if self._is_started and self._bytes_left == 0:
            self._is_started = False
            self._flags |= SR_EOT | SR_TXTF
            self._bus.release_own()

    def _keep(self, incoming: bytes) -> None:
        if self._direction == TRANSMIT_ONLY:
            return
        if len(self._received) + len(incoming) <= FIFO_BYTES:
            self._received += incoming
        else:
            self._flags |= SR_OVR

    def _exchanged(self, frame: bytes) -> bytes:
        """Exchange one frame, its most significant byte first; a frame is kept with its least significant one first."""
        return bytes(reversed([self._bus.exchange(byte) for byte in reversed(frame)]))

    def _status(self) -> int:
        self._clock()
        status = self._flags
        wants_more = self._bytes_left is None or self._bytes_left > len(self._outgoing)
        if self._direction != RECEIVE_ONLY and wants_more and len(self._outgoing) + self._packet_bytes <= FIFO_BYTES:
            status |= SR_TXP
        if len(self._received) >= self._packet_bytes:
            status |= SR_RXP
        if status & SR_TXP and status & SR_RXP:
            status |= SR_DXP
        if not self._outgoing and not (self._is_started and self._bytes_left):
            status |= SR_TXC
        words, rest = divmod(len(self._received), 4)
        status |= (SR_RXWNE if words else 0) | rest << SR_RXPLVL_SHIFT
        frames_left = (self._bytes_left or 0) // self._frame_bytes
        return status | frames_left << 16

    def _send(self, value: int, size_bytes: int) -> None:
        if not self._words.get(CR1, 0) & CR1_SPE:
            self.violations.append(f"{self._name}: data written while it is off")
            return
        size_bytes = max(size_bytes, self._frame_bytes)
        self._outgoing += value.to_bytes(4, "little")[:size_bytes]
        self._clock()

    def _take(self, size_bytes: int) -> int:
        self._clock()
        data = bytes(self._received[:size_bytes])
        del self._received[:size_bytes]
        self._clock()
        return int.from_bytes(data, "little")
