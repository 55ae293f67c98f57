"""Registers that answer alike whoever asks alike, and calls into a ROM that nobody has."""

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.mask_rom import MaskRom, RomCall
from loaderconv.emulator.devices.responder import MemoryPart, Responder
from loaderconv.hosts.core import Budget, Register, StopReason
from loaderconv_schemas.address_range import AddressRange
from support.thumb import code, words

REGISTERS = AddressRange(start=0x4000_0000, size_bytes=0x1_0000)
FLASH = AddressRange(start=0x1000_0000, size_bytes=0x1000)
ALIAS = AddressRange(start=0, size_bytes=0x800)
RAM = AddressRange(start=0x2000_0000, size_bytes=0x1000)
MANY = 200


def responder() -> Responder:
    parts = (MemoryPart(FLASH, 0), MemoryPart(ALIAS, 0x800))
    return Responder((REGISTERS,), parts, erased_byte=0xFF)


def polls_until(bus: Bus, address: int, mask: int, value: int, size_bytes: int = 4) -> int:
    return next(number for number in range(MANY) if bus.read(address, size_bytes) & mask == value)


LOOPS = [
    pytest.param(4, 1 << 7, 1 << 7, id="one bit shall be set"),
    pytest.param(1, 1 << 7, 1 << 7, id="the same, by bytes"),
    pytest.param(4, 0b101, 0b101, id="two bits shall be set"),
    pytest.param(4, 0xFFFF_FFFF, 0, id="everything shall be clear"),
]


@pytest.mark.parametrize(("size_bytes", "mask", "value"), LOOPS)
@pytest.mark.parametrize("held", [0, 0x5500_0055])
def test_every_poll_ends(size_bytes: int, mask: int, value: int, held: int) -> None:
    device = responder()
    bus = Bus(device)
    bus.write(REGISTERS.start, held)
    polls_until(bus, REGISTERS.start, mask, value, size_bytes)


def test_what_ended_a_poll_is_read_once_more() -> None:
    device = responder()
    bus = Bus(device)
    polls_until(bus, REGISTERS.start, 1 << 7, 1 << 7)
    assert bus.read(REGISTERS.start) == 1 << 7
    assert device.guesses == {REGISTERS.start: 2 * 7 + 2}


def test_answers_begin_anew_with_a_call() -> None:
    device = responder()
    bus = Bus(device)

    def answers() -> list[int]:
        device.begin_call()
        first = [bus.read(REGISTERS.start) for _ in range(MANY)]
        bus.write(REGISTERS.start, 0x1234)
        return [*first, *(bus.read(REGISTERS.start) for _ in range(3)), bus.read(REGISTERS.start + 4)]

    assert answers() == answers()
    assert bus.read(REGISTERS.start) == 0x1234


def test_reads_of_several_registers_are_no_poll() -> None:
    device = responder()
    bus = Bus(device)
    for _ in range(MANY):
        assert bus.read(REGISTERS.start) == bus.read(REGISTERS.start + 4) == 0
    assert device.guesses == {}


def test_register_takes_lanes() -> None:
    bus = Bus(responder())
    bus.write(REGISTERS.start, 0x1122_3344)
    bus.write(REGISTERS.start + 1, 0xAA, 1)
    bus.write(REGISTERS.start + 2, 0xBBCC, 2)
    assert bus.read(REGISTERS.start) == 0xBBCC_AA44
    assert bus.read(REGISTERS.start + 3, 1) == 0xBB


def test_memory_stays_and_has_two_places() -> None:
    device = responder()
    bus = Bus(device)
    assert bus.read(FLASH.start) == 0xFFFF_FFFF
    bus.write(FLASH.start + 0x804, 0x1234_5678)
    device.begin_call()
    assert bus.read(ALIAS.start + 4) == 0x1234_5678


# Mask ROM

TABLE_POINTER = 0x1302_FC2C
BY_TABLE = code(
    0xB510,  # push {r4, lr}
    0x4C02,  # ldr r4, =TABLE_POINTER
    0x6824,  # ldr r4, [r4]
    0x69E4,  # ldr r4, [r4, #28]
    0x47A0,  # blx r4
    0xBD10,  # pop {r4, pc}
) + words(TABLE_POINTER)
DIRECTLY = code(
    0xB510,  # push {r4, lr}
    0x4C02,  # ldr r4, =TABLE_POINTER
    0x6824,  # ldr r4, [r4]
    0x47A0,  # blx r4
    0xBD10,  # pop {r4, pc}
    0xBF00,  # nop
) + words(TABLE_POINTER)
BUDGET = Budget(instructions=1000)


@pytest.mark.parametrize(("program", "entry"), [(BY_TABLE, 7), (DIRECTLY, 0)], ids=["by a table", "directly"])
@pytest.mark.parametrize("cpu", [CpuModel.CORTEX_M3, CpuModel.CORTEX_M7, CpuModel.CORTEX_M33])
def test_call_is_taken_down(cpu: CpuModel, program: bytes, entry: int) -> None:
    rom = MaskRom()
    core = UnicornCore(cpu, ram=[RAM], peripherals=[rom])
    core.write_memory(RAM.start, program)
    for register, value in zip((Register.R0, Register.R1, Register.R2, Register.R3), (1, 2, 3, 4), strict=True):
        core.write_register(register, value)
    core.write_register(Register.R4, 0x1234)
    core.write_register(Register.SP, RAM.end)
    core.write_register(Register.LR, RAM.start + 0x101)
    core.write_register(Register.PC, RAM.start)

    stop = core.run(RAM.start + 0x100, BUDGET)

    assert (stop.reason, stop.detail) == (StopReason.STOP_ADDRESS, "")
    assert rom.calls == [RomCall(TABLE_POINTER, entry, (1, 2, 3, 4))]
    assert (core.read_register(Register.R0), core.read_register(Register.R4)) == (0, 0x1234)
    assert core.read_register(Register.SP) == RAM.end
    assert rom.violations == []


def test_rom_is_read_only() -> None:
    rom = MaskRom()
    Bus(rom).write(TABLE_POINTER, 0)
    assert rom.violations == [f"mask ROM written at 0x{TABLE_POINTER:08x}"]
