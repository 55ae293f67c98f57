"""I2C of STM32F1, F2, F4 and L1 as a master (RM0090 chapter 27, RM0008 chapter 26).

Transmission: one byte in the shift register and one in DR. Each look at SR1 lets a byte through, so that a full DR can
be seen; a byte that is written while both are full is lost. Reception: a byte is under way until SR1 is looked at, and
ACK counts at that moment; the next one follows at once if it was acknowledged and the shift register is free. Thus a
loader can clear ACK and set STOP in time as on silicon, and loses the last bytes if it does so too late.

Not modelled: slave mode, addresses of 10 bits, DMA, interrupts, SMBus; nothing judges the timing.
"""

from loaderconv.emulator.devices.event_log import EventLog
from loaderconv.emulator.devices.i2c_chip import I2cChip
from loaderconv.emulator.devices.peripheral import Window
from loaderconv_schemas.address_range import AddressRange

CR1, CR2, DR, SR1, SR2, CCR, TRISE = 0x00, 0x04, 0x10, 0x14, 0x18, 0x1C, 0x20
CR1_PE, CR1_START, CR1_STOP, CR1_ACK, CR1_POS, CR1_SWRST = 1 << 0, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 15
CR2_FREQ, CR2_DMAEN = 0x3F, 1 << 11
SR1_SB, SR1_ADDR, SR1_BTF, SR1_RXNE, SR1_TXE, SR1_AF = 1 << 0, 1 << 1, 1 << 2, 1 << 6, 1 << 7, 1 << 10
SR2_MSL, SR2_BUSY, SR2_TRA = 1 << 0, 1 << 1, 1 << 2
TRISE_AT_RESET = 2
TRANSMIT_BYTES = 2
"""One in the shift register, one in DR."""

LOOKS_THAT_WAIT = 2
"""A register that is read so often, with nothing between, is being waited for."""


