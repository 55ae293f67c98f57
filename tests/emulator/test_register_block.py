"""Plain registers with status bits, alone."""

from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.register_block import Follow, RegisterBlock, RegisterLayout

BASE = 0x4000_0000
LAYOUT = RegisterLayout(
    "block",
    follows=(Follow(0x00, 0, 0x00, 1), Follow(0x04, 4, 0x08, 16, 2)),
    always_set={0x0C: 0x80},
    reset_values={0x00: 0x100},
    aliases={0x20: 0x00},
)


def test_status_follows_control() -> None:
    bus = Bus(RegisterBlock(BASE, LAYOUT))
    assert bus.read(BASE) == 0x100
    bus.write(BASE, 1)
    assert bus.read(BASE) == 0b11
    bus.write(BASE, 0b10)
    assert bus.read(BASE) == 0, "a status bit cannot be written"
    bus.write(BASE + 4, 0x30)
    assert bus.read(BASE + 8) == 3 << 16
    bus.write(BASE + 0xC, 0)
    assert bus.read(BASE + 0xC) == 0x80


def test_alias_and_narrow_accesses() -> None:
    bus = Bus(RegisterBlock(BASE, LAYOUT))
    bus.write(BASE + 0x21, 0xAB, 1)
    assert bus.read(BASE) == 0xAB00
    assert bus.read(BASE + 1, 1) == 0xAB


def test_reset() -> None:
    block = RegisterBlock(BASE, LAYOUT)
    bus = Bus(block)
    bus.write(BASE, 1)
    bus.write(BASE + 0x40, 5)
    block.reset()
    assert (bus.read(BASE), bus.read(BASE + 0x40)) == (0x100, 0)
