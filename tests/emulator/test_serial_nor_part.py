"""Which part is taken for a loader, and what it says about itself."""

import struct

import pytest

from loaderconv.emulator.devices.serial_nor import SerialNor
from loaderconv.emulator.devices.serial_nor_part import LARGEST_SIZE_BYTES, choose_part, constants_of, is_jedec_id
from loaderconv_schemas.device import SectorRun
from support.serial_nor import MEBIBYTE, command, device, part


@pytest.mark.parametrize(
    ("name", "mebibytes", "jedec_id"),
    [
        ("W25Q128_STM32F7", 16, "ef4018"),
        ("W25Q512", 64, "ef4020"),
        ("MX25L512G", 64, "c2201a"),
        ("MX25R6435F", 8, "c22817"),
        ("MX25LM51245G", 64, "c2853a"),
        ("N25Q128A", 16, "20ba18"),
        ("MT25QL512A", 64, "20ba20"),
        ("MT35XU512", 64, "2c5b1a"),
        ("IS25LP128", 16, "9d6018"),
        ("S25FL256L", 32, "016019"),
        ("something", 16, "ef4018"),
    ],
)
def test_name_decides_on_the_family(name: str, mebibytes: int, jedec_id: str) -> None:
    assert choose_part(device(mebibytes * MEBIBYTE, name)).jedec_id.hex() == jedec_id


@pytest.mark.parametrize("constant", [0x20BA18, 0x18BA20])
def test_id_in_the_image_decides_before_the_name(constant: int) -> None:
    assert choose_part(device(name="W25Q128"), {constant, 0x5200_5000}).jedec_id.hex() == "20ba18"


def test_id_of_another_size_does_not_count() -> None:
    assert choose_part(device(32 * MEBIBYTE), {0x20BA18}).jedec_id.hex() == "ef4019"


def test_ids_are_told_from_other_words() -> None:
    assert all(is_jedec_id(each) for each in constants_of(bytes.fromhex("c2853a")))
    assert not is_jedec_id(0x5200_5000)


@pytest.mark.parametrize(
    ("described", "real"), [(3 * MEBIBYTE, 4 * MEBIBYTE), (1 << 31, LARGEST_SIZE_BYTES), (0x1000, 0x1_0000)]
)
def test_size_is_a_power_of_two_within_reason(described: int, real: int) -> None:
    assert choose_part(device(described)).size_bytes == real


def test_sectors_count_where_the_size_is_too_small() -> None:
    sectors = (SectorRun(offset_bytes=0, sector_size_bytes=0x1_0000, count=1024),)
    assert choose_part(device().model_copy(update={"size_bytes": 4_000_000, "sectors": sectors})).size_bytes == 1 << 26


def test_half_of_a_pair_has_an_id_of_its_own() -> None:
    assert part(128 * MEBIBYTE, "MT25QL").halved().jedec_id.hex() == "20ba20"


@pytest.mark.parametrize(("sector", "block"), [(0x4_0000, 0x4_0000), (0x1000, 0x1_0000)])
def test_block_size_follows_the_loader_where_parts_differ(sector: int, block: int) -> None:
    assert choose_part(device(32 * MEBIBYTE, "S25FL256", sector)).block_size_bytes == block


@pytest.mark.parametrize(
    ("name", "mebibytes", "density", "quad_enable"),
    [("W25Q", 16, (1 << 27) - 1, 5), ("MX25L", 64, (1 << 29) - 1, 2), ("MT25Q", 512, 1 << 31 | 32, 0)],
)
def test_sfdp_agrees_with_the_part(name: str, mebibytes: int, density: int, quad_enable: int) -> None:
    nor = SerialNor(part(mebibytes * MEBIBYTE, name))
    table = command(nor, 0x5A, address=0, dummy_cycles=8, reads=16)
    assert (table[:4], table[8], table[11]) == (b"SFDP", 0, 16)
    offset = int.from_bytes(table[12:15], "little")
    words = struct.unpack("<17I", command(nor, 0x5A, address=offset, dummy_cycles=8, reads=68))
    assert words[0] & 0xFF03 == 0x2001, "4 KiB erase with 20h"
    assert words[0] >> 17 & 3 == (mebibytes > 16)
    assert words[1] == density
    assert words[7:9] == (0x520F_200C, 0x0000_D810)
    assert 1 << (words[10] >> 4 & 0xF) == nor.part.page_size_bytes
    assert words[14] >> 20 & 7 == quad_enable
    assert words[16] == 0xFFFF_FFFF, "nothing behind the table"
    assert nor.violations == []
