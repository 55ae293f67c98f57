"""QUADSPI: when a transfer starts, what the flags say, and what is refused."""

from collections.abc import Callable

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.devices.peripheral import BusFault, Peripheral
from loaderconv.emulator.devices.quadspi import AR, CCR, CR, DCR, DLR, DR, FCR, PSMAR, PSMKR, SR, Quadspi
from loaderconv.emulator.devices.serial_nor_bank import SerialNorBank
from loaderconv.emulator.devices.serial_nor_part import NorPart
from support.serial_nor import MEBIBYTE, part

BASE, MAPPED = 0xA000_1000, 0x9000_0000
EN, ABORT, DFM, APMS, PMM = 1, 2, 1 << 6, 1 << 22, 1 << 23
TEF, TCF, FTF, SMF, BUSY = 1, 2, 4, 8, 32
OPCODE, ADDRESS, DATA, QUAD_DATA = 1 << 8, 1 << 10 | 2 << 12, 1 << 24, 3 << 24
READ, POLL, MAP = 1 << 26, 2 << 26, 3 << 26
DUMMY_8 = 8 << 18


class Rig:
    """A controller with a memory, and its registers by name."""

    def __init__(self, nor_part: NorPart | None = None, **options: bool | Callable[[], bool]) -> None:
        self.memory = SerialNorBank(nor_part or part())
        self.controller = Quadspi(self.memory, BASE, MAPPED, **options)  # type: ignore[arg-type]
        self.bus = Bus(self.controller)

    def enable(self, control: int = EN) -> None:
        self.write(DCR, (self.memory.size_bytes.bit_length() - 2) << 16)
        self.write(CR, control)

    def write(self, register: int, value: int, size_bytes: int = 4) -> None:
        self.bus.write(BASE + register, value, size_bytes)

    def read(self, register: int, size_bytes: int = 4) -> int:
        return self.bus.read(BASE + register, size_bytes)

    def mapped(self, offset: int, size_bytes: int = 4) -> int:
        return self.bus.read(MAPPED + offset, size_bytes)

    @property
    def violations(self) -> list[str]:
        return [*self.controller.violations, *self.memory.violations]


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enable()
    return made


def test_is_a_peripheral(rig: Rig) -> None:
    peripheral: Peripheral = rig.controller
    assert [window.range.size_bytes for window in peripheral.windows()] == [0x400, 256 * MEBIBYTE]


def test_command_without_data_starts_with_the_instruction(rig: Rig) -> None:
    rig.write(CCR, OPCODE | 0x06)
    assert rig.memory.commands == ["write enable"]
    assert rig.read(SR) == TCF | FTF
    rig.write(FCR, TCF)
    assert rig.read(SR) == FTF


def test_command_with_address_starts_with_the_address(rig: Rig) -> None:
    rig.write(CCR, OPCODE | 0x06)
    rig.write(CCR, OPCODE | ADDRESS | 0x20)
    assert rig.memory.commands == ["write enable"]
    rig.write(AR, 0x1000)
    assert rig.memory.commands[-1] == "sector erase 0x001000"


def test_write_starts_with_the_first_data(rig: Rig) -> None:
    rig.write(CCR, OPCODE | 0x06)
    rig.write(DLR, 4)
    rig.write(AR, 0x100)
    rig.write(CCR, OPCODE | ADDRESS | DATA | 0x02)
    assert not rig.read(SR) & BUSY
    rig.write(DR, 0x11, 1)
    assert rig.read(SR) & (BUSY | FTF) == BUSY | FTF
    rig.write(DR, 0x3322, 2)
    rig.write(DR, 0x5544_7766)
    assert rig.memory.peek(0x100, 6) == bytes.fromhex("112233667744")[:5] + b"\xff", "DLR cuts off what is too much"
    assert rig.read(SR) & (BUSY | TCF) == TCF


@pytest.mark.parametrize("size_bytes", [1, 2, 4])
def test_read_fills_the_fifo(rig: Rig, size_bytes: int) -> None:
    content = bytes(range(1, 41))
    rig.memory.poke(0x200, content)
    rig.write(DLR, 39)
    rig.write(CR, EN | 7 << 8)
    rig.write(CCR, READ | OPCODE | ADDRESS | DATA | 0x03)
    rig.write(AR, 0x200)
    assert rig.read(SR) == 32 << 8 | BUSY | FTF
    got = b""
    while len(got) < 40:
        assert rig.read(SR) & BUSY
        got += rig.read(DR, size_bytes).to_bytes(size_bytes, "little")
    assert (got, rig.read(SR), rig.violations) == (content, TCF, [])


