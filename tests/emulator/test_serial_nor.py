"""What a serial NOR memory does, and what it refuses."""

import pytest

from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.emulator.devices.peripheral import Peripheral, Timed
from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_busy import BUSY_CYCLES
from loaderconv.emulator.devices.serial_nor_frame import Frame
from loaderconv.emulator.start_condition import StartCondition
from support.serial_nor import MEBIBYTE, command, enabled, finish, part, send

LARGE = 64 * MEBIBYTE
WEL = 2


@pytest.fixture
def nor() -> SerialNor:
    return SerialNor(part())


def status(nor: SerialNor) -> int:
    return command(nor, 0x05, reads=1)[0]


def programmed(nor: SerialNor, address: int, data: bytes) -> None:
    enabled(nor, 0x02, data, address=address)
    finish(nor)


def test_is_what_scenarios_and_machines_expect(nor: SerialNor) -> None:
    memory: FlashMemory = nor
    peripheral: Peripheral = nor
    timed: Timed = nor
    assert (memory.name, peripheral.windows(), timed.is_waiting) == ("serial NOR of 16 MiB", (), False)


@pytest.mark.parametrize(
    ("opcode", "answer"), [(0x9F, "ef4018"), (0x90, "ef17ef"), (0xAB, "171717"), (0x35, "020202"), (0x15, "000000")]
)
def test_says_what_it_is(nor: SerialNor, opcode: int, answer: str) -> None:
    assert command(nor, opcode, reads=3).hex() == answer


@pytest.mark.parametrize(("name", "answer"), [("MX25L", 0x40), ("IS25LP", 0x40), ("W25Q", 0), ("MT25QL", 0)])
def test_quad_enable_is_set_as_shipped(name: str, answer: int) -> None:
    assert status(SerialNor(part(name=name))) == answer


def test_quad_lines_need_the_quad_enable_bit(nor: SerialNor) -> None:
    nor.poke(0, b"\x12")
    quad_read = Frame(opcode=0x6B, address=0, dummy_cycles=8, data_lines=4)
    assert send(nor, quad_read, reads=1) == b"\x12"
    enabled(nor, 0x31, b"\x00")
    finish(nor)
    assert send(nor, quad_read, reads=1) == b"\xff"
    assert nor.violations == ["quad output read on four lines while the quad enable bit is 0"]


@pytest.mark.parametrize(
    ("opcode", "size_bytes"), [(0x20, 0x1000), (0x52, 0x8000), (0xD8, 0x1_0000), (0xC7, 16 * MEBIBYTE)]
)
def test_erases_what_encloses_the_address(nor: SerialNor, opcode: int, size_bytes: int) -> None:
    address = 0x12_3456
    start = address & -size_bytes
    nor.poke(max(0, start - 1), bytes(3))
    nor.poke(start + size_bytes - 2, bytes(3)[: min(3, 16 * MEBIBYTE - start - size_bytes + 2)])
    enabled(nor, opcode, address=None if opcode == 0xC7 else address)
    finish(nor)
    assert nor.peek(start, size_bytes) == b"\xff" * size_bytes
    if start:
        assert (nor.peek(start - 1, 1), nor.peek(start + size_bytes, 1)) == (b"\0", b"\0")
    assert nor.violations == []


def test_programs_bits_down_only(nor: SerialNor) -> None:
    programmed(nor, 0x100, b"\xf0\x0f\x00")
    programmed(nor, 0x100, b"\x3c\xff\xff")
    assert nor.peek(0x100, 3) == b"\x30\x0f\x00"
    assert nor.violations == ["page program 0x000100, 3 bytes: bits that are 0 stay 0"]


def test_padding_over_programmed_bytes_is_no_violation(nor: SerialNor) -> None:
    programmed(nor, 0x100, b"\x00")
    programmed(nor, 0x100, b"\xff\x55")
    assert (nor.peek(0x100, 2), nor.violations) == (b"\x00\x55", [])


def test_wraps_at_the_end_of_the_page(nor: SerialNor) -> None:
    programmed(nor, 0x1FE, b"\x01\x02\x03")
    assert (nor.peek(0x1FE, 3), nor.peek(0x100, 2)) == (b"\x01\x02\xff", b"\x03\xff")
    assert nor.violations == ["page program 0x0001fe, 3 bytes wraps around the end of its page"]


def test_only_the_last_page_of_too_many_bytes_counts(nor: SerialNor) -> None:
    programmed(nor, 0, bytes(256) + b"\x55" * 256)
    assert nor.peek(0, 257) == b"\x55" * 256 + b"\xff"


