"""The two generations of STM32's I2C, alone, with an EEPROM."""

from collections.abc import Callable

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.i2c_eeprom import I2cEeprom
from loaderconv.emulator.devices.stm32_i2c_v1 import I2cV1
from loaderconv.emulator.devices.stm32_i2c_v2 import I2cV2

BASE = 0x4000_5400
CR1, CR2 = BASE, BASE + 4
DR, SR1, SR2, CCR = BASE + 0x10, BASE + 0x14, BASE + 0x18, BASE + 0x1C
PE, START, STOP, ACK, POS = 1, 1 << 8, 1 << 9, 1 << 10, 1 << 11
SB, ADDR, BTF, RXNE, TXE, AF = 1, 2, 4, 1 << 6, 1 << 7, 1 << 10
MSL, BUSY, TRA = 1, 2, 4
WRITE, READ = 0xA0, 0xA1
DATA = bytes(range(0x51, 0x61))


@pytest.fixture
def chip() -> I2cEeprom:
    chip = I2cEeprom(8 << 10, 32)
    chip.poke(0x40, DATA)
    return chip


class V1:
    """A loader that polls."""

    def __init__(self, chip: I2cEeprom) -> None:
        self.controller = I2cV1("I2C1", BASE, chip)
        self.bus = Bus(self.controller)
        self.bus.write_all([(CR2, 16), (CCR, 80), (CR1, PE)])

    def wait(self, flag: int) -> int:
        for _ in range(10):
            status = self.bus.read(SR1)
            if status & (flag | AF):
                return status
        return status

    def start(self, chip_address: int) -> bool:
        self.bus.set_bits(CR1, START)
        assert self.wait(SB) & SB
        self.bus.write(DR, chip_address)
        return bool(self.wait(ADDR) & ADDR)

    def clear_address(self) -> None:
        self.bus.read(SR2)

    def send(self, *data: int) -> None:
        for byte in data:
            assert self.wait(TXE) & TXE
            self.bus.write(DR, byte)

    def stop(self) -> None:
        self.bus.set_bits(CR1, STOP)

    def begin_reading(self) -> None:
        assert self.start(WRITE)
        self.clear_address()
        self.send(0, 0x40)
        assert self.wait(BTF) & BTF
        assert self.start(READ)

    def receive(self) -> int:
        assert self.wait(RXNE) & RXNE
        return self.bus.read(DR)


def test_v1_writes(chip: I2cEeprom) -> None:
    loader = V1(chip)
    assert loader.start(WRITE)
    assert loader.bus.read(SR1) & (ADDR | TXE) == ADDR | TXE
    assert loader.bus.read(SR2) == MSL | BUSY | TRA
    assert not loader.bus.read(SR1) & ADDR
    loader.send(1, 2, 3)
    assert not loader.bus.read(SR1) & BTF, "the last byte is on its way"
    assert loader.wait(BTF) & BTF
    loader.stop()
    assert loader.bus.read(SR2) == 0
    assert chip.peek(0x102, 1) == b"\x03"
    assert not loader.start(WRITE), "the memory is busy"
    assert loader.bus.read(SR1) & AF
    loader.bus.write(SR1, ~AF & 0xFFFF)
    assert not loader.bus.read(SR1) & AF
    loader.stop()
    chip.pass_time(1_000_000)
    assert loader.start(WRITE)
    loader.stop()
    assert loader.bus.read(SR2) & BUSY, "ADDR holds the clock until SR2 was read"
    assert not loader.bus.read(SR2) & BUSY
    assert loader.controller.violations == []


def test_v1_receives_one_byte(chip: I2cEeprom) -> None:
    loader = V1(chip)
    loader.begin_reading()
    loader.clear_address()
    loader.stop()
    assert loader.wait(RXNE) & RXNE
    assert loader.bus.read(SR2) & BUSY, "the stop condition comes behind the acknowledge"
    assert loader.bus.read(DR) == DATA[0]
    assert not loader.wait(RXNE) & RXNE
    assert loader.bus.read(SR2) == 0
    assert loader.controller.violations == []


def test_v1_receives_two_bytes(chip: I2cEeprom) -> None:
    loader = V1(chip)
    loader.begin_reading()
    loader.bus.set_bits(CR1, ACK | POS)
    loader.clear_address()
    loader.bus.write(CR1, PE | POS)
    assert loader.wait(BTF) & BTF
    loader.stop()
    assert bytes((loader.bus.read(DR), loader.bus.read(DR))) == DATA[:2]
    assert loader.controller.violations == []


