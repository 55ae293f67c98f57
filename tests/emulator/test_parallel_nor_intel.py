"""A parallel NOR memory with the Intel command set alone, at its data lines."""

from collections.abc import Iterable

import pytest

from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.parallel_nor_intel import IntelNor
from loaderconv.emulator.devices.parallel_nor_part import CommandSet, choose_parallel_part
from loaderconv.emulator.start_condition import StartCondition
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

MIB, SECTOR = 1 << 20, 128 << 10
READY, ERASE_FAILED, PROGRAM_FAILED, LOCKED = 0x80, 0x20, 0x10, 0x02
UNLOCK = ((0, 0x60), (0, 0xD0))


def nor(name: str = "JS28F128J3", start: StartCondition = StartCondition.AFTER_RESET) -> IntelNor:
    device = Device(
        name=name,
        kind=DeviceKind.NOR_FLASH,
        base_address=0x6000_0000,
        size_bytes=16 * MIB,
        page_size_bytes=16,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=SECTOR, count=128),),
    )
    part = choose_parallel_part(device)
    assert part.vendor.command_set is CommandSet.INTEL
    return IntelNor(part, start)


def send(memory: IntelNor, cycles: Iterable[tuple[int, int]]) -> None:
    for offset, value in cycles:
        memory.write(offset, 2, value)


def settle(memory: IntelNor) -> int:
    """Read until it is ready; return the status then."""
    for count in range(100):
        if memory.read(0, 2) & READY:
            assert count > 1
            return memory.read(0, 2)
    raise AssertionError("still busy")


@pytest.mark.parametrize("opcode", [0x40, 0x10])
def test_program_a_word(opcode: int) -> None:
    memory = nor()
    send(memory, ((0x20, opcode), (0x20, 0x1234)))
    assert (memory.is_waiting, settle(memory)) == (True, READY)
    send(memory, [(0, 0xFF)])
    assert memory.read(0x20, 2) == 0x1234
    assert memory.commands == ["program 0x000020, 2 bytes", "read array"]
    assert memory.violations == []


def test_program_through_the_buffer_and_erase() -> None:
    memory = nor()
    send(memory, [(0, 0xE8)])
    assert memory.read(0, 2) == READY
    send(memory, [(0, 1), (0x10, 0x1111), (0x12, 0x2222), (0, 0xD0)])
    assert settle(memory) == READY
    assert memory.peek(0x10, 4) == b"\x11\x11\x22\x22"
    memory.poke(SECTOR, b"\0")
    send(memory, ((0x10, 0x20), (0x10, 0xD0)))
    memory.pass_time(10_000_000)
    assert memory.read(0, 2) == READY
    assert (memory.peek(0x10, 4), memory.peek(SECTOR, 1)) == (b"\xff" * 4, b"\0")
    assert memory.violations == []


def test_codes() -> None:
    memory = nor()
    send(memory, [(0, 0x90)])
    assert [memory.read(2 * word, 2) for word in (0, 1, 2)] == [0x89, 0x18, 0]
    send(memory, [(0xAA, 0x98)])
    assert bytes(memory.read(2 * word, 2) for word in range(0x10, 0x15)) == b"QRY\x01\x00"
    assert 1 << memory.read(2 * 0x27, 2) == 16 * MIB


def test_blocks_are_locked_when_the_power_comes_on() -> None:
    memory = nor("PC28F128P30")
    send(memory, [(0, 0x90)])
    assert [memory.read(2 * word, 2) for word in (0, 1, 2)] == [0x89, 0x881B, 1]
    send(memory, ((0, 0x20), (0, 0xD0)))
    assert memory.read(0, 2) == READY | ERASE_FAILED | LOCKED
    assert memory.violations == ["block erase 0x000000 in a locked block"]
    send(memory, ((0, 0x50), *UNLOCK, (0, 0x40), (0, 0x1234)))
    assert settle(memory) == READY
    assert memory.peek(0, 2) == b"\x34\x12"
    send(memory, ((SECTOR, 0x40), (SECTOR, 0x1234)))
    assert memory.read(0, 2) == READY | PROGRAM_FAILED | LOCKED


@pytest.mark.parametrize(
    ("cycles", "status", "words"),
    [
        (((0, 0x20), (0, 0xFF)), 0xB0, "0x00ff at 0x000000 written where an erase is confirmed"),
        (((0, 0x60), (0, 0xFF)), 0xB0, "0x00ff at 0x000000 written where a lock command says what it does"),
        (((0, 0xE8), (0, 16)), 0xB0, "0x0010 at 0x000000 written to the write buffer: it holds 32 bytes, not 34"),
        (
            ((0, 0xE8), (0, 0), (0, 0), (0, 0xFF)),
            0xB0,
            "0x00ff at 0x000000 written to the write buffer: the confirmation is missing",
        ),
        (((0, 0x70), (0xAAA, 0xAA)), 0x80, "0x00aa at 0x000aaa written, which begins no command"),
    ],
)
def test_violations(cycles: tuple[tuple[int, int], ...], status: int, words: str) -> None:
    memory = nor()
    send(memory, cycles)
    assert (memory.read(0, 2), memory.violations) == (status, [words])


def test_nothing_but_the_status_while_busy() -> None:
    memory = nor(start=StartCondition.BUSY)
    send(memory, ((0, 0x70), (0, 0x90)))
    assert memory.violations == ["0x0090 at 0x000000 written while busy with erase"]
    assert memory.poll_ready_pin() == 0
    assert settle(memory) == READY


@pytest.mark.parametrize(
    ("operation", "cycles", "error"),
    [
        (FlashOperation.PROGRAM, ((0, 0x40), (0, 0)), PROGRAM_FAILED),
        (FlashOperation.ERASE, ((0, 0x20), (0, 0xD0)), ERASE_FAILED),
    ],
)
def test_errors_stay_until_they_are_cleared(
    operation: FlashOperation, cycles: tuple[tuple[int, int], ...], error: int
) -> None:
    memory = nor()
    memory.poke(0, b"\x77\x77")
    memory.fail_next(operation)
    send(memory, cycles)
    assert settle(memory) == READY | error
    assert memory.peek(0, 2) == b"\x77\x77"
    send(memory, ((0, 0x50), *cycles))
    assert settle(memory) == READY
    assert memory.peek(0, 2) != b"\x77\x77"
    memory.hang_next(operation)
    send(memory, cycles)
    memory.pass_time(1 << 40)
    assert not any(memory.read(0, 2) & READY for _ in range(1000))
    assert not memory.is_waiting
