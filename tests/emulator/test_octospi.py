"""OCTOSPI: what is elsewhere than in QUADSPI, and octal DTR."""

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.devices.octospi import AR, CCR, CR, DCR1, DLR, DR, FCR, IR, PSMKR, SR, TCR, WCCR, WIR, Octospi
from loaderconv.emulator.devices.serial_nor_bank import SerialNorBank
from support.serial_nor import MEBIBYTE, part

BASE, MAPPED = 0x5200_5000, 0x9000_0000
EN, ABORT, DMM, APMS = 1, 2, 1 << 6, 1 << 22
TCF, FTF, SMF, BUSY = 2, 4, 8, 32
WRITE, READ, POLL, MAP = 0, 1 << 28, 2 << 28, 3 << 28
ONE_LINE, ONE_LINE_ADDRESS, ONE_LINE_DATA = 1, 1 << 8 | 2 << 12, 1 << 24
OCTAL_DTR = 4 | 1 << 3 | 1 << 4
OCTAL_ADDRESS, OCTAL_DATA = 4 << 8 | 1 << 11 | 3 << 12, 4 << 24 | 1 << 27 | 1 << 29


class Rig:
    """A controller with a memory, and its registers by name."""

    def __init__(self, name: str = "W25Q", mebibytes: int = 16, *, is_mapped_at_start: bool = False) -> None:
        self.memory = SerialNorBank(part(mebibytes * MEBIBYTE, name))
        self.controller = Octospi(self.memory, BASE, MAPPED, is_mapped_at_start=is_mapped_at_start)
        self.bus = Bus(self.controller)
        if not is_mapped_at_start:
            self.write(DCR1, (self.memory.size_bytes.bit_length() - 2) << 16)

    def write(self, register: int, value: int, size_bytes: int = 4) -> None:
        self.bus.write(BASE + register, value, size_bytes)

    def read(self, register: int, size_bytes: int = 4) -> int:
        return self.bus.read(BASE + register, size_bytes)

    def command(self, mode: int, setup: int, instruction: int, address: int | None = None) -> None:
        self.write(CR, EN | APMS | mode)
        self.write(CCR, setup)
        self.write(IR, instruction)
        if address is not None:
            self.write(AR, address)

    @property
    def violations(self) -> list[str]:
        return [*self.controller.violations, *self.memory.violations]


def test_command_starts_with_the_instruction() -> None:
    rig = Rig()
    rig.command(WRITE, ONE_LINE, 0x06)
    assert (rig.memory.commands, rig.read(SR)) == (["write enable"], TCF | FTF)
    rig.write(FCR, TCF)
    assert rig.read(SR) == FTF


def test_program_and_read() -> None:
    rig = Rig()
    rig.command(WRITE, ONE_LINE, 0x06)
    rig.write(DLR, 3)
    rig.command(WRITE, ONE_LINE | ONE_LINE_ADDRESS | ONE_LINE_DATA, 0x02, 0x100)
    assert not rig.read(SR) & BUSY
    rig.write(DR, 0x0403_0201)
    rig.memory.pass_time(1_000_000)
    rig.command(READ, ONE_LINE | ONE_LINE_ADDRESS | ONE_LINE_DATA, 0x03, 0x100)
    assert rig.read(SR) == 4 << 8 | BUSY | FTF | TCF
    assert (rig.read(DR), rig.read(SR), rig.violations) == (0x0403_0201, TCF, [])


def test_polling() -> None:
    rig = Rig()
    rig.command(WRITE, ONE_LINE, 0x06)
    rig.command(WRITE, ONE_LINE | ONE_LINE_ADDRESS, 0x20, 0)
    rig.write(PSMKR, 1)
    rig.write(DLR, 0)
    rig.command(POLL, ONE_LINE | ONE_LINE_DATA, 0x05)
    assert rig.read(SR) & (BUSY | SMF) == BUSY
    assert any(rig.read(SR) & SMF for _turn in range(10))
    assert not rig.read(SR) & BUSY


def test_mode_changes_only_after_an_abort() -> None:
    rig = Rig()
    rig.command(MAP, ONE_LINE | ONE_LINE_ADDRESS | ONE_LINE_DATA, 0x03)
    rig.bus.read(MAPPED)
    assert rig.read(SR) & BUSY
    rig.write(CR, EN | READ)
    assert rig.read(CR) & MAP == MAP
    assert rig.violations == ["OCTOSPI was told another mode while BUSY, which is ignored"]
    rig.write(CR, EN | ABORT | MAP)
    rig.write(CR, EN | READ)
    assert rig.read(CR) & MAP == READ


def test_setup_of_mapped_writes_is_storage() -> None:
    rig = Rig()
    rig.write(WCCR, ONE_LINE)
    rig.write(WIR, 0x12)
    assert (rig.read(WCCR), rig.read(WIR), rig.memory.commands, rig.violations) == (ONE_LINE, 0x12, [], [])


def test_left_mapped_by_an_application() -> None:
    rig = Rig(mebibytes=64, is_mapped_at_start=True)
    rig.memory.poke(0x300_0000, b"\x01\x02\x03\x04")
    assert rig.bus.read(MAPPED + 0x300_0000) == 0x0403_0201
    rig.write(CCR, ONE_LINE)
    assert rig.violations == ["OCTOSPI register at 0x100 was written while BUSY, which is ignored"]


def test_octal_dtr() -> None:
    rig = Rig("MX25LM51245G", 64)
    rig.command(WRITE, ONE_LINE, 0x06)
    rig.write(DLR, 0)
    rig.command(WRITE, ONE_LINE | 1 << 8 | 3 << 12 | ONE_LINE_DATA, 0x72, 0)
    rig.write(DR, 2, 1)
    rig.command(WRITE, OCTAL_DTR, 0x06F9)
    rig.command(WRITE, OCTAL_DTR | OCTAL_ADDRESS, 0x21DE, 0x20_0000)
    rig.write(PSMKR, 1)
    rig.write(TCR, 4)
    rig.write(DLR, 1)
    rig.command(POLL, OCTAL_DTR | OCTAL_ADDRESS | OCTAL_DATA, 0x05FA, 0)
    assert any(rig.read(SR) & SMF for _turn in range(10))
    rig.command(WRITE, OCTAL_DTR, 0x06F9)
    rig.write(DLR, 7)
    rig.command(WRITE, OCTAL_DTR | OCTAL_ADDRESS | OCTAL_DATA, 0x12ED, 0x20_0000)
    rig.write(DR, 0x0403_0201)
    rig.write(DR, 0x0807_0605)
    rig.memory.pass_time(1_000_000)
    rig.write(TCR, 20)
    rig.command(MAP, OCTAL_DTR | OCTAL_ADDRESS | OCTAL_DATA, 0xEE11)
    assert (rig.bus.read(MAPPED + 0x20_0004), rig.violations) == (0x0807_0605, [])


@pytest.mark.parametrize("threshold", [1, 40])
def test_dual_memory_mode_makes_it_two(threshold: int) -> None:
    rig = Rig("MT25QL", 128)
    rig.memory.poke(0x200, bytes(range(64)))
    rig.write(CR, EN | DMM | READ | threshold - 1 << 8)
    rig.write(DLR, 63)
    rig.write(CCR, ONE_LINE | ONE_LINE_ADDRESS | ONE_LINE_DATA)
    rig.write(IR, 0x03)
    rig.write(AR, 0x200)
    got = bytes(rig.read(DR, 1) for _turn in range(64))
    assert (got, rig.memory.commands, rig.violations) == (bytes(range(64)), ["read 0x000100, 32 bytes"], [])