@pytest.mark.parametrize("waits_for_two", [True, False], ids=["BTF", "RXNE"])
def test_v1_receives_more(chip: I2cEeprom, waits_for_two: bool) -> None:
    loader = V1(chip)
    loader.begin_reading()
    loader.bus.set_bits(CR1, ACK)
    loader.clear_address()
    received = [loader.receive() for _ in range(13 if waits_for_two else 15)]
    if waits_for_two:
        assert loader.wait(BTF) & BTF
        loader.bus.write(CR1, PE)
        received.append(loader.bus.read(DR))
        assert loader.wait(BTF) & BTF
        loader.stop()
        received += [loader.bus.read(DR), loader.bus.read(DR)]
    else:
        loader.bus.write(CR1, PE)
        loader.stop()
        received.append(loader.receive())
    assert bytes(received) == DATA
    assert not loader.wait(RXNE) & RXNE
    assert loader.bus.read(SR2) == 0
    assert loader.controller.violations == []


def v1_address_flag(loader: V1) -> None:
    loader.start(WRITE)
    loader.bus.write(DR, 0)


def v1_address_flag_at_start(loader: V1) -> None:
    loader.start(WRITE)
    loader.bus.set_bits(CR1, START)
    assert not loader.wait(SB) & SB


def v1_overwrites(loader: V1) -> None:
    loader.start(WRITE)
    loader.clear_address()
    loader.bus.write_all([(DR, 0), (DR, 1), (DR, 2)])


def v1_ignores_refusal(loader: V1) -> None:
    assert not loader.start(0x90)
    loader.bus.write(DR, 0)


def v1_does_not_wait_for_start(loader: V1) -> None:
    loader.bus.set_bits(CR1, START)
    loader.bus.write(DR, WRITE)


def v1_acknowledges_the_last(loader: V1) -> None:
    loader.begin_reading()
    loader.bus.set_bits(CR1, ACK)
    loader.clear_address()
    loader.receive()
    loader.stop()
    loader.receive()


@pytest.mark.parametrize(
    ("act", "violation"),
    [
        (v1_address_flag, "data written while ADDR is set: SR2 was not read after SR1"),
        (v1_address_flag_at_start, "start condition asked for while ADDR is set, which holds the clock"),
        (v1_overwrites, "data written while TXE is 0; a byte is lost"),
        (v1_ignores_refusal, "data written while it does not transmit"),
        (v1_does_not_wait_for_start, "address written before SB was seen"),
        (v1_acknowledges_the_last, "stop condition behind a byte that was acknowledged"),
        (lambda loader: loader.bus.write(CR1, START), "start condition asked for while it is off"),
        (
            lambda loader: loader.bus.write_all([(CCR, 0), (CR1, PE | START)]),
            "start condition asked for while CCR or FREQ is 0",
        ),
        (
            lambda loader: loader.bus.write_all([(CR2, 16 | 1 << 11), (CR1, PE | START)]),
            "DMA is asked for, which is not modelled",
        ),
    ],
)
def test_v1_violations(chip: I2cEeprom, act: Callable[[V1], None], violation: str) -> None:
    loader = V1(chip)
    act(loader)
    assert loader.controller.violations == [f"I2C1: {violation}"]


TIMINGR, ISR, ICR, RXDR, TXDR = BASE + 0x10, BASE + 0x18, BASE + 0x1C, BASE + 0x24, BASE + 0x28
RD_WRN, V2_START, V2_STOP, RELOAD, AUTOEND = 1 << 10, 1 << 13, 1 << 14, 1 << 24, 1 << 25
V2_TXE, TXIS, V2_RXNE, NACKF, STOPF, TC, TCR, V2_BUSY = 1, 2, 4, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 15


def nbytes(count: int) -> int:
    return count << 16


class V2:
    """A loader that polls."""

    def __init__(self, chip: I2cEeprom) -> None:
        self.controller = I2cV2("I2C1", BASE, chip)
        self.bus = Bus(self.controller)
        self.bus.write_all([(TIMINGR, 0x0042_0F13), (CR1, PE)])

    def start(self, control: int) -> None:
        self.bus.write(CR2, WRITE | V2_START | control)

    def wait(self, flag: int) -> int:
        for _ in range(10):
            status = self.bus.read(ISR)
            if status & (flag | NACKF):
                return status
        return status

    def send(self, *data: int) -> None:
        for byte in data:
            assert self.wait(TXIS) & TXIS
            self.bus.write(TXDR, byte)

    def receive(self, count: int) -> bytes:
        received = b""
        for _ in range(count):
            assert self.wait(V2_RXNE) & V2_RXNE
            received += bytes([self.bus.read(RXDR)])
        return received


