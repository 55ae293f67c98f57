"""Single repairs: each changes what it names, and nothing else."""

from dataclasses import replace

import pytest

from loaderconv.rewriting.repair import Repair, repair
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from support.elf_surgery import Ehdr, Sym, put, symbol
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_texts import BASIC, flash_text
from support.stldr_builder import build
from support.stldr_recipe import RETURN_ONE, ROUTINES, StldrRecipe, keil_shaped

STEM = "built"


def repaired(data: bytes, *wanted: Repair, stem: str = STEM) -> tuple[ElfImage, list[str]]:
    """Return the document that came of a file, and the codes of the changes."""
    done = repair(data, stem, wanted)
    return read_elf(done.data), [change.code for change in done.changes]


def with_local(data: bytes, *names: str) -> bytes:
    """Return the file with symbols made local where they are, among the global ones."""
    for name in names:
        entry = symbol(data, name)
        data = put(data, entry + Sym.INFO, data[entry + Sym.INFO] & 0xF, "<B")
    return data


class TestNameJunk:
    @pytest.mark.parametrize(
        ("data", "size"),
        [
            (build(StldrRecipe(device_name=b"built\0SPI_FLASH_old")), 100),
            (build_flm(FlmRecipe(device_name=b"built\0 and junk")), 128),
        ],
        ids=["stldr", "FLM"],
    )
    def test_bytes_behind_the_nul_are_cleared(self, data: bytes, size: int) -> None:
        image, codes = repaired(data, Repair.NAME_JUNK)
        assert codes == ["name-junk"]
        descriptor = next(
            each for each in symbols_by_name(image).values() if each.name in {"StorageInfo", "FlashDevice"}
        )
        assert descriptor.section is not None
        assert descriptor.section.data.count(b"built".ljust(size, b"\0")[:size]) == 1

    def test_a_clean_name_stays(self) -> None:
        assert repaired(build(StldrRecipe()), Repair.NAME_JUNK)[1] == []


class TestName:
    def test_it_becomes_that_of_the_file(self) -> None:
        done = repair(build(StldrRecipe(device_name=b"Other")), "W25Q64", [Repair.NAME])
        loader = parse_loader(done.data, "W25Q64").loader
        assert loader.described_device.name == "W25Q64"

    def test_a_file_name_that_cannot_be_one(self) -> None:
        with pytest.raises(UsageProblem):
            repair(build(StldrRecipe()), "Größe", [Repair.NAME])


class TestEntryAddress:
    def test_it_becomes_init(self) -> None:
        image, codes = repaired(build(StldrRecipe(entry=0)), Repair.ENTRY_ADDRESS)
        assert codes == ["entry-address"]
        assert image.entry == symbols_by_name(image)["Init"].value

    def test_it_is_there_already(self) -> None:
        data = build(StldrRecipe())
        assert repaired(put(data, Ehdr.ENTRY, 0x2000_0005), Repair.ENTRY_ADDRESS)[1] == []


class TestExportedSymbols:
    def test_local_names_become_global(self) -> None:
        data = with_local(build(keil_shaped()), *ROUTINES, "StorageInfo")
        image, codes = repaired(data, Repair.EXPORTED_SYMBOLS)
        assert codes == ["exported-symbols"]
        found = symbols_by_name(image)
        for name in (*ROUTINES, "StorageInfo"):
            assert (found[name].binding, found[name].other & 3) == (c.STB_GLOBAL, c.STV_DEFAULT)

    def test_a_drivers_own_function_of_that_name_stays_local(self) -> None:
        image, codes = repaired(with_local(build(StldrRecipe()), "Read"), Repair.EXPORTED_SYMBOLS)
        assert codes == []
        assert symbols_by_name(image)["Read"].binding == c.STB_LOCAL

    def test_other_local_names_stay(self) -> None:
        recipe = StldrRecipe(routines={**StldrRecipe().routines, "_read": RETURN_ONE})
        image, _ = repaired(with_local(build(recipe), *ROUTINES, "_read"), Repair.EXPORTED_SYMBOLS)
        assert symbols_by_name(image)["_read"].binding == c.STB_LOCAL


def test_only_what_is_wanted() -> None:
    data = build(StldrRecipe(device_name=b"Other\0junk", entry=0))
    assert repaired(data, Repair.ENTRY_ADDRESS)[1] == ["entry-address"]
    assert repaired(data, Repair.NAME, Repair.ENTRY_ADDRESS)[1] == ["device-name", "entry-address"]


def test_xml_loses_what_stands_before_its_declaration() -> None:
    text = flash_text(*BASIC)
    done = repair(b"  \r\n" + text, "x", [Repair.LEADING_BYTES])
    assert done.data == text
    assert [change.code for change in done.changes] == ["leading-bytes"]


def test_an_image_that_cannot_move_is_refused() -> None:
    with pytest.raises(ConversionRefused):
        repair(build(replace(StldrRecipe(), code_address=0x2000_0000)), STEM, [Repair.HOST_WORD])
