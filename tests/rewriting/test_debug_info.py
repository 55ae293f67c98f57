"""What --strip-debug takes, and what it leaves."""

import re
from pathlib import Path

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfRelocation, ElfSection, ElfSymbol
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused
from support.linking import link_movable
from support.paths import FIXTURES, all_corpus_flms, corpus_flm
from support.rewriting import codes, fixture, rewritten, saved
from support.toolchain import needs_toolchain

WITH_DEBUG_INFO = (FIXTURES / "strict_stldr.stldr").read_bytes()


def names(data: bytes) -> list[str]:
    return [section.name for section in read_elf(data).sections]


def test_debug_sections_go_and_their_size_is_told() -> None:
    plain = rewritten(WITH_DEBUG_INFO, name="strict_stldr")
    result = rewritten(WITH_DEBUG_INFO, name="strict_stldr", without_debug_info=True)
    assert codes(result) == ["debug-info"]
    assert any(".debug" in name for name in names(plain.data))
    assert names(result.data) == [name for name in names(plain.data) if not name.startswith(".debug")]
    assert f"{len(plain.data) - len(result.data):,} bytes" in result.changes[0].message
    assert rewritten(result.data, name="strict_stldr", without_debug_info=True).data == result.data


def test_only_names_of_source_files_and_debug_sections_leave_the_symbol_table() -> None:
    before = read_elf(WITH_DEBUG_INFO)
    after = read_elf(rewritten(WITH_DEBUG_INFO, name="strict_stldr", without_debug_info=True).data)
    kept = sorted((each.name, each.value, each.type, each.binding) for each in after.symbols)
    gone = [
        each
        for each in before.symbols
        if each.type == c.STT_FILE or (each.section is not None and each.section.name.startswith(".debug"))
    ]
    expected = [each for each in before.symbols if each not in gone]
    assert {each.name for each in gone} >= {"Loader_Src.c", "Dev_Inf.c"}
    assert kept == sorted((each.name, each.value, each.type, each.binding) for each in expected)
    assert {"$t", "$d", "is_ready", "state", "StorageInfo"} <= {each.name for each in after.symbols}


def test_file_without_debug_info_is_told_to_change_nothing() -> None:
    image = fixture("strict_stldr_at_zero.stldr")
    image.symbols = [symbol for symbol in image.symbols if symbol.type != c.STT_FILE]
    result = rewritten(saved(image), name="strict_stldr_at_zero", without_debug_info=True)
    assert codes(result) == []


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        (".debug_info", True),
        (".zdebug_line", True),
        (".iar.debug_frame", True),
        (".stab", True),
        (".stabstr", True),
        (".iar.rtmodel", False),
        (".comment", False),
        (".ARM.attributes", False),
        (".note.debug", False),
        ("debug", False),
    ],
)
def test_sections_by_name(name: str, goes: bool) -> None:
    image = fixture("strict_flm.FLM")
    image.sections.append(ElfSection(name, c.SHT_PROGBITS, size_bytes=4, content=b"text"))
    left = names(rewritten(saved(image), without_debug_info=True).data)
    assert (name not in left) is goes


def test_section_that_is_loaded_stays_whatever_its_name() -> None:
    image = fixture("strict_stldr.stldr")
    section = next(each for each in image.sections if each.name == ".data")
    section.name = ".debug_level"
    assert ".debug_level" in names(rewritten(saved(image), without_debug_info=True).data)


@pytest.mark.corpus
def test_build_attributes_of_armlink_stay() -> None:
    data = corpus_flm("STM32F4xx_2048.FLM").read_bytes()
    after = read_elf(rewritten(data, without_debug_info=True).data)
    assert any(symbol.name.startswith("BuildAttributes$$") for symbol in after.symbols)
    assert not any(symbol.type == c.STT_FILE for symbol in after.symbols)


@pytest.mark.corpus
@pytest.mark.parametrize("path", all_corpus_flms())
def test_meaning_of_real_files_stays(path: Path) -> None:
    data = path.read_bytes()
    result = rewritten(data, without_debug_info=True)
    assert parse_loader(result.data, "x").loader == parse_loader(data, "x").loader
    assert len(result.data) < len(data)


@needs_toolchain
@pytest.mark.toolchain
def test_relocations_of_debug_sections_go_with_them_and_the_others_stay(tmp_path: Path) -> None:
    data = link_movable(tmp_path, 0x2000_0004, "-mcpu=cortex-m4", "-g")
    left = names(rewritten(data, name="movable", without_debug_info=True).data)
    assert ".rel.debug_info" in names(data)
    assert not any(re.search("debug", name) for name in left)
    assert {".rel.text", ".rel.data"} <= set(left)


@pytest.mark.parametrize("how", ["relocation", "link"])
def test_what_stays_may_not_need_what_goes(how: str) -> None:
    image = fixture("strict_stldr.stldr")
    debug = next(section for section in image.sections if section.name == ".debug_info")
    text = next(section for section in image.sections if section.name == ".text")
    if how == "link":
        text.link = debug
    else:
        symbol = ElfSymbol("in_debug", 0, section=debug)
        image.symbols.append(symbol)
        table = ElfSection(".rel.text", c.SHT_REL, content=[ElfRelocation(text.address, 2, symbol, None)])
        table.size_bytes, table.entry_size_bytes, table.links_to_symbols, table.info_section = 8, 8, True, text
        image.sections.append(table)
    with pytest.raises(ConversionRefused, match="refers to debug information"):
        rewritten(saved(image), name="strict_stldr", without_debug_info=True)
