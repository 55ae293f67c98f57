"""The model of Nordic's flash controller, alone: through its windows, as the bus would."""

import pytest

from loaderconv.emulator.devices.nvmc import Config, Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF51822, NRF52832, NvmcVariant
from loaderconv.emulator.devices.peripheral import Peripheral

READY = 0x4001_E400
CONFIG = 0x4001_E504
ERASEPAGE = 0x4001_E508
ERASEALL = 0x4001_E50C
ERASEUICR = 0x4001_E514
UICR = 0x1000_1000
DISABLEINDEBUG = 0x4000_0608

REN, WEN, EEN = 0, 1, 2
BUSY_POLLS = 2


def read(nvmc: Nvmc, address: int, size_bytes: int = 4) -> int:
    window = next(each for each in nvmc.windows() if address in each.range)
    return window.read(address - window.range.start, size_bytes)


def write(nvmc: Nvmc, address: int, value: int, size_bytes: int = 4) -> None:
    window = next(each for each in nvmc.windows() if address in each.range)
    window.write(address - window.range.start, size_bytes, value)


def wait(nvmc: Nvmc) -> int:
    """Poll READY and return how often it said busy."""
    polls = 0
    while not read(nvmc, READY):
        polls += 1
    return polls


@pytest.fixture(params=[NRF51822, NRF52832], ids=lambda variant: variant.name)
def nvmc(request: pytest.FixtureRequest) -> Nvmc:
    variant: NvmcVariant = request.param
    return Nvmc(variant, busy_polls=BUSY_POLLS)


def programmed(nvmc: Nvmc, address: int, word: int) -> None:
    write(nvmc, CONFIG, WEN)
    write(nvmc, address, word)
    wait(nvmc)
    write(nvmc, CONFIG, REN)


def test_is_a_peripheral(nvmc: Nvmc) -> None:
    peripheral: Peripheral = nvmc
    assert all(not window.range.start % 1024 and not window.range.size_bytes % 1024 for window in peripheral.windows())


@pytest.mark.parametrize(("variant", "page_size_bytes", "pages"), [(NRF51822, 1024, 256), (NRF52832, 4096, 128)])
def test_factory_information(variant: NvmcVariant, page_size_bytes: int, pages: int) -> None:
    nvmc = Nvmc(variant)
    assert read(nvmc, 0x1000_0010) == page_size_bytes
    assert read(nvmc, 0x1000_0014) == pages
    assert read(nvmc, 0x1000_002C) == 0xFFFF_FFFF
    assert len(nvmc.flash) == page_size_bytes * pages


@pytest.mark.parametrize(("variant", "part", "ficr_part"), [(NRF51822, 1, 0xFFFF_FFFF), (NRF52832, 6, 6)])
def test_part_number(variant: NvmcVariant, part: int, ficr_part: int) -> None:
    nvmc = Nvmc(variant)
    assert read(nvmc, 0x1000_0130) == ficr_part
    assert read(nvmc, 0xF000_0FE0, 1) == part
    assert read(nvmc, 0xF000_0FE4) == 0


def test_fresh_chip_is_erased_and_ready(nvmc: Nvmc) -> None:
    assert set(nvmc.flash) == set(nvmc.uicr) == {0xFF}
    assert (read(nvmc, READY), read(nvmc, CONFIG)) == (1, REN)


def test_word_is_programmed(nvmc: Nvmc) -> None:
    programmed(nvmc, 0x100, 0x1234_5678)
    assert nvmc.flash[0x100:0x104] == bytes.fromhex("78563412")
    assert (read(nvmc, 0x100), read(nvmc, 0x101, 1), read(nvmc, 0x102, 2)) == (0x1234_5678, 0x56, 0x1234)
    assert nvmc.counters.words_programmed == 1
    assert nvmc.violations == []


def test_programming_only_clears_bits(nvmc: Nvmc) -> None:
    programmed(nvmc, 0, 0xFFFF_0F0F)
    programmed(nvmc, 0, 0x00FF_FF00)
    assert read(nvmc, 0) == 0x00FF_0F00
    assert nvmc.violations == []


