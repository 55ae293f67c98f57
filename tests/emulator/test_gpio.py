"""GPIO ports, and a serial memory whose lines software moves."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.bit_bang import BitBang
from loaderconv.emulator.devices.gpio import F1_PORT, PORT, GpioPort
from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_part import choose_part
from loaderconv.emulator.devices.serial_nor_wire import SerialNorWire
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

BASE = 0x4800_0000
MODER, IDR, ODR, BSRR, BRR = BASE, BASE + 0x10, BASE + 0x14, BASE + 0x18, BASE + 0x28
DEVICE = Device(
    name="W25Q16",
    kind=DeviceKind.SPI_FLASH,
    base_address=0x9000_0000,
    size_bytes=2 << 20,
    page_size_bytes=256,
    erased_value=0xFF,
    sectors=(SectorRun(offset_bytes=0, sector_size_bytes=4096, count=512),),
)
JEDEC_ID = bytes([0xEF, 0x40, 0x15])


def test_outputs_drive_their_pins_and_inputs_are_pulled_up() -> None:
    port = GpioPort("A", BASE, PORT)
    bus = Bus(port)
    moves: list[tuple[int, int]] = []
    port.on_level = lambda pin, level: moves.append((pin, level))
    bus.write(BSRR, 1 << 3)
    assert (bus.read(ODR), bus.read(IDR), moves) == (1 << 3, 0xFFFF, [])
    bus.write(MODER, 1 << 2 * 3 | 1 << 2 * 5)
    assert moves == [(5, 0)], "a pin that becomes an output takes the level that was prepared"
    bus.write(BRR, 1 << 3)
    bus.write(BSRR, 1 << 5 | 1 << 16 + 9)
    assert moves == [(5, 0), (3, 0), (5, 1)]
    assert bus.read(IDR) == 0xFFFF & ~(1 << 3)
    bus.write(BSRR + 2, 1 << 5, 2)
    assert moves[-1] == (5, 0)
    port.reset()
    assert (bus.read(IDR), bus.read(MODER)) == (0xFFFF, 0)


def test_port_of_the_first_family() -> None:
    port = GpioPort("B", BASE, F1_PORT)
    bus = Bus(port)
    bus.write(BASE + 0x04, 0x3 << 4 * (12 - 8))
    assert bus.read(BASE + 0x08) == 0xFFFF & ~(1 << 12)
    bus.write(BASE + 0x10, 1 << 12)
    assert bus.read(BASE + 0x08) == 0xFFFF


class SoftwareSpi:
    """What a loader does that has no controller: chip select on pin 4, clock on 5, data on 7, answers on 6."""

    def __init__(self, bus: Bus, idle_clock: int, reads_late: bool) -> None:
        self._bus = bus
        self._idle_clock = idle_clock
        self._reads_late = reads_late
        bus.write(BSRR, 1 << 4 | (1 << 5 if idle_clock else 1 << 21))
        bus.write(MODER, 1 << 2 * 4 | 1 << 2 * 5 | 1 << 2 * 7)

    def transfer(self, sent: bytes, answer_bytes: int = 0) -> bytes:
        self._set(4, 0)
        for byte in sent:
            self._exchange(byte)
        received = bytes(self._exchange(0xFF) for _ in range(answer_bytes))
        self._set(4, 1)
        return received

    def _exchange(self, byte: int) -> int:
        received = 0
        for bit in reversed(range(8)):
            self._set(5, 0)
            self._set(7, byte >> bit & 1)
            level = self._bus.read(IDR) >> 6 & 1
            self._set(5, 1)
            if self._reads_late:
                level = self._bus.read(IDR) >> 6 & 1
            received = received << 1 | level
        self._set(5, self._idle_clock)
        return received

    def _set(self, pin: int, level: int) -> None:
        self._bus.write(BSRR, 1 << pin if level else 1 << pin + 16)


@pytest.mark.parametrize("idle_clock", [0, 1])
@pytest.mark.parametrize("reads_late", [False, True])
def test_memory_at_pins(idle_clock: int, reads_late: bool) -> None:
    memory = SerialNor(choose_part(DEVICE))
    port = GpioPort("A", BASE, PORT)
    pins = BitBang(SerialNorWire(memory), {"A": port})
    port.on_level = lambda pin, level: pins.set_level("A", pin, level)
    port.before_input = pins.put_answer
    spi = SoftwareSpi(Bus(port), idle_clock, reads_late)
    spi.transfer(b"\x06")
    assert spi.transfer(b"\x05", 1) == b"\x02", "the first byte, by which the pins were told apart, counts"
    spi.transfer(b"\x02\x00\x01\x00" + bytes(range(16)))
    while spi.transfer(b"\x05", 1)[0] & 1:
        pass
    assert spi.transfer(b"\x9f", 3) == JEDEC_ID
    assert spi.transfer(b"\x03\x00\x01\x02", 4) == bytes(range(2, 6))
    assert spi.transfer(b"\x0b\x00\x01\x0e\x00", 2) == bytes((14, 15))
    assert memory.peek(0x100, 17) == bytes(range(16)) + b"\xff"
    assert memory.violations == []