def test_v2_writes(chip: I2cEeprom) -> None:
    loader = V2(chip)
    assert loader.bus.read(ISR) == V2_TXE
    loader.start(nbytes(4) | AUTOEND)
    assert loader.bus.read(ISR) & (TXIS | V2_BUSY) == TXIS | V2_BUSY
    loader.send(1, 2, 3, 4)
    assert chip.peek(0x102, 2) == b"\x03\x04", "whether or not anybody looks at the end"
    assert loader.bus.read(ISR) & (STOPF | V2_BUSY) == STOPF
    loader.bus.write(ICR, STOPF)
    loader.start(nbytes(2) | AUTOEND)
    assert loader.bus.read(ISR) & (NACKF | STOPF | TXIS) == NACKF | STOPF, "the memory is busy"
    loader.bus.write(ICR, NACKF | STOPF)
    chip.pass_time(1_000_000)
    loader.start(AUTOEND)
    assert loader.bus.read(ISR) == V2_TXE | STOPF, "a transfer of nothing asks whether the memory answers"
    assert loader.controller.violations == []


def test_v2_reads(chip: I2cEeprom) -> None:
    loader = V2(chip)
    loader.start(nbytes(2))
    loader.send(0, 0x40)
    assert loader.wait(TC) & (TC | V2_BUSY) == TC | V2_BUSY
    loader.start(nbytes(16) | RD_WRN | AUTOEND)
    assert loader.receive(16) == DATA
    assert loader.bus.read(ISR) & (STOPF | V2_RXNE | V2_BUSY) == STOPF
    assert loader.controller.violations == []


def test_v2_reloads(chip: I2cEeprom) -> None:
    loader = V2(chip)
    loader.start(nbytes(2) | RELOAD)
    loader.send(1, 0)
    assert loader.wait(TCR) & TCR
    loader.bus.write(CR2, WRITE | nbytes(3))
    loader.send(7, 8, 9)
    assert loader.wait(TC) & (TC | TCR) == TC
    loader.bus.set_bits(CR2, V2_STOP)
    assert chip.peek(0x100, 3) == b"\x07\x08\x09"
    assert loader.controller.violations == []


def test_v2_byte_in_front_of_a_transfer(chip: I2cEeprom) -> None:
    """ST's newer HAL does so; who does not flush it after a refusal sends it with the next transfer."""
    loader = V2(chip)
    loader.bus.write(TXDR, 1)
    assert not loader.bus.read(ISR) & V2_TXE
    loader.start(nbytes(3) | AUTOEND)
    loader.send(0, 5)
    assert chip.peek(0x100, 1) == b"\x05"
    loader.bus.write_all([(ICR, STOPF), (TXDR, 1)])
    loader.start(nbytes(3) | AUTOEND)
    assert loader.bus.read(ISR) & (NACKF | V2_TXE) == NACKF
    loader.bus.write(ISR, V2_TXE)
    assert loader.bus.read(ISR) & V2_TXE
    assert loader.controller.violations == []


def v2_overwrites(loader: V2) -> None:
    loader.start(nbytes(9))
    loader.bus.write_all([(TXDR, 0), (TXDR, 1), (TXDR, 2)])


def v2_stops_early(loader: V2) -> None:
    loader.start(nbytes(3))
    loader.send(0)
    loader.bus.set_bits(CR2, V2_STOP)


def v2_starts_in_the_middle(loader: V2) -> None:
    loader.start(nbytes(3))
    loader.start(nbytes(3))


@pytest.mark.parametrize(
    ("act", "violation"),
    [
        (v2_overwrites, "data written while TXDR is full; a byte is lost"),
        (v2_stops_early, "stop condition with 2 bytes of NBYTES missing"),
        (v2_starts_in_the_middle, "start condition asked for in the middle of a transfer"),
        (lambda loader: loader.bus.read(RXDR), "RXDR read while it is empty"),
        (
            lambda loader: loader.bus.write_all([(CR1, 0), (CR2, WRITE | V2_START)]),
            "start condition asked for while it is off",
        ),
        (
            lambda loader: loader.bus.write_all([(TIMINGR, 0), (CR2, WRITE | V2_START)]),
            "start condition asked for while TIMINGR is 0",
        ),
        (
            lambda loader: loader.bus.write_all([(CR1, PE | 1 << 15), (CR2, WRITE | V2_START)]),
            "DMA is asked for, which is not modelled",
        ),
    ],
)
def test_v2_violations(chip: I2cEeprom, act: Callable[[V2], None], violation: str) -> None:
    loader = V2(chip)
    act(loader)
    assert loader.controller.violations == [f"I2C1: {violation}"]


@pytest.mark.parametrize("loader_type", [V1, V2])
def test_reset(chip: I2cEeprom, loader_type: type[V1 | V2]) -> None:
    loader = loader_type(chip)
    loader.bus.set_bits(CR1 if isinstance(loader, V1) else CR2, START if isinstance(loader, V1) else V2_START)
    loader.controller.reset()
    assert loader.bus.read(CR1) == 0
    assert loader.bus.read(SR2 if isinstance(loader, V1) else ISR) == (0 if isinstance(loader, V1) else V2_TXE)