def test_page_is_erased_and_no_more(nvmc: Nvmc) -> None:
    page = nvmc.variant.page_size_bytes
    nvmc.flash[:] = bytes(len(nvmc.flash))
    write(nvmc, CONFIG, EEN)
    write(nvmc, ERASEPAGE, page)
    assert nvmc.flash[: 3 * page] == bytes(page) + b"\xff" * page + bytes(page)
    assert nvmc.counters.pages_erased == 1
    assert nvmc.violations == []


def test_last_page_is_erased(nvmc: Nvmc) -> None:
    nvmc.flash[-1] = 0
    write(nvmc, CONFIG, EEN)
    write(nvmc, ERASEPAGE, len(nvmc.flash) - nvmc.variant.page_size_bytes)
    assert (nvmc.flash[-1], nvmc.violations) == (0xFF, [])


def test_erase_all_takes_uicr_with_it(nvmc: Nvmc) -> None:
    nvmc.flash[:] = bytes(len(nvmc.flash))
    nvmc.uicr[:] = bytes(len(nvmc.uicr))
    write(nvmc, CONFIG, EEN)
    write(nvmc, ERASEALL, 1)
    assert set(nvmc.flash) == set(nvmc.uicr) == {0xFF}
    assert (nvmc.counters.chips_erased, nvmc.counters.pages_erased, nvmc.violations) == (1, 0, [])


def test_erase_uicr_leaves_flash_alone(nvmc: Nvmc) -> None:
    nvmc.flash[0] = 0
    programmed(nvmc, UICR + 0x80, 0)
    assert read(nvmc, UICR + 0x80) == 0
    write(nvmc, CONFIG, EEN)
    write(nvmc, ERASEUICR, 1)
    assert (read(nvmc, UICR + 0x80), nvmc.flash[0]) == (0xFFFF_FFFF, 0)
    assert (nvmc.counters.uicr_erased, nvmc.violations) == (1, [])


@pytest.mark.parametrize("register", [ERASEALL, ERASEUICR])
def test_zero_is_no_operation(nvmc: Nvmc, register: int) -> None:
    nvmc.flash[0] = nvmc.uicr[0] = 0
    write(nvmc, register, 0)
    assert (nvmc.flash[0], nvmc.uicr[0], nvmc.violations) == (0, 0, [])


@pytest.mark.parametrize("config", [REN, WEN])
@pytest.mark.parametrize(("register", "value"), [(ERASEPAGE, 0), (ERASEALL, 1), (ERASEUICR, 1)])
def test_erase_needs_een(nvmc: Nvmc, register: int, value: int, config: int) -> None:
    nvmc.flash[0] = nvmc.uicr[0] = 0
    write(nvmc, CONFIG, config)
    write(nvmc, register, value)
    assert (nvmc.flash[0], nvmc.uicr[0]) == (0, 0)
    assert len(nvmc.violations) == 1
    assert f"while CONFIG is {Config(config).name}" in nvmc.violations[0]
    assert read(nvmc, READY) == 1


@pytest.mark.parametrize("config", [REN, EEN])
@pytest.mark.parametrize("address", [0x200, UICR + 0x80])
def test_write_needs_wen(nvmc: Nvmc, address: int, config: int) -> None:
    write(nvmc, CONFIG, config)
    write(nvmc, address, 0)
    assert read(nvmc, address) == 0xFFFF_FFFF
    assert len(nvmc.violations) == 1
    assert f"while CONFIG is {Config(config).name}" in nvmc.violations[0]
    assert nvmc.counters.words_programmed == 0


@pytest.mark.parametrize("size_bytes", [1, 2])
@pytest.mark.parametrize("address", [0x200, UICR + 0x80])
def test_write_takes_whole_words(nvmc: Nvmc, address: int, size_bytes: int) -> None:
    write(nvmc, CONFIG, WEN)
    write(nvmc, address, 0, size_bytes)
    assert read(nvmc, address) == 0xFFFF_FFFF
    assert len(nvmc.violations) == 1
    assert f"with {8 * size_bytes} bits" in nvmc.violations[0]