def test_reads_on_behind_the_end(nor: SerialNor) -> None:
    nor.poke(nor.size_bytes - 1, b"\x11")
    nor.poke(0, b"\x22")
    assert command(nor, 0x03, address=nor.size_bytes - 1, reads=3) == b"\x11\x22\xff"


@pytest.mark.parametrize(
    ("opcode", "data", "name"),
    [(0x20, b"", "sector erase"), (0x02, b"\0", "page program"), (0x31, b"\0", "write status register 2")],
)
def test_nothing_changes_without_write_enable(nor: SerialNor, opcode: int, data: bytes, name: str) -> None:
    nor.poke(0x1000, b"\x42")
    command(nor, opcode, data, address=None if opcode == 0x31 else 0x1000)
    assert (status(nor), nor.peek(0x1000, 1), command(nor, 0x35, reads=1)) == (0, b"\x42", b"\x02")
    told = nor.remarks if opcode == 0x31 else nor.violations
    assert told == [f"{name} without write enable"]
    assert len(nor.remarks + nor.violations) == 1


def test_write_enable_stays_until_the_operation_ends(nor: SerialNor) -> None:
    enabled(nor, 0x20, address=0)
    seen = [status(nor) for _turn in range(8)]
    assert set(seen[:6]) == {WEL | 1}
    assert seen[6:] == [0, 0]


def test_write_disable(nor: SerialNor) -> None:
    command(nor, 0x06)
    assert status(nor) == WEL
    command(nor, 0x04)
    assert status(nor) == 0


def test_commands_while_busy_are_ignored(nor: SerialNor) -> None:
    nor.poke(0, b"\x42")
    enabled(nor, 0x20, address=0x1000)
    assert command(nor, 0x9F, reads=3) == b"\xff\xff\xff"
    command(nor, 0x06)
    finish(nor)
    assert status(nor) == 0
    assert (nor.violations, nor.remarks) == (["read JEDEC id while busy"], ["write enable while busy"])
    command(nor, 0x20, address=0x2000)
    assert nor.violations[1:] == ["sector erase without write enable"], "what needed it is a violation"


def test_busy_ends_by_time_alone(nor: SerialNor) -> None:
    enabled(nor, 0x02, b"\0", address=0)
    assert nor.is_waiting
    nor.pass_time(BUSY_CYCLES - 1)
    assert nor.is_waiting
    nor.pass_time(1)
    assert (nor.is_waiting, status(nor)) == (False, 0)


def test_flag_status_counts_as_a_poll() -> None:
    nor = SerialNor(part(name="MT25QL"))
    enabled(nor, 0x02, b"\0", address=0)
    assert [command(nor, 0x70, reads=1)[0] for _turn in range(3)] == [0x00, 0x00, 0x80]


@pytest.mark.parametrize(
    ("name", "operation", "opcode", "register", "bit"),
    [
        ("MT25QL", FlashOperation.PROGRAM, 0x02, 0x70, 4),
        ("MT25QL", FlashOperation.ERASE, 0x20, 0x70, 5),
        ("MX25L", FlashOperation.PROGRAM, 0x02, 0x2B, 5),
        ("MX25L", FlashOperation.ERASE, 0x20, 0x2B, 6),
    ],
)
def test_reports_failures(name: str, operation: FlashOperation, opcode: int, register: int, bit: int) -> None:
    nor = SerialNor(part(name=name))
    nor.poke(0, b"\x42")
    nor.fail_next(operation)
    for expected in (True, False):
        enabled(nor, opcode, b"\x40" if opcode == 2 else b"", address=0)
        finish(nor)
        assert bool(command(nor, register, reads=1)[0] >> bit & 1) is expected
        assert (nor.peek(0, 1) == b"\x42") is expected
        command(nor, 0x66)
        command(nor, 0x99)
    assert nor.reports_failures


def test_a_part_without_failure_bits_leaves_the_array_alone(nor: SerialNor) -> None:
    nor.fail_next(FlashOperation.PROGRAM)
    programmed(nor, 0, b"\0")
    assert (nor.peek(0, 1), nor.reports_failures) == (b"\xff", False)


def test_hangs_until_a_reset(nor: SerialNor) -> None:
    nor.hang_next(FlashOperation.ERASE)
    enabled(nor, 0x20, address=0)
    nor.pass_time(100 * BUSY_CYCLES)
    assert [status(nor) & 1 for _turn in range(50)] == [1] * 50
    assert not nor.is_waiting, "time does not help"
    command(nor, 0x66)
    command(nor, 0x99)
    assert status(nor) == 0


