"""A parallel NOR memory alone, at its data lines."""

from collections.abc import Iterable

import pytest

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.parallel_nor import ABORTED, ParallelNor
from loaderconv.emulator.devices.parallel_nor_part import EraseRegion, choose_parallel_part
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

KIB, MIB = 1024, 1 << 20
SECTOR = 64 * KIB
UNLOCK = ((0xAAA, 0xAA), (0x554, 0x55))
AUTOSELECT, BYPASS, PROGRAM = (*UNLOCK, (0xAAA, 0x90)), (*UNLOCK, (0xAAA, 0x20)), (*UNLOCK, (0xAAA, 0xA0))
ERASE = (*UNLOCK, (0xAAA, 0x80), *UNLOCK)
CHIP_ERASE = (*ERASE, (0xAAA, 0x10))
CFI = ((0xAA, 0x98),)
RESET = ((0, 0xF0),)
DQ7, DQ6, DQ5, DQ3, DQ2, DQ1 = 1 << 7, 1 << 6, 1 << 5, 1 << 3, 1 << 2, 1 << 1


def run(size_bytes: int, count: int, offset: int = 0) -> SectorRun:
    return SectorRun(offset_bytes=offset, sector_size_bytes=size_bytes, count=count)


def device(*sectors: SectorRun, name: str = "S29GL064", size_bytes: int = 8 * MIB) -> Device:
    return Device(
        name=name,
        kind=DeviceKind.NOR_FLASH,
        base_address=0x6000_0000,
        size_bytes=size_bytes,
        page_size_bytes=16,
        sectors=sectors or (run(SECTOR, size_bytes // SECTOR),),
    )


def nor(name: str = "S29GL064", start: StartCondition = StartCondition.AFTER_RESET) -> ParallelNor:
    return ParallelNor(choose_parallel_part(device(name=name)), start)


def send(memory: ParallelNor, cycles: Iterable[tuple[int, int]], width_bytes: int = 2) -> None:
    for offset, value in cycles:
        memory.write(offset, width_bytes, value)


def settle(memory: ParallelNor, offset: int = 0) -> list[int]:
    """Read status until DQ6 stands still; return what was read."""
    values = [memory.read(offset, 2), memory.read(offset, 2)]
    while (values[-2] ^ values[-1]) & DQ6:
        values.append(memory.read(offset, 2))
        assert len(values) < 100
    return values[:-1]


def test_program_and_poll() -> None:
    memory = nor()
    send(memory, (*PROGRAM, (0x100, 0x1234)))
    assert memory.is_waiting
    status = settle(memory, 0x100)
    assert len(status) >= 3
    assert all(each & DQ7 == 0x80 for each in status[:-1]), "DQ7 is the complement of what is programmed"
    assert not any(each & (DQ5 | DQ3 | DQ1) for each in status[:-1])
    assert memory.read(0x100, 2) == 0x1234
    assert memory.peek(0xFE, 6) == b"\xff\xff\x34\x12\xff\xff"
    assert memory.commands == ["program 0x000100, 2 bytes"]
    assert memory.violations == []


def test_programs_in_a_row_are_told_as_one() -> None:
    memory = nor()
    for offset in range(0x40, 0x50, 2):
        send(memory, (*PROGRAM, (offset, offset)))
        settle(memory, offset)
    assert memory.commands == ["program 0x000040, 16 bytes"]


def test_bits_only_fall() -> None:
    memory = nor()
    memory.poke(0, b"\x0f\xf0")
    send(memory, (*PROGRAM, (0, 0x5555)))
    settle(memory)
    assert memory.peek(0, 2) == b"\x05\x50"
    assert memory.violations == ["program 0x000000, 2 bytes: bits that are 0 stay 0"]


def test_sectors_join_an_erase_while_its_window_is_open() -> None:
    memory = nor()
    memory.poke(0, bytes(4 * SECTOR))
    send(memory, (*ERASE, (SECTOR, 0x30), (3 * SECTOR, 0x30)))
    assert not memory.read(SECTOR, 2) & DQ3
    memory.read(SECTOR, 2)
    assert memory.read(SECTOR, 2) & DQ3
    send(memory, [(0, 0x30)])
    in_erased, beside = [memory.read(SECTOR, 2), memory.read(SECTOR, 2)], [memory.read(0, 2), memory.read(0, 2)]
    assert (in_erased[0] ^ in_erased[1]) & DQ2
    assert not (beside[0] ^ beside[1]) & DQ2
    settle(memory, SECTOR)
    assert memory.peek(0, 4 * SECTOR) == bytes(SECTOR) + b"\xff" * SECTOR + bytes(SECTOR) + b"\xff" * SECTOR
    assert memory.commands == ["sector erase 0x010000", "sector erase 0x030000"]
    assert memory.violations == ["0x0030 at 0x000000 written while busy with erase"]


def test_chip_erase_ends_by_time() -> None:
    memory = nor()
    memory.poke(7 * MIB, b"\0")
    send(memory, CHIP_ERASE)
    assert memory.poll_ready_pin() == 0
    memory.pass_time(10_000_000)
    assert memory.poll_ready_pin() == 1
    assert not memory.is_waiting
    assert memory.read(7 * MIB, 2) == 0xFFFF


def load(sector: int, count: int, *loads: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    return (*UNLOCK, (sector, 0x25), (sector, count - 1), *loads)


def test_write_buffer() -> None:
    memory = nor()
    send(memory, (*load(0, 3, (0x10, 0x1111), (0x12, 0x2222), (0x18, 0x3333)), (0, 0x29)))
    settle(memory)
    assert memory.peek(0x10, 10) == b"\x11\x11\x22\x22\xff\xff\xff\xff\x33\x33"
    assert memory.violations == []


@pytest.mark.parametrize(
    ("cycles", "words"),
    [
        (load(0, 257), "it holds 512 bytes, not 514"),
        (load(0, 2, (0x1FE, 0), (0x200, 0)), "the address lies in another page"),
        (load(0, 1, (SECTOR, 0)), "the address lies in another sector"),
        ((*load(0, 1, (0, 0)), (0, 0x30)), "the confirmation is missing"),
        ((*load(0, 1, (0, 0)), (SECTOR, 0x29)), "the confirmation is missing"),
        ((*UNLOCK, (0, 0x25), (SECTOR, 0)), "the count goes to another sector"),
    ],
)
def test_write_buffer_against_the_rules(cycles: tuple[tuple[int, int], ...], words: str) -> None:
    memory = nor()
    send(memory, cycles)
    assert memory.violations[-1].endswith(words)
    assert memory.read(0, 2) & DQ1
    send(memory, RESET)
    assert memory.violations[-1] == ABORTED
    send(memory, (*UNLOCK, (0xAAA, 0xF0)))
    assert memory.read(0, 2) == 0xFFFF


@pytest.mark.parametrize("width_bytes", [1, 2])
def test_codes(width_bytes: int) -> None:
    memory = nor("M29W640")
    unlock_2_at = 0x554 + (width_bytes == 1)
    send(memory, [(0xAAA, 0xAA), (unlock_2_at, 0x55), (0xAAA, 0x90)], width_bytes)
    mask = (1 << 8 * width_bytes) - 1
    codes = [memory.read(2 * word, width_bytes) for word in (0, 1, 2, 0xE, 0xF)]
    assert codes == [each & mask for each in (0x20, 0x227E, 0, 0x220C, 0x2201)]
    send(memory, CFI, width_bytes)
    assert bytes(memory.read(2 * word, width_bytes) for word in range(0x10, 0x15)) == b"QRY\x02\x00"
    assert 1 << memory.read(2 * 0x27, width_bytes) == 8 * MIB
    assert 1 << memory.read(2 * 0x2A, width_bytes) == 64
    send(memory, RESET, width_bytes)
    assert memory.read(0, width_bytes) == mask
    assert memory.commands == ["autoselect", "CFI query", "reset"]


def test_unlock_bypass() -> None:
    memory = nor()
    send(memory, (*BYPASS, (0, 0xA0), (0x20, 0x55AA)))
    settle(memory)
    send(memory, ((0, 0x80), (SECTOR, 0x30)))
    settle(memory)
    send(memory, ((0, 0x90), (0, 0x00), (0, 0xA0)))
    assert memory.peek(0x20, 2) == b"\xaa\x55"
    assert memory.commands == [
        "unlock bypass",
        "program 0x000020, 2 bytes",
        "sector erase 0x010000",
        "unlock bypass reset",
    ]
    assert memory.violations == ["0x00a0 at 0x000000 written, which begins no command"]


@pytest.mark.parametrize(
    ("cycles", "words"),
    [
        (((0, 0x20),), "0x0020 at 0x000000 written, which begins no command"),
        ((UNLOCK[0], (0xAAA, 0x55)), "0x0055 at 0x000aaa written where the second unlock cycle belongs"),
        ((*UNLOCK, (0x554, 0xA0)), "0x00a0 at 0x000554 written, a command at a wrong address"),
        ((*UNLOCK, (0xAAA, 0x33)), "0x0033 at 0x000aaa written, an unknown command"),
        ((*AUTOSELECT, *PROGRAM), "0x00a0 at 0x000aaa written while codes are read: no reset before"),
        ((*UNLOCK, (0xAAA, 0x80), (0, 0x30)), "0x0030 at 0x000000 written where an erase has its third unlock cycle"),
        ((*ERASE, (0, 0x31)), "0x0031 at 0x000000 written where an erase says what it erases"),
        ((*PROGRAM, (0, 0), *UNLOCK[:1]), "0x00aa at 0x000aaa written while busy with program"),
    ],
)
def test_violations(cycles: tuple[tuple[int, int], ...], words: str) -> None:
    memory = nor()
    send(memory, cycles)
    assert memory.violations == [words]


def test_resets_that_come_in_vain() -> None:
    memory = nor()
    send(memory, ((0, 0xFF), *PROGRAM, (0, 0x1234), *RESET))
    settle(memory)
    assert (memory.peek(0, 2), memory.violations) == (b"\x34\x12", [])
    assert memory.remarks == ["reset of the other command set written", "reset written while busy with program"]


@pytest.mark.parametrize(("name", "level"), [("S29GL064", 0), ("M29W640", 1), ("PC28F064M29EW", 1)])
@pytest.mark.parametrize(
    ("operation", "cycles"),
    [(FlashOperation.PROGRAM, (*PROGRAM, (0, 0))), (FlashOperation.ERASE, (*ERASE, (0, 0x30)))],
)
def test_a_failure_stays_until_it_is_reset(
    operation: FlashOperation, cycles: tuple[tuple[int, int], ...], name: str, level: int
) -> None:
    memory = nor(name)
    memory.poke(0, b"\x77\x77")
    memory.fail_next(operation)
    send(memory, cycles)
    assert not memory.read(0, 2) & DQ5
    for _ in range(20):
        status = memory.read(0, 2)
    assert status & DQ5
    assert memory.poll_ready_pin() == level
    send(memory, UNLOCK[:1])
    assert memory.violations == ["0x00aa at 0x000aaa written while a failure waits for a reset"]
    send(memory, RESET)
    assert memory.read(0, 2) == 0x7777
    send(memory, cycles)
    settle(memory)
    assert memory.read(0, 2) != 0x7777


def test_a_memory_that_hangs() -> None:
    memory = nor()
    memory.hang_next(FlashOperation.ERASE)
    send(memory, (*ERASE, (0, 0x30)))
    memory.pass_time(1 << 40)
    status = [memory.read(0, 2) for _ in range(1000)]
    assert (status[-1] ^ status[-2]) & DQ6
    assert not status[-1] & DQ5
    assert not memory.is_waiting


def test_left_busy() -> None:
    memory = nor(start=StartCondition.BUSY)
    send(memory, UNLOCK[:1])
    assert memory.violations == ["0x00aa at 0x000aaa written while busy with erase"]
    settle(memory)
    assert memory.read(0, 2) == 0xFFFF


@pytest.mark.parametrize(
    ("described", "size_bytes", "regions"),
    [
        (device(), 8 * MIB, [(SECTOR, 128)]),
        (
            device(run(8 * KIB, 8), run(SECTOR, 127, SECTOR)),
            8 * MIB,
            [(8 * KIB, 8), (SECTOR, 127)],
        ),
        (device(run(SECTOR, 100)), 8 * MIB, [(SECTOR, 128)]),
        (device(run(SECTOR, 3), size_bytes=3 * SECTOR), 512 * KIB, [(SECTOR, 8)]),
        (device(run(0, 0), size_bytes=5 * MIB), 8 * MIB, [(128 * KIB, 64)]),
        (device(run(SECTOR, 1 << 14), size_bytes=1 << 30), 64 * MIB, [(SECTOR, 1024)]),
    ],
)
def test_parts_follow_the_descriptor(described: Device, size_bytes: int, regions: list[tuple[int, int]]) -> None:
    part = choose_parallel_part(described)
    assert part.size_bytes == size_bytes
    assert [(each.sector_size_bytes, each.count) for each in part.regions] == regions
    assert part.regions[-1].end == size_bytes
    assert part.sector(size_bytes - 1) == (size_bytes - regions[-1][0], regions[-1][0])


def test_erase_regions_in_the_table() -> None:
    memory = ParallelNor(choose_parallel_part(device(run(8 * KIB, 8), run(SECTOR, 127, SECTOR))))
    send(memory, CFI)
    assert memory.part.regions == (EraseRegion(0, 8 * KIB, 8), EraseRegion(SECTOR, SECTOR, 127))
    table = [memory.read(2 * word, 2) for word in range(0x2C, 0x35)]
    assert table == [2, 7, 0, 32, 0, 126, 0, 0, 1]