def test_operation_lasts_for_a_few_polls(nvmc: Nvmc) -> None:
    write(nvmc, CONFIG, WEN)
    assert wait(nvmc) == 0
    write(nvmc, 0, 0)
    assert wait(nvmc) == BUSY_POLLS
    write(nvmc, CONFIG, EEN)
    for register, value in ((ERASEPAGE, 0), (ERASEALL, 1), (ERASEUICR, 1)):
        write(nvmc, register, value)
        assert wait(nvmc) == BUSY_POLLS
    assert nvmc.violations == []


@pytest.mark.parametrize(
    ("address", "value"), [(0x204, 0), (UICR, 0), (CONFIG, EEN), (ERASEPAGE, 0), (ERASEALL, 1), (ERASEUICR, 1)]
)
def test_nothing_is_taken_while_busy(nvmc: Nvmc, address: int, value: int) -> None:
    write(nvmc, CONFIG, WEN)
    write(nvmc, 0x200, 0)
    write(nvmc, address, value)
    assert len(nvmc.violations) == 1
    assert "while busy" in nvmc.violations[0]
    assert (read(nvmc, 0x200), read(nvmc, 0x204), read(nvmc, UICR), read(nvmc, CONFIG)) == (
        0,
        0xFFFF_FFFF,
        0xFFFF_FFFF,
        WEN,
    )


@pytest.mark.parametrize("where", ["inside a page", "behind the flash", "UICR"])
def test_erase_takes_the_start_of_a_page_only(nvmc: Nvmc, where: str) -> None:
    address = {"inside a page": 4, "behind the flash": len(nvmc.flash), "UICR": UICR}[where]
    nvmc.flash[:] = bytes(len(nvmc.flash))
    write(nvmc, CONFIG, EEN)
    write(nvmc, ERASEPAGE, address)
    assert set(nvmc.flash) == {0}
    assert nvmc.violations == [f"ERASEPAGE of 0x{address:08x}, where no page of the flash starts"]
    assert nvmc.counters.pages_erased == 0


def test_config_has_three_values(nvmc: Nvmc) -> None:
    write(nvmc, CONFIG, 3)
    assert (read(nvmc, CONFIG), nvmc.violations) == (REN, ["CONFIG 3 does not exist"])


def test_ready_is_read_only(nvmc: Nvmc) -> None:
    write(nvmc, READY, 0)
    assert (read(nvmc, READY), len(nvmc.violations)) == (1, 1)


def test_factory_information_is_read_only(nvmc: Nvmc) -> None:
    write(nvmc, CONFIG, WEN)
    write(nvmc, 0x1000_0010, 0)
    assert read(nvmc, 0x1000_0010) == nvmc.variant.page_size_bytes
    assert len(nvmc.violations) == 1


def test_rom_table_is_read_only(nvmc: Nvmc) -> None:
    write(nvmc, 0xF000_0FE0, 0)
    assert read(nvmc, 0xF000_0FE0) == nvmc.variant.part
    assert len(nvmc.violations) == 1


def test_register_that_does_not_exist(nvmc: Nvmc) -> None:
    assert read(nvmc, 0x4001_E600) == 0
    write(nvmc, 0x4001_E600, 1)
    assert nvmc.violations == [
        "register at 0x600 read, which does not exist",
        "register at 0x600 written, which does not exist",
    ]


def test_register_takes_whole_words(nvmc: Nvmc) -> None:
    write(nvmc, CONFIG, WEN, 1)
    assert read(nvmc, CONFIG) == REN
    assert nvmc.violations == ["register at 0x504 written with 8 bits; it takes 32"]


def test_block_protection_is_storage(nvmc: Nvmc) -> None:
    write(nvmc, DISABLEINDEBUG, 1)
    assert (read(nvmc, DISABLEINDEBUG), nvmc.violations) == (1, [])
