"""A memory that becomes two when its controller drives both."""

from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.emulator.devices.serial_nor_bank import SerialNorBank
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES
from loaderconv.emulator.devices.serial_nor_frame import DualSerialMemory, Frame, Parts
from support.serial_nor import MEBIBYTE, command, enabled, finish, part


def pair() -> SerialNorBank:
    bank = SerialNorBank(part(128 * MEBIBYTE, "MT25QL"))
    bank.select(Parts.BOTH)
    return bank


def test_is_one_part_until_both_are_driven() -> None:
    bank = SerialNorBank(part(name="MT25QL"))
    memory: FlashMemory = bank
    line: DualSerialMemory = bank
    line.select(Parts.SECOND)
    assert (memory.name, command(bank, 0x9F, reads=3).hex()) == ("serial NOR of 16 MiB", "20ba18")
    bank.poke(0xFFF, b"\x01\x02\x03")
    line.select(Parts.BOTH)
    assert (bank.name, bank.size_bytes) == ("two serial NORs of 8 MiB", 16 * MEBIBYTE)
    assert bank.peek(0xFFE, 5) == b"\xff\x01\x02\x03\xff", "contents stay"
    assert command(bank, 0x9F, reads=6).hex() == "2020baba1717"


def test_bytes_alternate_however_they_are_handed_over() -> None:
    bank = pair()
    bank.start(Frame(opcode=0x06))
    bank.finish()
    bank.start(Frame(opcode=0x02, address=0x200, data_lines=1))
    for piece in (b"\x00\x01\x02", b"\x03", b"\x04\x05"):
        bank.write(piece)
    bank.finish()
    assert command(bank, 0x05, reads=2) == b"\x03\x03"
    bank.pass_time(BUSY_CYCLES)
    assert bank.peek(0x200, 7) == bytes(range(6)) + b"\xff"
    bank.start(Frame(opcode=0x03, address=0x200, data_lines=1))
    assert b"".join(bank.read(count) for count in (3, 1, 2)) == bytes(range(6))
    bank.finish()
    assert bank.commands[-1] == "read 0x000100, 3 bytes"
    assert bank.read_mapped(Frame(opcode=0x03, data_lines=1), 0x201, 4) == bytes(range(1, 5))
    assert bank.violations == []


def test_an_erase_erases_twice_as_much() -> None:
    bank = pair()
    bank.poke(0, bytes(0x2001))
    enabled(bank, 0x20, address=0)
    assert bank.is_waiting
    bank.pass_time(BUSY_CYCLES)
    assert bank.peek(0, 0x2001) == b"\xff" * 0x2000 + b"\0"


def test_one_of_two_can_be_driven_alone() -> None:
    bank = pair()
    bank.select(Parts.SECOND)
    enabled(bank, 0x02, b"\x55", address=0x10)
    finish(bank)
    assert bank.peek(0x20, 2) == b"\xff\x55"


def test_failures_reach_both() -> None:
    bank = pair()
    bank.fail_next(FlashOperation.PROGRAM)
    enabled(bank, 0x02, b"\0\0", address=0)
    bank.pass_time(BUSY_CYCLES)
    assert (command(bank, 0x70, reads=2), bank.peek(0, 2)) == (b"\x90\x90", b"\xff\xff")


def test_hang_reaches_both() -> None:
    bank = pair()
    bank.hang_next(FlashOperation.ERASE)
    enabled(bank, 0x20, address=0)
    assert command(bank, 0x05, reads=2) == b"\x03\x03"
    assert not bank.is_waiting
