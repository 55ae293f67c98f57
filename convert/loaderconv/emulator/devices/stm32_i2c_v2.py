"""I2C of all STM32 but F1, F2, F4 and L1 as a master (RM0351 chapter 39, RM0433 chapter 48).

A transfer of NBYTES bytes begins with START and ends as RELOAD and AUTOEND say. Each look at ISR lets a byte through,
so that a full TXDR and an empty RXDR can be seen; the last byte of a transfer goes out without a look.

Not modelled: slave mode, addresses of 10 bits, DMA, interrupts, SMBus; nothing judges the timing.
"""

from enum import Enum, auto

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.i2c_chip import I2cChip
from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

CR1, CR2, TIMINGR, ISR, ICR, RXDR, TXDR = 0x00, 0x04, 0x10, 0x18, 0x1C, 0x24, 0x28
CR1_PE, CR1_TXDMAEN, CR1_RXDMAEN = 1 << 0, 1 << 14, 1 << 15
CR2_SADD, CR2_RD_WRN, CR2_ADD10, CR2_START, CR2_STOP = 0xFE, 1 << 10, 1 << 11, 1 << 13, 1 << 14
CR2_RELOAD, CR2_AUTOEND, NBYTES_SHIFT, NBYTES = 1 << 24, 1 << 25, 16, 0xFF
ISR_TXE, ISR_TXIS, ISR_RXNE, ISR_NACKF, ISR_STOPF = 1 << 0, 1 << 1, 1 << 2, 1 << 4, 1 << 5
ISR_TC, ISR_TCR, ISR_BUSY = 1 << 6, 1 << 7, 1 << 15
TRANSMIT_BYTES = 2
"""One in the shift register, one in TXDR."""


class _Phase(Enum):
    """Where a transfer is."""

    IDLE = auto()
    SENDING = auto()
    RECEIVING = auto()
    COMPLETE = auto()
    """All bytes are through; TC is set, the bus is held."""
    TO_RELOAD = auto()
    """All bytes are through, and more will follow; TCR is set, the bus is held."""


