"""The flash controller of nRF53 and nRF91, where a page is erased by a write into it."""

import pytest

from emulator.bus_access import Bus
from loaderconv.emulator.devices.flash_memory import FlashMemory, FlashOperation
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF5340_APPLICATION, NRF5340_NETWORK, NRF52832, NvmcVariant

READY, CONFIG, ERASEPAGE, ERASEALL, ERASEUICR = 0x400, 0x504, 0x508, 0x50C, 0x514
REN, WEN, EEN = 0, 1, 2


@pytest.fixture(params=[NRF5340_APPLICATION, NRF5340_NETWORK], ids=lambda variant: variant.name)
def nvmc(request: pytest.FixtureRequest) -> Nvmc:
    variant: NvmcVariant = request.param
    return Nvmc(variant)


def register(nvmc: Nvmc, offset: int) -> int:
    return nvmc.variant.register_bases[0] + offset


def configured(nvmc: Nvmc, config: int) -> Bus:
    bus = Bus(nvmc)
    bus.write(register(nvmc, CONFIG), config)
    return bus


def test_page_is_erased_by_a_write(nvmc: Nvmc) -> None:
    page, base = nvmc.variant.page_size_bytes, nvmc.variant.flash_base
    nvmc.flash[:] = bytes(len(nvmc.flash))
    bus = configured(nvmc, EEN)
    bus.write(base + page, 0xFFFF_FFFF)
    assert nvmc.flash[: 3 * page] == bytes(page) + b"\xff" * page + bytes(page)
    assert not bus.read(register(nvmc, READY))
    assert (nvmc.counters.pages_erased, nvmc.violations) == (1, [])


WRONG = [
    pytest.param(EEN, 4, 0xFFFF_FFFF, 4, "where no page of the flash starts", id="not its first word"),
    pytest.param(EEN, 0, 0xFFFF_FFFE, 4, "while CONFIG is EEN", id="another word"),
    pytest.param(EEN, 0, 0xFF, 1, "with 8 bits", id="a byte"),
]


@pytest.mark.parametrize(("config", "offset", "value", "width", "words"), WRONG)
def test_nothing_else_erases(nvmc: Nvmc, config: int, offset: int, value: int, width: int, words: str) -> None:
    nvmc.flash[:] = bytes(len(nvmc.flash))
    configured(nvmc, config).write(nvmc.variant.flash_base + offset, value, width)
    assert set(nvmc.flash) == {0}
    assert len(nvmc.violations) == 1
    assert words in nvmc.violations[0]


def test_ones_are_programmed_while_wen(nvmc: Nvmc) -> None:
    nvmc.flash[:4] = bytes(4)
    configured(nvmc, WEN).write(nvmc.variant.flash_base, 0xFFFF_FFFF)
    assert (nvmc.flash[:4], nvmc.counters.words_programmed, nvmc.violations) == (bytes(4), 1, [])


@pytest.mark.parametrize("offset", [ERASEPAGE, ERASEUICR])
def test_erase_registers_are_absent(nvmc: Nvmc, offset: int) -> None:
    configured(nvmc, EEN).write(register(nvmc, offset), 1)
    assert nvmc.violations == [f"register at 0x{offset:03x} written, which does not exist"]


def test_uicr_goes_with_everything_only(nvmc: Nvmc) -> None:
    nvmc.uicr[:] = bytes(len(nvmc.uicr))
    bus = configured(nvmc, EEN)
    bus.write(nvmc.variant.uicr_base, 0xFFFF_FFFF)
    assert set(nvmc.uicr) == {0}
    assert "UICR written" in nvmc.violations[0]
    bus.write(register(nvmc, ERASEALL), 1)
    assert set(nvmc.uicr) == {0xFF}


def test_factory_information(nvmc: Nvmc) -> None:
    bus = Bus(nvmc)
    assert bus.read(nvmc.variant.ficr_base + 0x220) == nvmc.variant.page_size_bytes
    assert bus.read(nvmc.variant.ficr_base + 0x224) == nvmc.variant.page_count


def test_all_addresses_reach_the_same_registers() -> None:
    nvmc = Nvmc(NRF5340_APPLICATION)
    bus = Bus(nvmc)
    bus.write(0x4003_9504, WEN)
    assert bus.read(0x5003_9504) == WEN


# What a scenario asks of any memory

MEMORIES = [
    pytest.param(lambda nvmc: nvmc.flash_memory, 0, id="flash"),
    pytest.param(lambda nvmc: nvmc.uicr_memory, 0x1000_1000, id="UICR"),
]


@pytest.mark.parametrize(("memory_of", "base"), MEMORIES)
def test_memory_from_behind(memory_of: object, base: int) -> None:
    nvmc = Nvmc(NRF52832)
    memory: FlashMemory = memory_of(nvmc)  # type: ignore[operator]
    bus = configured(nvmc, WEN)
    bus.write(base + 8, 0x1234)
    while not bus.read(register(nvmc, READY)):
        pass
    bus.write(base + 12, 0)
    assert memory.peek(8, 8) == bytes.fromhex("3412000000000000")
    assert memory.commands == [f"program 0x{base + 8:08x}, 8 bytes"]
    memory.poke(8, b"\xab" * 4)
    assert bus.read(base + 8) == 0xABAB_ABAB
    assert not memory.reports_failures


def test_what_has_been_read_of_the_commands_stays() -> None:
    nvmc = Nvmc(NRF52832, busy_polls=0)
    bus = configured(nvmc, WEN)
    bus.write(0, 0)
    seen = nvmc.flash_memory.commands
    bus.write(4, 0)
    assert nvmc.flash_memory.commands == [*seen, "program 0x00000004, 4 bytes"]


@pytest.mark.parametrize("operation", FlashOperation)
def test_what_fails_is_left_undone(operation: FlashOperation) -> None:
    nvmc = Nvmc(NRF52832, busy_polls=0)
    erases = operation is FlashOperation.ERASE
    nvmc.flash[:] = (b"\0" if erases else b"\xff") * len(nvmc.flash)
    before = bytes(nvmc.flash)
    nvmc.flash_memory.fail_next(operation)
    bus = configured(nvmc, EEN if erases else WEN)
    for changed in (False, True):
        bus.write(register(nvmc, ERASEPAGE) if erases else 0, 0)
        assert (nvmc.flash != before) is changed
    assert nvmc.violations == []


def test_hang_lasts_until_reset() -> None:
    nvmc = Nvmc(NRF52832)
    nvmc.flash_memory.hang_next(FlashOperation.PROGRAM)
    bus = configured(nvmc, WEN)
    bus.write(0, 0)
    assert not any(bus.read(register(nvmc, READY)) for _ in range(100))
    nvmc.reset()
    assert bus.read(register(nvmc, READY))