@pytest.mark.parametrize(
    ("name", "mebibytes", "value", "start", "end"),
    [
        ("W25Q", 16, 0x04, 0xFC_0000, 16 * MEBIBYTE),
        ("W25Q", 16, 0x24, 0, 0x4_0000),
        ("W25Q", 16, 0x44, 0xFF_F000, 16 * MEBIBYTE),
        ("W25Q", 16, 0x1C, 0, 16 * MEBIBYTE),
        ("MX25L", 16, 0x44, 0xFF_0000, 16 * MEBIBYTE),
        ("MX25L", 16, 0x7C, 0, 16 * MEBIBYTE),
        ("MT25QL", 16, 0x28, 0, 0x2_0000),
        ("W25Q", 32, 0x48, 0, 0x2_0000),
    ],
)
def test_protected_range_is_left_alone(name: str, mebibytes: int, value: int, start: int, end: int) -> None:
    nor = SerialNor(part(mebibytes * MEBIBYTE, name))
    enabled(nor, 0x01, bytes([value]))
    finish(nor)
    for address in {start, end - 1, (start - 1) % nor.size_bytes, end % nor.size_bytes}:
        is_four_byte = mebibytes > 16
        enabled(nor, 0x12 if is_four_byte else 0x02, b"\0", address=address, address_bytes=3 + is_four_byte)
        finish(nor)
        assert (nor.peek(address, 1) == b"\xff") is (start <= address < end)
    assert any("which is protected" in each for each in nor.violations)


def test_volatile_status_is_written_at_once(nor: SerialNor) -> None:
    command(nor, 0x50)
    command(nor, 0x31, b"\x00")
    assert (status(nor), command(nor, 0x35, reads=1), nor.violations) == (0, b"\0", [])


def test_deep_power_down(nor: SerialNor) -> None:
    command(nor, 0xB9)
    assert command(nor, 0x9F, reads=1) == b"\xff"
    command(nor, 0xAB)
    assert command(nor, 0x9F, reads=1) == b"\xef"
    assert nor.violations == ["read JEDEC id in deep power down"]


def test_reset_needs_its_enable_directly_before(nor: SerialNor) -> None:
    command(nor, 0x06)
    command(nor, 0x66)
    assert status(nor) == WEL
    command(nor, 0x99)
    assert (status(nor), nor.violations) == (WEL, ["reset without reset enable"])
    command(nor, 0x66)
    command(nor, 0x99)
    assert status(nor) == 0


def test_unknown_command(nor: SerialNor) -> None:
    assert command(nor, 0x77, reads=1) == b"\xff"
    assert nor.violations == ["unknown command 0x77"]


def test_fast_read_needs_dummy_cycles(nor: SerialNor) -> None:
    command(nor, 0x0B, address=0, dummy_cycles=8, reads=1)
    assert nor.violations == []
    command(nor, 0x0B, address=0, reads=1)
    assert nor.violations == ["fast read without dummy cycles"]


def test_busy_start_ignores_commands_until_it_ends() -> None:
    nor = SerialNor(part(), StartCondition.BUSY)
    command(nor, 0x06)
    assert finish(nor) > 6
    assert (status(nor), nor.violations, nor.remarks) == (0, [], ["write enable while busy"])


def test_commands_in_words(nor: SerialNor) -> None:
    enabled(nor, 0x20, address=0x1000)
    finish(nor)
    programmed(nor, 0x1000, b"\0\0")
    command(nor, 0x03, address=0x1000, reads=2)
    assert nor.commands == [
        "write enable",
        "sector erase 0x001000",
        "read status register 1",
        "write enable",
        "page program 0x001000, 2 bytes",
        "read status register 1",
        "read 0x001000, 2 bytes",
    ]


def test_mapped_reads_follow_the_mode() -> None:
    nor = SerialNor(part(LARGE))
    nor.poke(0x200_0000, b"\x12\x34")
    four_byte = Frame(opcode=0x6C, address_bytes=4, dummy_cycles=8, data_lines=4)
    assert nor.read_mapped(four_byte, 0x200_0000, 2) == b"\x12\x34"
    assert nor.read_mapped(four_byte, 0x200_0001, 1) == b"\x34"
    assert (nor.commands, nor.violations) == (["mapped quad output read"], [])
    assert nor.read_mapped(Frame(opcode=0x20, address_bytes=3, data_lines=1), 0, 1) == b"\xff"
    enabled(nor, 0x20, address=0)
    assert nor.read_mapped(four_byte, 0x200_0000, 1) == b"\xff"
    assert nor.violations == ["quad output read while busy"]