class I2cV1:
    """One controller.

    Attributes:
        violations: flags that were not cleared, bytes that are lost, settings that are missing.
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
        self._words = {TRISE: TRISE_AT_RESET}
        self._last_look: int | None = None
        self._looks = 0
        self._last_received = 0
        self._has_failed = False
        self._release()

    def _release(self) -> None:
        """Own the bus no longer, and forget what was under way."""
        self._is_master = self._is_transmitter = False
        self._has_start_bit = self._was_start_seen = False
        self._has_address_bit = self._was_address_seen = False
        self._stops_soon = False
        self._outgoing: list[int] = []
        self._has_sent = self._is_refused = False
        self._is_receiving = self._is_first = self._continues = False
        self._received: list[int] = []

    # The registers

    def _read(self, offset: int, size_bytes: int) -> int:
        register = offset & ~3
        self._look(register)
        if register == SR1:
            value = self._status_1()
        elif register == SR2:
            value = self._status_2()
        elif register == DR:
            value = self._take()
        else:
            value = self._words.get(register, 0)
            if register == CR1 and self._stops_soon:
                value |= CR1_STOP
        return value >> 8 * (offset & 3) & (1 << 8 * size_bytes) - 1

    def _look(self, register: int) -> None:
        """See a register being read: who reads one again and again waits for the end of what is under way."""
        self._looks = self._looks + 1 if register == self._last_look else 1
        self._last_look = register
        if self._stops_soon and register in (CR1, SR2) and self._looks >= LOOKS_THAT_WAIT:
            self._go_on()

    def _write(self, offset: int, _size_bytes: int, value: int) -> None:
        self._last_look = None
        if offset == DR:
            self._send(value & 0xFF)
        elif offset == SR1:
            self._has_failed = self._has_failed and bool(value & SR1_AF)
        elif offset == CR1:
            self._control(value & 0xFFFF)
        elif offset & 3 == 0 and offset != SR2:
            self._words[offset] = value & 0xFFFF

    def _status_1(self) -> int:
        shown = SR1_SB if self._has_start_bit else 0
        if self._is_transmitter:
            shown |= SR1_TXE if len(self._outgoing) < TRANSMIT_BYTES and not self._is_refused else 0
            shown |= SR1_BTF if self._has_sent and not self._outgoing and not self._is_refused else 0
            self._go_on()
        else:
            self._go_on()
            shown |= SR1_RXNE if self._received else 0
            shown |= SR1_BTF if len(self._received) > 1 else 0
        shown |= SR1_ADDR if self._has_address_bit else 0
        self._was_start_seen = self._has_start_bit
        self._was_address_seen = self._has_address_bit
        return shown | (SR1_AF if self._has_failed else 0)

    def _status_2(self) -> int:
        shown = SR2_MSL | SR2_BUSY if self._is_master else 0
        shown |= SR2_TRA if self._is_transmitter else 0
        if self._was_address_seen:
            self._has_address_bit = self._was_address_seen = False
            self._is_receiving = self._is_first = not self._is_transmitter
            if self._stops_soon and self._is_transmitter:
                self._finish()
        return shown

    def _control(self, value: int) -> None:
        self._words[CR1] = value & ~(CR1_START | CR1_STOP)
        if value & CR1_SWRST or not value & CR1_PE:
            if value & CR1_START:
                self._violation_log.add(f"{self._name}: start condition asked for while it is off")
            self._release()
            return
        if value & CR1_STOP and self._is_master:
            self._stop()
        if value & CR1_START:
            self._start()

    # Conditions on the bus

    def _start(self) -> None:
        if not self._words.get(CCR, 0) or not self._words.get(CR2, 0) & CR2_FREQ:
            self._violation_log.add(f"{self._name}: start condition asked for while CCR or FREQ is 0")
        if self._words.get(CR2, 0) & CR2_DMAEN:
            self._violation_log.add(f"{self._name}: DMA is asked for, which is not modelled")
        if self._has_address_bit:
            self._violation_log.add(f"{self._name}: start condition asked for while ADDR is set, which holds the clock")
            return
        self._finish()
        self._release_bus()
        self._is_master = self._has_start_bit = True

    def _stop(self) -> None:
        """Ask for a stop condition: it follows the byte that is under way, and waits while ADDR holds the clock."""
        self._stops_soon = True
        if self._has_address_bit or self._is_receiving:
            return
        if self._continues:
            self._violation_log.add(f"{self._name}: stop condition behind a byte that was acknowledged")
        self._finish()

    def _finish(self) -> None:
        """Let all that is under way come to its end."""
        while self._outgoing or (self._stops_soon and self._is_master):
            self._go_on()
        if self._is_receiving:
            self._go_on()

    def _go_on(self) -> None:
        """Let one byte through, or a stop condition that waits for nothing more."""
        if self._outgoing:
            self._has_sent = True
            byte = self._outgoing.pop(0)
            if not self._is_refused and not self._chip.write(byte):
                self._is_refused = self._has_failed = True
        elif self._is_receiving:
            self._receive()
        elif self._stops_soon and not self._has_address_bit:
            self._release_bus()
            self._chip.stop()

    def _release_bus(self) -> None:
        """Own the bus no longer; what was received can still be read."""
        received = self._received
        self._release()
        self._received = received

    # Bytes

    def _send(self, byte: int) -> None:
        if self._has_start_bit:
            self._address(byte)
        elif not self._is_transmitter:
            self._violation_log.add(f"{self._name}: data written while it does not transmit")
        elif self._has_address_bit:
            self._violation_log.add(f"{self._name}: data written while ADDR is set: SR2 was not read after SR1")
        elif len(self._outgoing) == TRANSMIT_BYTES:
            self._violation_log.add(f"{self._name}: data written while TXE is 0; a byte is lost")
        else:
            self._outgoing.append(byte)

    def _address(self, byte: int) -> None:
        if not self._was_start_seen:
            self._violation_log.add(f"{self._name}: address written before SB was seen")
        self._has_start_bit = False
        if self._chip.start(byte):
            self._has_address_bit = True
            self._is_transmitter = not byte & 1
        else:
            self._has_failed = True

    def _receive(self) -> None:
        """End the byte under way: it goes to DR, or stays in the shift register while DR is full."""
        self._received.append(self._chip.read())
        control = self._words.get(CR1, 0)
        acknowledges = bool(control & CR1_ACK) or (self._is_first and bool(control & CR1_POS))
        self._is_first = False
        self._is_receiving = acknowledges and len(self._received) == 1 and not self._stops_soon
        self._continues = acknowledges
        if acknowledges and self._stops_soon:
            self._violation_log.add(f"{self._name}: stop condition behind a byte that was acknowledged")

    def _take(self) -> int:
        if self._received:
            self._last_received = self._received.pop(0)
            if self._received and self._continues and self._is_master and not self._stops_soon:
                self._is_receiving = True
        return self._last_received
