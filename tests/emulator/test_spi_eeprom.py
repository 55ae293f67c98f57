"""An SPI EEPROM, alone and at pins that software moves."""

import pytest
from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.bit_bang import BitBang
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.gpio import PORT, GpioPort
from loaderconv.emulator.devices.spi_eeprom import SpiEeprom
from loaderconv.emulator.devices.spi_eeprom_part import SpiEepromPart, choose_spi_eeprom, is_spi_eeprom
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

WREN, WRDI, RDSR, WRSR, READ, WRITE = 6, 4, 5, 1, 3, 2
WIP, WEL = 1, 2
M95640 = SpiEepromPart(8192, 32)


def device(name: str, size_bytes: int, sector_bytes: int, kind: DeviceKind = DeviceKind.SPI_FLASH) -> Device:
    run = SectorRun(offset_bytes=0, sector_size_bytes=sector_bytes, count=size_bytes // sector_bytes)
    return Device(name=name, kind=kind, base_address=0, size_bytes=size_bytes, page_size_bytes=32, sectors=(run,))


def send(chip: SpiEeprom, *data: int) -> bytes:
    chip.select()
    answer = bytes(chip.exchange(byte) for byte in data)
    chip.deselect()
    return answer


def status(chip: SpiEeprom) -> int:
    return send(chip, RDSR, 0)[1]


def write(chip: SpiEeprom, *data: int) -> None:
    send(chip, WREN)
    send(chip, WRITE, *data)


def wait(chip: SpiEeprom) -> None:
    while (found := status(chip)) & WIP:
        assert found & WEL, "the write enable lasts as long as the write"


def test_write_takes_a_while() -> None:
    chip = SpiEeprom(M95640)
    write(chip, 0x01, 0x00, 5, 6)
    assert chip.is_waiting
    assert status(chip) == WIP | WEL
    wait(chip)
    assert status(chip) == 0
    assert chip.peek(0xFF, 4) == b"\xff\x05\x06\xff"
    assert send(chip, READ, 0x01, 0x00, 0, 0, 0)[3:] == b"\x05\x06\xff"
    write(chip, 0x02, 0x00, 7)
    chip.pass_time(1_000_000)
    assert (chip.is_waiting, status(chip)) == (False, 0)
    assert chip.violations == []
    assert chip.commands[:3] == ["write enable", "write 0x0100, 2 bytes", "read status"]


def test_page_wraps() -> None:
    chip = SpiEeprom(M95640)
    write(chip, 0x00, 0x3F, 1, 2)
    assert (chip.peek(0x3F, 1), chip.peek(0x20, 1), chip.peek(0x40, 1)) == (b"\x01", b"\x02", b"\xff")
    assert chip.violations == ["write 0x003f, 2 bytes wraps around the end of its page"]


@pytest.mark.parametrize(
    ("size", "head", "offset"),
    [
        (256, (WRITE, 0x85), 0x85),
        (512, (WRITE, 0x85), 0x85),
        (512, (WRITE | 8, 0x85), 0x185),
        (8 << 10, (WRITE, 0x12, 0x34), 0x1234),
        (256 << 10, (WRITE, 0x02, 0x12, 0x34), 0x2_1234),
    ],
)
def test_addresses(size: int, head: tuple[int, ...], offset: int) -> None:
    chip = SpiEeprom(SpiEepromPart(size, 16))
    send(chip, WREN)
    send(chip, *head, 0x5A)
    assert chip.peek(offset, 1) == b"\x5a"
    wait(chip)
    assert send(chip, head[0] | 1, *head[1:], 0)[-1] == 0x5A
    assert chip.violations == []


def test_busy_memory_takes_nothing() -> None:
    chip = SpiEeprom(M95640)
    write(chip, 0, 0, 1)
    write(chip, 0, 0, 2)
    assert send(chip, READ, 0, 0, 0)[3] == 0xFF
    assert chip.violations == ["command 0x02 while busy", "read from 0x0000 while busy"]
    assert chip.remarks == ["write enable while busy"]
    wait(chip)
    assert chip.peek(0, 1) == b"\x01"


@pytest.mark.parametrize("revoke", [(), (WREN, WRDI)])
def test_write_needs_its_enable(revoke: tuple[int, ...]) -> None:
    chip = SpiEeprom(M95640)
    for opcode in revoke:
        send(chip, opcode)
    send(chip, WRITE, 0, 0, 1)
    assert chip.peek(0, 1) == b"\xff"
    assert chip.violations == ["write 0x0000, 1 bytes without write enable"]


@pytest.mark.parametrize(("bits", "first"), [(0b01, 0x1800), (0b10, 0x1000), (0b11, 0)])
def test_protected_blocks(bits: int, first: int) -> None:
    chip = SpiEeprom(M95640)
    send(chip, WREN)
    send(chip, WRSR, bits << 2)
    wait(chip)
    assert status(chip) == bits << 2
    write(chip, *first.to_bytes(2, "big"), 1)
    assert chip.violations == [f"write 0x{first:04x}, 1 bytes in a protected block"]
    if first:
        write(chip, *(first - 1).to_bytes(2, "big"), 1)
        assert chip.peek(first - 1, 2) == b"\x01\xff"


def test_failures() -> None:
    chip = SpiEeprom(M95640)
    chip.fail_next(FlashOperation.PROGRAM)
    write(chip, 0, 0, 1)
    wait(chip)
    assert chip.peek(0, 1) == b"\xff"
    chip.hang_next(FlashOperation.ERASE)
    write(chip, 0, 0, 1)
    chip.pass_time(1 << 40)
    assert all(status(chip) & WIP for _ in range(100))


def test_erase_commands_of_parts_that_have_them() -> None:
    chip = SpiEeprom(choose_spi_eeprom(device("25LC512", 64 << 10, 16 << 10)))
    chip.poke(0x3FFF, bytes(4))
    for head in ((0x42, 0x40, 0x05), (0xD8, 0x12, 0x34)):
        send(chip, WREN)
        send(chip, *head)
        wait(chip)
    assert chip.peek(0x3FFF, 4) == b"\xff" * 4
    chip.poke(0xFFFF, b"\x00")
    send(chip, WREN)
    send(chip, 0xC7)
    assert chip.peek(0xFFFF, 1) == b"\xff"
    assert chip.violations == []
    plain = SpiEeprom(M95640)
    send(plain, WREN)
    send(plain, 0xC7)
    assert plain.violations == ["unknown command 0xc7"]


@pytest.mark.parametrize(
    ("wanted", "is_eeprom"),
    [
        (device("M95512_STM32F4", 64 << 10, 4096), True),
        (device("25LC1024", 128 << 10, 32 << 10), True),
        (device("AT25M02", 256 << 10, 4096), True),
        (device("my board", 8192, 4096), True),
        (device("my board", 128 << 10, 256), True),
        (device("my board", 64 << 10, 4096), False),
        (device("W25Q64", 8 << 20, 256), False),
        (device("AT25SF081", 1 << 20, 4096), False),
        (device("AT25Q641", 8 << 20, 4096), False),
        (device("25LC1024", 128 << 10, 4096, DeviceKind.MCU_FLASH), False),
    ],
)
def test_which_memory_is_an_eeprom(wanted: Device, is_eeprom: bool) -> None:
    assert is_spi_eeprom(wanted) is is_eeprom


def test_choice_of_a_part() -> None:
    part = choose_spi_eeprom(device("M95512", 0xFF00, 256))
    assert (part.size_bytes, part.page_size_bytes, part.address_bytes) == (0x1_0000, 128, 2)
    assert SpiEeprom(part).name == "SPI EEPROM of 64 KiB"


def test_chip_at_pins() -> None:
    chip = SpiEeprom(M95640)
    chip.poke(0x20, b"\xa5\x3c")
    port = GpioPort("B", 0, PORT)
    pins = BitBang(chip, {"B": port})
    port.on_level = lambda pin, level: pins.set_level("B", pin, level)
    port.before_input = pins.put_answer
    bus = Bus(port)
    bus.write(PORT.set_reset, 0b101)
    bus.write(0x00, 0b010101)

    def put(pin: int, level: int) -> None:
        bus.write(PORT.set_reset, 1 << pin + (0 if level else 16))

    def transfer(*data: int) -> bytes:
        put(1, 0)
        put(0, 0)
        received = []
        for byte in data:
            answer = 0
            for bit in reversed(range(8)):
                put(2, byte >> bit & 1)
                answer = answer << 1 | bus.read(PORT.input_data) >> 7 & 1
                put(1, 1)
                put(1, 0)
            received.append(answer)
        put(0, 1)
        return bytes(received)

    assert transfer(READ, 0x00, 0x20, 0, 0)[3:] == b"\xa5\x3c"
    transfer(WREN)
    transfer(WRITE, 0x00, 0x21, 0x77)
    assert transfer(RDSR, 0)[1] & WIP
    assert chip.peek(0x20, 2) == b"\xa5\x77"
    assert chip.violations == []