def test_threshold_is_reached_at_the_end_too(rig: Rig) -> None:
    rig.write(DLR, 2)
    rig.write(CR, EN | 31 << 8)
    rig.write(CCR, READ | OPCODE | DATA | 0x9F)
    assert rig.read(SR) == 3 << 8 | BUSY | FTF | TCF
    assert rig.read(DR) == 0x1840EF


def test_unlimited_read_ends_with_the_memory(rig: Rig) -> None:
    rig.write(DLR, 0xFFFF_FFFF)
    rig.write(CCR, READ | OPCODE | ADDRESS | DATA | 0x03)
    rig.write(AR, 16 * MEBIBYTE - 5)
    assert rig.read(SR) >> 8 == 5


def test_data_register_without_transfer(rig: Rig) -> None:
    assert rig.read(DR) == 0
    assert rig.violations == ["DR was read without data in the FIFO"]


@pytest.mark.parametrize(("control", "mask", "match"), [(APMS, 3, 0), (APMS | PMM, 1, 0), (APMS, 2, 0)])
def test_polling_ends_when_the_memory_is_ready(rig: Rig, control: int, mask: int, match: int) -> None:
    rig.write(CCR, OPCODE | 0x06)
    rig.write(CCR, OPCODE | ADDRESS | 0x20)
    rig.write(AR, 0)
    rig.write(CR, EN | control)
    rig.write(PSMKR, mask)
    rig.write(PSMAR, match)
    rig.write(CCR, POLL | OPCODE | DATA | 0x05)
    looks = [rig.read(SR)]
    while not looks[-1] & SMF:
        assert looks[-1] & BUSY
        looks.append(rig.read(SR))
    assert 2 < len(looks) < 10
    assert not rig.read(SR) & BUSY
    assert rig.read(DR, 1) == 0


def test_polling_waits_for_time_too(rig: Rig) -> None:
    rig.write(CCR, OPCODE | 0x06)
    rig.write(CCR, OPCODE | ADDRESS | 0x20)
    rig.write(AR, 0)
    rig.write(CR, EN | APMS)
    rig.write(PSMKR, 1)
    rig.write(CCR, POLL | OPCODE | DATA | 0x05)
    rig.memory.pass_time(1_000_000)
    assert rig.read(SR) & (SMF | BUSY) == SMF


def test_address_beyond_the_size_is_a_transfer_error() -> None:
    rig = Rig()
    rig.write(DCR, 15 << 16)
    rig.write(CR, EN)
    rig.write(CCR, OPCODE | ADDRESS | 0x20)
    rig.write(AR, 0x1_0000)
    assert rig.read(SR) & (TEF | BUSY) == TEF
    assert rig.memory.commands == []
    rig.write(FCR, TEF)
    rig.write(AR, 0xFFFF)
    assert not rig.read(SR) & TEF


