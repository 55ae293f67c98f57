"""An I2C EEPROM, alone and at pins that software moves."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.gpio import F1_PORT, PORT, GpioPort, PortLayout
from loaderconv.emulator.devices.i2c_bit_bang import I2cBitBang
from loaderconv.emulator.devices.i2c_eeprom import I2cEeprom, choose_eeprom
from loaderconv_schemas.device import Device, DeviceKind

WRITE, READ = 0xA0, 0xA1


def send(chip: I2cEeprom, chip_address: int, *data: int) -> list[bool]:
    acknowledged = [chip.start(chip_address), *(chip.write(byte) for byte in data)]
    chip.stop()
    return acknowledged


def wait(chip: I2cEeprom) -> int:
    polls = 0
    while not chip.start(WRITE):
        polls += 1
    chip.stop()
    return polls


def test_write_takes_a_while() -> None:
    chip = I2cEeprom(16 << 10, 64)
    assert send(chip, WRITE, 0x01, 0x00, 5, 6) == [True] * 5
    assert chip.is_waiting
    assert send(chip, WRITE, 0, 0, 7)[0] is False
    assert wait(chip) > 0
    assert chip.peek(0x100, 3) == bytes((5, 6, 0xFF))
    assert chip.peek(0, 1) == b"\xff"
    send(chip, WRITE, 0x01, 0x01)
    assert chip.start(READ)
    assert (chip.read(), chip.read()) == (6, 0xFF)
    assert chip.commands == ["write 0x0100, 2 bytes", "read from 0x0101"]
    send(chip, WRITE, 0, 0, 9)
    chip.pass_time(1_000_000)
    assert not chip.is_waiting


def test_page_wraps() -> None:
    chip = I2cEeprom(16 << 10, 64)
    send(chip, WRITE, 0x00, 0x7F, 1, 2)
    assert (chip.peek(0x7F, 1), chip.peek(0x40, 1), chip.peek(0x80, 1)) == (b"\x01", b"\x02", b"\xff")
    assert chip.violations == ["write 0x007f, 2 bytes wraps around the end of its page"]


def test_only_a_stop_condition_begins_a_write() -> None:
    chip = I2cEeprom(16 << 10, 64)
    for byte in (chip.start(WRITE), chip.write(0), chip.write(0), chip.write(5), chip.start(READ)):
        assert byte
    chip.stop()
    assert chip.peek(0, 1) == b"\xff"
    assert chip.violations == ["write 0x0000, 1 bytes is lost: a start condition where it needs a stop"]


def test_address_bits_in_the_address_of_the_chip() -> None:
    small, large = I2cEeprom(2048, 16), I2cEeprom(128 << 10, 256)
    send(small, WRITE | 0b1110, 0x10, 5)
    assert small.peek(0x710, 1) == b"\x05"
    send(large, WRITE | 0b10, 0x20, 0x10, 5)
    assert large.peek(0x1_2010, 1) == b"\x05"
    assert not large.start(WRITE | 0b100)
    assert not large.start(0x50 << 1 ^ 0xF0)


def test_pins_of_the_address_of_the_chip() -> None:
    """A board wires them as it likes; the first address tells how."""
    chip = I2cEeprom(4 << 10, 32)
    assert not chip.start(0x90)
    send(chip, WRITE | 0b1100, 0x01, 0x23, 5)
    chip.pass_time(1_000_000)
    assert chip.peek(0x123, 1) == b"\x05"
    assert [chip.start(WRITE | pins) for pins in (0, 0b1110, 0b1100)] == [False, False, True]


def test_failures() -> None:
    chip = I2cEeprom(2048, 16)
    assert not chip.reports_failures
    chip.fail_next(FlashOperation.PROGRAM)
    send(chip, WRITE, 0, 1)
    wait(chip)
    assert chip.peek(0, 1) == b"\xff"
    chip.hang_next(FlashOperation.PROGRAM)
    send(chip, WRITE, 0, 1)
    chip.pass_time(1 << 40)
    assert not any(chip.start(WRITE) for _ in range(100))


@pytest.mark.parametrize(
    ("size", "page", "whole_size", "whole_page"),
    [
        (0xFFFF, 100, 0x1_0000, 64),
        (0x1_0000, 256, 0x1_0000, 128),
        (2048, 1, 2048, 16),
        (256, 1, 256, 8),
        (0x2_0000, 256, 0x2_0000, 256),
    ],
)
def test_choice_of_a_part(size: int, page: int, whole_size: int, whole_page: int) -> None:
    device = Device(
        name="24C",
        kind=DeviceKind.I2C_EEPROM,
        base_address=0,
        size_bytes=size,
        page_size_bytes=page,
        erased_value=0,
        sectors=(),
    )
    chip = choose_eeprom(device)
    assert chip.size_bytes == whole_size
    assert chip.peek(0, 1) == b"\x00", "what the descriptor calls erased"
    head = [0] if whole_size <= 2048 else [0, 0]
    send(chip, WRITE, *head, *(index & 0xFF for index in range(1, whole_page + 2)))
    assert chip.peek(0, 2) == bytes((whole_page + 1 & 0xFF, 2)), "the last byte wraps around the end of the page"


class SoftwareI2c:
    """What a loader does that has no controller: clock on pin 2, data on pin 3, a write protection on pin 9."""

    def __init__(self, bus: Bus, layout: PortLayout) -> None:
        self._bus = bus
        self._layout = layout
        bus.write(layout.set_reset, 1 << 2 | 1 << 3)
        if layout is F1_PORT:
            bus.write(0x00, 0x5 << 8 | 0x5 << 12)
            bus.write(0x04, 0x5 << 4)
        else:
            bus.write(0x04, 1 << 2 | 1 << 3)
            bus.write(0x00, 1 << 4 | 1 << 6 | 1 << 18)
        bus.write(layout.set_reset, 1 << 9 + 16)

    def start(self, chip_address: int) -> bool:
        self._set(3, 1)
        self._set(2, 1)
        self._set(3, 0)
        self._set(2, 0)
        return self.send(chip_address)

    def send(self, byte: int) -> bool:
        for bit in reversed(range(8)):
            self._set(3, byte >> bit & 1)
            self._set(2, 1)
            self._set(2, 0)
        return not self._clocked_in()

    def receive(self, acknowledge: bool) -> int:
        byte = 0
        for _ in range(8):
            byte = byte << 1 | self._clocked_in()
        self._set(3, 0 if acknowledge else 1)
        self._set(2, 1)
        self._set(2, 0)
        return byte

    def stop(self) -> None:
        self._set(3, 0)
        self._set(2, 1)
        self._set(3, 1)

    def _clocked_in(self) -> int:
        self._set(3, 1)
        self._set(2, 1)
        level = self._bus.read(self._layout.input_data) >> 3 & 1
        self._set(2, 0)
        return level

    def _set(self, pin: int, level: int) -> None:
        self._bus.write(self._layout.set_reset, 1 << pin if level else 1 << pin + 16)


@pytest.mark.parametrize("layout", [PORT, F1_PORT], ids=["most families", "the first one"])
def test_chip_at_pins(layout: PortLayout) -> None:
    chip = I2cEeprom(16 << 10, 64)
    port = GpioPort("B", 0, layout)
    pins = I2cBitBang(chip, {"B": port})
    port.on_level = lambda pin, level: pins.set_level("B", pin, level)
    i2c = SoftwareI2c(Bus(port), layout)
    assert i2c.start(WRITE), "the very first byte, by which the pins are told apart, is acknowledged"
    assert all(i2c.send(byte) for byte in (0x12, 0x34, 0xC3, 0x5A))
    i2c.stop()
    assert not i2c.start(WRITE), "busy"
    i2c.stop()
    chip.pass_time(1_000_000)
    assert i2c.start(WRITE)
    assert i2c.send(0x12)
    assert i2c.send(0x34)
    assert i2c.start(READ)
    assert [i2c.receive(acknowledge=True), i2c.receive(acknowledge=True), i2c.receive(acknowledge=False)] == [
        0xC3,
        0x5A,
        0xFF,
    ]
    i2c.stop()
    assert not i2c.start(0x90), "nobody has that address"
    assert chip.peek(0x1234, 2) == b"\xc3\x5a"
    assert chip.violations == []
