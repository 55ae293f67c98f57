"""The last resort, the bit-band alias, and the search for holes."""

from tests.emulator.bus_access import Bus

from loaderconv.emulator.devices.auto_ready import AutoReady
from loaderconv.emulator.devices.bit_band import BitBand
from loaderconv.emulator.devices.register_block import RegisterBlock, RegisterLayout
from loaderconv.emulator.machines.holes import holes
from loaderconv_schemas.address_range import AddressRange

BASE = 0x4000_0000
REGISTER, OTHER = BASE + 0x10, BASE + 0x14
A_LONG_WAIT = 200


def range_of(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)


def last_resort() -> tuple[AutoReady, Bus]:
    model = AutoReady((range_of(BASE, BASE + 0x1000),))
    return model, Bus(model)


def test_reads_as_written_without_a_guess() -> None:
    model, bus = last_resort()
    bus.write(REGISTER, 0x1234_5678)
    bus.write(REGISTER + 1, 0xAB, 1)
    assert bus.read(REGISTER) == 0x1234_AB78
    assert bus.read(REGISTER + 2, 2) == 0x1234
    assert model.guesses == {}


def test_each_kind_of_poll_ends_and_is_counted() -> None:
    for written in (0, 0xFFFF_FFFF):
        for bit in range(32):
            model, bus = last_resort()
            bus.write(REGISTER, written)
            polls = 1
            while bus.read(REGISTER) >> bit & 1 == written & 1:
                polls += 1
                assert polls < A_LONG_WAIT
            assert model.guesses == {REGISTER: polls - 8}


def test_a_few_reads_are_no_poll() -> None:
    model, bus = last_resort()
    for _ in range(A_LONG_WAIT):
        bus.write(OTHER, 1)
        assert bus.read(REGISTER) == 0
    assert model.guesses == {}


def test_poll_that_looks_at_a_control_register_too() -> None:
    model, bus = last_resort()
    bus.write(OTHER, 0x0C)
    reads = 0
    while not bus.read(REGISTER) & 0x80:
        assert bus.read(OTHER) == 0x0C, "what was written is known"
        reads += 1
        assert reads < A_LONG_WAIT
    assert set(model.guesses) == {REGISTER}


def test_bit_band_reaches_single_bits() -> None:
    block = RegisterBlock(0x4002_3800, RegisterLayout("RCC"))
    alias = BitBand(block.windows())
    bus = Bus(block, alias)
    pll_on = 0x4200_0000 + (0x2_3800 * 32) + 24 * 4
    bus.write(pll_on, 1)
    assert bus.read(0x4002_3800) == 1 << 24
    assert (bus.read(pll_on), bus.read(pll_on + 4)) == (1, 0)
    bus.write(pll_on, 0)
    assert bus.read(0x4002_3800) == 0
    bus.write(0x4200_0000, 1)
    assert bus.read(0x4200_0000) == 0, "nothing is behind that bit"


def test_holes() -> None:
    taken = [range_of(0x30, 0x40), range_of(0x10, 0x20), range_of(0x1000, 0x1100), range_of(0x20, 0x28)]
    assert holes([range_of(0, 0x50), range_of(0xFF0, 0x1010)], taken) == (
        range_of(0, 0x10),
        range_of(0x28, 0x30),
        range_of(0x40, 0x50),
        range_of(0xFF0, 0x1000),
    )