class TestMapped:
    """Memory-mapped mode."""

    def enter(self, rig: Rig) -> None:
        rig.write(CCR, MAP | OPCODE | ADDRESS | QUAD_DATA | DUMMY_8 | 0x6B)

    def test_reads_of_any_width(self, rig: Rig) -> None:
        rig.memory.poke(0x100, bytes.fromhex("0102030405"))
        self.enter(rig)
        assert (rig.mapped(0x100), rig.mapped(0x102, 2), rig.mapped(0x104, 1)) == (0x0403_0201, 0x0403, 0x05)
        assert rig.memory.commands == ["mapped quad output read"]

    def test_busy_rises_with_the_first_access(self, rig: Rig) -> None:
        self.enter(rig)
        assert not rig.read(SR) & BUSY
        rig.mapped(0)
        assert rig.read(SR) & BUSY

    def test_nothing_but_an_abort_leaves_it(self, rig: Rig) -> None:
        self.enter(rig)
        rig.mapped(0)
        rig.write(CCR, OPCODE | 0x06)
        assert rig.violations == ["QUADSPI register at 0x014 was written while BUSY, which is ignored"]
        assert rig.mapped(0) == 0xFFFF_FFFF
        rig.write(CR, EN | ABORT)
        assert (rig.read(CR), rig.read(SR) & (BUSY | TCF)) == (EN, TCF)
        rig.write(CCR, OPCODE | 0x06)
        assert rig.memory.commands[-1] == "write enable"

    def test_switching_off_leaves_it_too(self, rig: Rig) -> None:
        self.enter(rig)
        rig.mapped(0)
        rig.write(CR, 0)
        assert not rig.read(SR) & BUSY
        with pytest.raises(BusFault):
            rig.mapped(0)

    def test_access_in_another_mode_is_a_bus_error(self, rig: Rig) -> None:
        with pytest.raises(BusFault, match="not in memory-mapped mode"):
            rig.mapped(0)

    def test_access_beyond_the_size_is_a_bus_error(self, rig: Rig) -> None:
        self.enter(rig)
        with pytest.raises(BusFault, match="beyond the 16777216 bytes"):
            rig.mapped(16 * MEBIBYTE)

    def test_writes_are_ignored(self, rig: Rig) -> None:
        self.enter(rig)
        rig.bus.write(MAPPED + 4, 0, 1)
        assert rig.memory.peek(4, 1) == b"\xff"
        assert rig.violations == ["0x00 was written to the memory-mapped region at 0x4, which is ignored"]

    @pytest.mark.parametrize("mebibytes", [16, 64])
    def test_left_by_an_application(self, mebibytes: int) -> None:
        rig = Rig(part(mebibytes * MEBIBYTE), is_mapped_at_start=True)
        rig.memory.poke(mebibytes * MEBIBYTE - 4, b"\x01\x02\x03\x04")
        assert rig.read(SR) & BUSY
        assert rig.mapped(mebibytes * MEBIBYTE - 4) == 0x0403_0201
        rig.write(CCR, OPCODE | 0x9F)
        assert len(rig.violations) == 1


def test_dual_flash_mode_makes_it_two() -> None:
    rig = Rig(part(32 * MEBIBYTE, "MT25QL"))
    rig.enable(EN | DFM)
    rig.write(DLR, 1)
    rig.write(CCR, READ | OPCODE | DATA | 0x70)
    assert rig.read(DR, 2) == 0x8080
    rig.write(CCR, OPCODE | 0x06)
    rig.write(DLR, 511)
    rig.write(CCR, OPCODE | ADDRESS | DATA | 0x02)
    rig.write(AR, 0x400)
    for number in range(512):
        rig.write(DR, number & 0xFF, 1)
    assert rig.memory.peek(0x400, 512) == bytes(range(256)) * 2
    assert rig.memory.commands[-1] == "page program 0x000200, 256 bytes"
    assert rig.violations == []


def test_without_a_clock_nothing_answers() -> None:
    is_running = False
    rig = Rig(is_clocked=lambda: is_running)
    rig.write(CR, EN)
    assert rig.read(CR) == 0
    rig.write(CCR, OPCODE | 0x06)
    is_running = True
    assert rig.read(CR) == 0
    assert rig.violations == [f"QUADSPI was written at 0x{CCR:03x} without a clock"]


def test_off_nothing_is_sent() -> None:
    rig = Rig()
    rig.write(CCR, OPCODE | 0x06)
    assert (rig.memory.commands, rig.violations) == ([], ["a command was written while QUADSPI is off"])


def test_reset_clears_registers_and_keeps_the_memory(rig: Rig) -> None:
    rig.memory.poke(0, b"\x42")
    rig.write(CCR, MAP | OPCODE | ADDRESS | DATA | 0x03)
    rig.mapped(0)
    rig.controller.reset()
    assert (rig.read(CR), rig.read(CCR), rig.read(SR), rig.memory.peek(0, 1)) == (0, 0, 0, b"\x42")


def test_registers_take_bytes_and_halfwords(rig: Rig) -> None:
    rig.write(AR + 2, 0x1234, 2)
    rig.write(AR, 0x56, 1)
    assert (rig.read(AR), rig.read(AR + 2, 2), rig.read(AR + 3, 1)) == (0x1234_0056, 0x1234, 0x12)


def test_registers_that_do_not_exist(rig: Rig) -> None:
    assert rig.read(0x100) == 0
    rig.write(SR, 1)
    assert rig.violations == [
        "QUADSPI has no register at 0x100, which was read",
        "QUADSPI has no writable register at 0x008, which was written",
    ]