class I2cV2:
    """One controller.

    Attributes:
        violations: bytes that are lost, transfers that are cut off, settings that are missing.
    """

    def __init__(self, name: str, base: int, chip: I2cChip) -> None:
        self._name = name
        self._base = base
        self._chip = chip
        self._violation_log = EventLog()
        self.reset()

    @property
    def violations(self) -> list[str]:
        """What silicon would ignore or punish."""
        return self._violation_log.entries

    def windows(self) -> tuple[Window, ...]:
        """Return the registers."""
        covered = AddressRange(start=self._base, size_bytes=0x400)
        return (Window(self._name, covered, self._read, self._write),)

    def reset(self) -> None:
        """Be as after reset."""
        self._words: dict[int, int] = {}
        self._last_received = 0
        self._switch_off()

    def _switch_off(self) -> None:
        """Forget all but the settings, as PE = 0 does."""
        self._phase = _Phase.IDLE
        self._flags = 0
        self._bytes_left = 0
        self._is_reading = False
        self._outgoing: list[int] = []
        self._received: int | None = None

    # The registers

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        if register == ISR:
            value = self._status()
        elif register == RXDR:
            value = self._take()
        else:
            value = self._words.get(register, 0)
        return value >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _write(self, offset: int, size_bytes: int, value: int) -> None:
        if offset == TXDR:
            self._send(value & 0xFF)
        elif offset == ICR:
            self._flags &= ~value
        elif offset == ISR:
            if value & ISR_TXE and self._phase is not _Phase.SENDING:
                self._outgoing.clear()
        elif offset & ~3 not in (ISR, ICR, RXDR, TXDR):
            self._set(offset & ~3, self._merged(offset, size_bytes, value))

    def _merged(self, offset: int, size_bytes: int, value: int) -> int:
        shift = 8 * (offset & 3)
        lane = (1 << 8 * size_bytes) - 1 << shift
        return self._words.get(offset & ~3, 0) & ~lane | value << shift & lane

    def _set(self, register: int, value: int) -> None:
        self._words[register] = value
        if register == CR1 and not value & CR1_PE:
            self._switch_off()
        elif register == CR2:
            self._words[CR2] = value & ~(CR2_START | CR2_STOP)
            self._control(value)

    def _status(self) -> int:
        shown = 0
        if self._phase is _Phase.RECEIVING:
            self._receive()
        elif self._phase is _Phase.SENDING and self._wants_data:
            shown |= ISR_TXIS
        shown |= ISR_TXE if len(self._outgoing) < self._room else 0
        shown |= ISR_RXNE if self._received is not None else 0
        shown |= ISR_TC if self._phase is _Phase.COMPLETE else 0
        shown |= ISR_TCR if self._phase is _Phase.TO_RELOAD else 0
        shown |= ISR_BUSY if self._phase is not _Phase.IDLE else 0
        shown |= self._flags
        if self._phase is _Phase.SENDING:
            self._shift()
        return shown

    # Transfers

    def _control(self, value: int) -> None:
        if value & CR2_START:
            self._start(value)
        elif self._phase is _Phase.TO_RELOAD and self._asked_bytes:
            self._begin()
        if value & CR2_STOP and self._phase is not _Phase.IDLE:
            self._cut_off()

    def _cut_off(self) -> None:
        """See a stop condition that the loader asks for; what it wrote goes out before."""
        self._send_rest()
        if self._phase in (_Phase.SENDING, _Phase.RECEIVING):
            self._violation_log.add(f"{self._name}: stop condition with {self._bytes_left} bytes of NBYTES missing")
        if self._phase is not _Phase.IDLE:
            self._stop()

    def _start(self, value: int) -> None:
        if not self._words.get(CR1, 0) & CR1_PE:
            self._violation_log.add(f"{self._name}: start condition asked for while it is off")
            return
        if not self._words.get(TIMINGR, 0):
            self._violation_log.add(f"{self._name}: start condition asked for while TIMINGR is 0")
        if self._words[CR1] & (CR1_TXDMAEN | CR1_RXDMAEN):
            self._violation_log.add(f"{self._name}: DMA is asked for, which is not modelled")
        if self._phase not in (_Phase.IDLE, _Phase.COMPLETE):
            self._violation_log.add(f"{self._name}: start condition asked for in the middle of a transfer")
        self._is_reading = bool(value & CR2_RD_WRN)
        is_answered = not value & CR2_ADD10 and self._chip.start(value & CR2_SADD | self._is_reading)
        if is_answered:
            self._begin()
        else:
            self._flags |= ISR_NACKF
            self._stop()

    @property
    def _asked_bytes(self) -> int:
        return self._words.get(CR2, 0) >> NBYTES_SHIFT & NBYTES

    def _begin(self) -> None:
        self._bytes_left = self._asked_bytes
        self._phase = _Phase.RECEIVING if self._is_reading else _Phase.SENDING
        if not self._bytes_left:
            self._end()
        elif not self._is_reading and len(self._outgoing) >= self._bytes_left:
            self._send_rest()

    def _end(self) -> None:
        """See the last of NBYTES."""
        control = self._words.get(CR2, 0)
        if control & CR2_RELOAD:
            self._phase = _Phase.TO_RELOAD
        elif control & CR2_AUTOEND:
            self._stop()
        else:
            self._phase = _Phase.COMPLETE

    def _stop(self) -> None:
        self._phase = _Phase.IDLE
        self._flags |= ISR_STOPF
        self._chip.stop()

    # Bytes

    @property
    def _room(self) -> int:
        """How many bytes can wait: before a transfer the shift register takes none."""
        return TRANSMIT_BYTES if self._phase is _Phase.SENDING else 1

    @property
    def _wants_data(self) -> bool:
        """Whether TXDR is empty and another byte of NBYTES is to come."""
        return len(self._outgoing) < min(TRANSMIT_BYTES, self._bytes_left)

    def _send(self, byte: int) -> None:
        """Take a byte; before a transfer it waits for its start."""
        if len(self._outgoing) >= self._room:
            self._violation_log.add(f"{self._name}: data written while TXDR is full; a byte is lost")
            return
        self._outgoing.append(byte)
        if self._phase is _Phase.SENDING and len(self._outgoing) >= self._bytes_left:
            self._send_rest()

    def _send_rest(self) -> None:
        while self._phase is _Phase.SENDING and self._outgoing:
            self._shift()

    def _shift(self) -> None:
        if not self._outgoing:
            return
        self._bytes_left -= 1
        if not self._chip.write(self._outgoing.pop(0)):
            self._flags |= ISR_NACKF
            self._stop()
        elif not self._bytes_left:
            self._end()

    def _receive(self) -> None:
        if self._received is None and self._bytes_left:
            self._received = self._chip.read()
            self._bytes_left -= 1
            if not self._bytes_left:
                self._end()

    def _take(self) -> int:
        if self._received is None:
            self._violation_log.add(f"{self._name}: RXDR read while it is empty")
        else:
            self._last_received, self._received = self._received, None
        return self._last_received
