"""The three generations of STM32's SPI, alone, with a memory that counts and remembers."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.spi_bus import SpiBus
from loaderconv.emulator.devices.stm32_spi_v1 import SpiV1
from loaderconv.emulator.devices.stm32_spi_v2 import SpiV2
from loaderconv.emulator.devices.stm32_spi_v3 import SpiV3

BASE = 0x4001_3000
CR1, CR2, V3_CFG1, V3_CFG2 = BASE, BASE + 4, BASE + 8, BASE + 0xC
SR, DR = BASE + 8, BASE + 0xC
V3_SR, V3_IFCR, V3_TXDR, V3_RXDR = BASE + 0x14, BASE + 0x18, BASE + 0x20, BASE + 0x30
RXNE, TXE, OVR, BSY, SPE = 1, 2, 1 << 6, 1 << 7, 1 << 6
RXP, TXP, EOT, TXC = 1, 2, 1 << 3, 1 << 12


class Echo:
    """Answers each byte with the number of bytes before it."""

    def __init__(self) -> None:
        self.transfers: list[bytes] = []
        self.is_selected = False

    def select(self) -> None:
        self.transfers.append(b"")
        self.is_selected = True

    def exchange(self, byte: int) -> int:
        self.transfers[-1] += bytes([byte])
        return len(self.transfers[-1]) - 1

    def deselect(self) -> None:
        self.is_selected = False


@pytest.fixture
def echo() -> Echo:
    return Echo()


def wired(echo: Echo) -> SpiBus:
    bus = SpiBus(echo)
    bus.set_level("A", 4, 0)
    return bus


@pytest.mark.parametrize("model", [SpiV1, SpiV2])
def test_bytes_go_both_ways(model: type[SpiV1] | type[SpiV2], echo: Echo) -> None:
    bus = Bus(model("SPI1", BASE, wired(echo)))
    bus.write(CR2, 0x1700)
    bus.write(CR1, SPE)
    received = []
    for byte in (0x9F, 1, 2):
        assert bus.read(SR) & TXE
        bus.write(DR, byte, 1)
        while not bus.read(SR) & RXNE:
            pass
        received.append(bus.read(DR, 1))
    assert (echo.transfers, received) == ([b"\x9f\x01\x02"], [0, 1, 2])
    assert not bus.read(SR) & (BSY | OVR | RXNE)


def test_v1_loses_nothing_when_one_frame_is_written_ahead(echo: Echo) -> None:
    bus = Bus(SpiV1("SPI1", BASE, wired(echo)))
    bus.write(CR1, SPE)
    bus.write(DR, 0x10)
    bus.write(DR, 0x20)
    assert bus.read(SR) & BSY
    received = []
    for _ in range(2):
        while not bus.read(SR) & RXNE:
            pass
        received.append(bus.read(DR))
    assert received == [0, 1]
    assert not bus.read(SR) & OVR


def test_v1_overrun_of_a_loader_that_only_sends(echo: Echo) -> None:
    bus = Bus(SpiV1("SPI1", BASE, wired(echo)))
    bus.write(CR1, SPE)
    for byte in b"\x02\x00\x00\x00data":
        while not bus.read(SR) & TXE:
            pass
        bus.write(DR, byte)
    while bus.read(SR) & BSY:
        pass
    assert echo.transfers == [b"\x02\x00\x00\x00data"]
    assert bus.read(SR) & OVR
    bus.read(DR)
    assert not bus.read(SR) & (OVR | RXNE)


def test_v1_frames_of_16_bits(echo: Echo) -> None:
    bus = Bus(SpiV1("SPI1", BASE, wired(echo)))
    bus.write(CR1, SPE | 1 << 11)
    bus.write(DR, 0x1234)
    bus.read(SR)
    assert (echo.transfers, bus.read(DR)) == ([b"\x12\x34"], 0x0001)


def test_v2_packs_two_bytes_into_one_access(echo: Echo) -> None:
    bus = Bus(SpiV2("SPI1", BASE, wired(echo)))
    bus.write(CR1, SPE)
    bus.write(DR, 0xBBAA, 2)
    assert echo.transfers == [b"\xaa\xbb"]
    assert bus.read(SR) & RXNE, "half of the FIFO is the threshold after reset"
    assert bus.read(DR, 2) == 0x0100


def test_v2_overrun(echo: Echo) -> None:
    bus = Bus(SpiV2("SPI1", BASE, wired(echo)))
    bus.write(CR2, 0x1700)
    bus.write(CR1, SPE)
    for byte in range(5):
        bus.write(DR, byte, 1)
    assert bus.read(SR) & OVR
    assert [bus.read(DR, 1) for _ in range(4)] == [0, 1, 2, 3]


@pytest.mark.parametrize("model", [SpiV1, SpiV2, SpiV3])
def test_nothing_is_sent_while_it_is_off(model: type[SpiV1] | type[SpiV2] | type[SpiV3], echo: Echo) -> None:
    controller = model("SPI1", BASE, wired(echo))
    Bus(controller).write(V3_TXDR if model is SpiV3 else DR, 1)
    assert (echo.transfers, controller.violations) == ([], ["SPI1: data written while it is off"])


def test_v3_full_duplex_transfer(echo: Echo) -> None:
    bus = Bus(SpiV3("SPI1", BASE, wired(echo)))
    bus.write(CR2, 20)
    bus.write(CR1, 1)
    bus.write(CR1, 1 | 1 << 9)
    received = b""
    for byte in range(20):
        assert bus.read(V3_SR) & TXP
        bus.write(V3_TXDR, byte, 1)
        assert bus.read(V3_SR) & RXP
        received += bytes([bus.read(V3_RXDR, 1)])
    assert bus.read(V3_SR) & (EOT | TXC | TXP) == EOT | TXC
    assert echo.transfers == [bytes(range(20))]
    assert received == bytes(range(20))
    bus.write(V3_IFCR, EOT)
    assert not bus.read(V3_SR) & EOT


def test_v3_transfer_waits_for_its_start(echo: Echo) -> None:
    bus = Bus(SpiV3("SPI1", BASE, wired(echo)))
    bus.write(CR2, 4)
    bus.write(V3_CFG2, 1 << 17)
    bus.write(CR1, 1)
    bus.write(V3_TXDR, 0x0403_0201)
    assert echo.transfers == []
    bus.write(CR1, 1 | 1 << 9)
    assert echo.transfers == [b"\x01\x02\x03\x04"]
    assert bus.read(V3_SR) & EOT
    assert not bus.read(V3_SR) & RXP, "what comes back is dropped in a transfer that only sends"


def test_v3_transfer_that_only_receives(echo: Echo) -> None:
    bus = Bus(SpiV3("SPI1", BASE, wired(echo)))
    bus.write(CR2, 40)
    bus.write(V3_CFG2, 2 << 17)
    bus.write(CR1, 1)
    bus.write(CR1, 1 | 1 << 9)
    assert not bus.read(V3_SR) & EOT, "the FIFO holds the clock"
    received = b"".join(bus.read(V3_RXDR).to_bytes(4, "little") for _ in range(10))
    assert received == bytes(range(40))
    assert bus.read(V3_SR) & EOT


def test_the_pin_that_fell_last_selects() -> None:
    echo = Echo()
    bus = SpiBus(echo)
    bus.set_level("C", 1, 0)
    bus.set_level("A", 4, 0)
    assert not echo.is_selected
    bus.exchange(0x9F)
    bus.set_level("C", 1, 1)
    assert echo.is_selected
    bus.set_level("A", 4, 1)
    assert not echo.is_selected


@pytest.mark.parametrize("model", [SpiV1, SpiV2, SpiV3])
def test_without_a_pin_the_controller_selects(model: type[SpiV1] | type[SpiV2] | type[SpiV3], echo: Echo) -> None:
    bus = Bus(model("SPI1", BASE, SpiBus(echo)))
    bus.write(CR1, 1 if model is SpiV3 else SPE)
    if model is SpiV3:
        bus.write(CR1, 1 | 1 << 9)
    bus.write(V3_TXDR if model is SpiV3 else DR, 0x06, 1)
    bus.read(V3_SR if model is SpiV3 else SR)
    assert echo.is_selected
    bus.write(CR1, 0)
    assert (echo.is_selected, echo.transfers) == (False, [b"\x06"])
