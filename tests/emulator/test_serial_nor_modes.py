"""Addresses of three and four bytes, QPI and octal modes of a serial NOR memory."""

import pytest

from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES
from loaderconv.emulator.devices.serial_nor_frame import Frame
from loaderconv.emulator.devices.serial_nor_mode import BusMode
from loaderconv.emulator.start_condition import StartCondition
from support.serial_nor import MEBIBYTE, command, enabled, finish, part, send

LARGE = 64 * MEBIBYTE


@pytest.fixture
def nor() -> SerialNor:
    return SerialNor(part())


def status(nor: SerialNor) -> int:
    return command(nor, 0x05, reads=1)[0]


def test_four_byte_commands_need_no_mode() -> None:
    nor = SerialNor(part(LARGE))
    nor.poke(0x210_0000, b"\x42")
    assert command(nor, 0x13, address=0x210_0000, address_bytes=4, reads=1) == b"\x42"
    enabled(nor, 0x21, address=0x210_0000, address_bytes=4)
    assert (nor.peek(0x210_0000, 1), nor.violations) == (b"\xff", [])


def test_four_byte_mode() -> None:
    nor = SerialNor(part(LARGE))
    nor.poke(0x210_0000, b"\x42")
    command(nor, 0xB7)
    assert command(nor, 0x15, reads=1) == b"\x01"
    assert command(nor, 0x03, address=0x210_0000, address_bytes=4, reads=1) == b"\x42"
    command(nor, 0xE9)
    assert command(nor, 0x15, reads=1) == b"\x00"
    assert nor.violations == []


def test_too_few_bytes_reach_nothing() -> None:
    nor = SerialNor(part(LARGE), StartCondition.FOUR_BYTE)
    nor.poke(0, b"\x42")
    enabled(nor, 0x20, address=0)
    assert (nor.peek(0, 1), nor.is_waiting) == (b"\x42", False)
    assert nor.violations == ["sector erase with 3 bytes of address where it takes 4"]


def test_too_many_bytes_reach_another_address() -> None:
    nor = SerialNor(part(LARGE))
    enabled(nor, 0x02, b"\x11", address=0x1_2340, address_bytes=4)
    assert (nor.peek(0x123, 2), nor.peek(0x1_2340, 1)) == (b"\x40\x11", b"\xff")
    assert nor.violations == ["page program with 4 bytes of address where it takes 3"]


def test_extended_address_register() -> None:
    nor = SerialNor(part(LARGE))
    nor.poke(0x200_0010, b"\x42")
    enabled(nor, 0xC5, b"\x02")
    assert command(nor, 0x03, address=0x10, reads=1) == b"\x42"


def test_small_parts_have_no_four_byte_mode() -> None:
    nor = SerialNor(part(), StartCondition.FOUR_BYTE)
    command(nor, 0xB7)
    command(nor, 0x03, address=0, reads=1)
    assert nor.violations == []


@pytest.mark.parametrize(("name", "enter", "leave"), [("W25Q", 0x38, 0xFF), ("MX25L", 0x35, 0xF5)])
def test_qpi(name: str, enter: int, leave: int) -> None:
    nor = SerialNor(part(name=name))
    command(nor, enter)
    assert nor.mode is BusMode.QPI
    assert command(nor, 0x9F, reads=1) == b"\xff"
    assert nor.violations == ["command 0x9f on 1 line while in QPI mode"]
    assert command(nor, 0xAF, lines=4, reads=1) == nor.part.jedec_id[:1]
    command(nor, leave, lines=4)
    assert command(nor, 0x9F, reads=1) == nor.part.jedec_id[:1]
    assert len(nor.violations) == 1


def test_qpi_needs_the_quad_enable_bit(nor: SerialNor) -> None:
    enabled(nor, 0x31, b"\0")
    finish(nor)
    command(nor, 0x38)
    assert nor.mode is BusMode.SPI


def test_qpi_of_micron_follows_its_register() -> None:
    nor = SerialNor(part(name="MT25QL"))
    enabled(nor, 0x61, b"\x7f")
    assert nor.mode is BusMode.QPI
    assert command(nor, 0x65, lines=4, reads=1) == b"\x7f"


def test_careful_resets_on_other_lines_are_no_violation(nor: SerialNor) -> None:
    for lines in (4, 8, 1):
        command(nor, 0x66, lines=lines)
        command(nor, 0x99, lines=lines)
    assert nor.violations == []


def test_left_in_qpi() -> None:
    nor = SerialNor(part(), StartCondition.QPI)
    command(nor, 0x06)
    assert status(nor) == 0xFF, "nobody drives the line"
    command(nor, 0x66, lines=4)
    command(nor, 0x99, lines=4)
    assert status(nor) == 0


def test_macronix_octal_dtr() -> None:
    nor = SerialNor(part(LARGE, "MX25LM51245G"))
    enabled(nor, 0x72, b"\x02", address=0, address_bytes=4)
    assert nor.mode is BusMode.OCTAL_DTR
    nor.poke(0x20_0000, b"\x42")

    def octal(opcode: int, address: int | None = None, data_lines: int = 0, dummy_cycles: int = 0) -> Frame:
        return Frame(opcode, 8, 2, True, address, 4, b"", dummy_cycles, data_lines)

    assert send(nor, octal(0x05FA, 0, 8, 4), reads=2) == bytes(2)
    assert send(nor, octal(0xEE11, 0x20_0000, 8, 20), reads=1) == b"\x42"
    send(nor, octal(0x06F9))
    send(nor, octal(0x21DE, 0x20_0000))
    nor.pass_time(BUSY_CYCLES)
    assert nor.peek(0x20_0000, 1) == b"\xff"
    send(nor, octal(0x06F9))
    send(nor, octal(0x12ED, 0x20_0000, 8), b"\x11\x22")
    nor.pass_time(BUSY_CYCLES)
    assert (nor.peek(0x20_0000, 2), nor.violations) == (b"\x11\x22", [])
    assert send(nor, octal(0x9F9F, 0, 8, 4), reads=1) == b"\xff", "the second byte is the complement"
    assert send(nor, Frame(0x9F60, 8, 2, False, 0, 4, data_lines=8), reads=1) == b"\xff", "not DTR"
    assert nor.violations == [
        "command 0x9f9f on 8 lines DTR while in octal DTR mode",
        "command 0x9f60 on 8 lines while in octal DTR mode",
    ]
    send(nor, octal(0x6699))
    send(nor, octal(0x9966))
    assert status(nor) == 0


@pytest.mark.parametrize(("name", "opcode", "address", "value"), [("MT35XU", 0x81, 0, 0xE7), ("S28HS", 0x71, 6, 3)])
def test_other_octal_parts_repeat_the_opcode(name: str, opcode: int, address: int, value: int) -> None:
    nor = SerialNor(part(LARGE, name))
    enabled(nor, opcode, bytes([value]), address=address)
    assert nor.mode is BusMode.OCTAL_DTR
    assert send(nor, Frame(0x9F9F, 8, 2, True, None, 4, data_lines=8), reads=3) == nor.part.jedec_id
    assert send(nor, Frame(0x9F, 8, 1, True, None, 4, data_lines=8), reads=3) == nor.part.jedec_id
