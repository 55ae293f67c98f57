"""The shape of our own stldr and IAR files is what fixtures/README.md says: tests of readers rely on it."""

import re
import struct
from pathlib import Path

import pytest
from defusedxml import ElementTree

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.lookup import bytes_behind, sections_named, symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from support.paths import FIXTURES

STLDRS = (
    "strict_stldr.stldr",
    "strict_stldr_at_zero.stldr",
    "strict_stldr_short.stldr",
    "strict_stldr_emit_relocs.elf",
)
STLDR_ROUTINES = ("Init", "Write", "Read", "SectorErase", "MassErase", "CheckSum", "Verify")

TOOLKIT = FIXTURES / "iar"
IAR_FOLDER = "iar/config/flashloader/Strict"
IARS = ("strict_iar", "strict_iar_overlay", "strict_iar_relocatable")
DESCRIBED_IARS = ("strict_iar", "strict_iar_relocatable")

IAR_SYMBOLS = {
    "FlashInitEntry": 0,
    "FlashWriteEntry": 0,
    "FlashEraseWriteEntry": 0,
    "FlashChecksumEntry": 0,
    "FlashSignoffEntry": 0,
    "FlashBreak": 0,
    "FlashBufferStart": 0,
    "FlashBufferEnd": 0,
    "theFlashParams": 20,
    "frameworkVersion": 2,
    "__argc": 4,
    "__argv": 20,
    "__argvbuf": 64,
    "CSTACK$$Base": 0,
    "CSTACK$$Limit": 0,
}

R_ARM_ABS32, R_ARM_THM_CALL = 2, 10

RAM_END = 0x2000_8000


def elf(name: str) -> ElfImage:
    return read_elf((FIXTURES / name).read_bytes())


def iar_elf(stem: str) -> ElfImage:
    return elf(f"{IAR_FOLDER}/{stem}.out")


@pytest.mark.parametrize("name", ["strict_stldr.stldr", "strict_stldr_short.stldr", "strict_stldr_emit_relocs.elf"])
def test_stldr_descriptor_lies_in_a_hole_of_the_code_segment(name: str) -> None:
    image = elf(name)
    loader, descriptor = image.segments
    (section,) = sections_named(image, ".Dev_Info")
    assert (descriptor.address, descriptor.data) == (section.address, section.data)
    assert loader.address < descriptor.address < descriptor.file_end < loader.file_end
    hole = slice(descriptor.address - loader.address, descriptor.file_end - loader.address)
    assert loader.data[hole] == bytes(len(descriptor.data))
    assert bytes_behind(image, symbols_by_name(image)["StorageInfo"]).startswith(name.partition(".")[0].encode())


def test_stldr_descriptor_at_zero_comes_first() -> None:
    descriptor, loader = elf("strict_stldr_at_zero.stldr").segments
    assert (descriptor.address, len(descriptor.data), loader.address) == (0, 200, 0x2000_0004)


def test_short_stldr_descriptor_has_two_groups_and_no_terminator() -> None:
    image = elf("strict_stldr_short.stldr")
    (_, descriptor) = image.segments
    assert symbols_by_name(image)["StorageInfo"].size_bytes == len(descriptor.data) == 136
    assert struct.unpack("<4I", descriptor.data[120:]) == (4, 0x1000, 3, 0x4000)


@pytest.mark.parametrize("name", STLDRS)
def test_stldr_routines_and_their_look_alikes(name: str) -> None:
    image = elf(name)
    symbols = symbols_by_name(image)
    for routine in (*STLDR_ROUTINES, "_init", "_read", "_write"):
        symbol = symbols[routine]
        assert (symbol.type, symbol.binding, symbol.value & 1) == (c.STT_FUNC, c.STB_GLOBAL, 1)
        assert symbol.size_bytes
    assert image.entry == symbols["Init"].value
    assert [sections_named(image, each)[0].type for each in (".data", ".bss")] == [c.SHT_PROGBITS, c.SHT_NOBITS]


@pytest.mark.parametrize(
    ("name", "source"),
    [("strict_stldr.stldr", b"Loader_Src.c"), (f"{IAR_FOLDER}/strict_iar.out", b"flash_driver.c")],
)
def test_debug_information_names_no_folder_of_the_build_machine(name: str, source: bytes) -> None:
    debug = {section.name: section.data for section in elf(name).sections if section.name.startswith(".debug")}
    assert source in debug[".debug_str"]
    for data in debug.values():
        assert re.search(rb"(^|\0)/\w{3}", data) is None


def test_stldr_relocations_are_kept_for_a_tool_that_moves_the_image() -> None:
    image = elf("strict_stldr_emit_relocs.elf")
    loader, _ = image.segments
    assert loader.address == 0x2000_0000
    assert max(section.alignment for section in image.sections if section.is_allocated) == 4
    kinds = {}
    for section in image.sections:
        if section.type == c.SHT_REL:
            assert isinstance(section.content, list)
            kinds[section.name] = {relocation.type for relocation in section.content}
    assert kinds == {".rel.text": {R_ARM_ABS32, R_ARM_THM_CALL}, ".rel.data": {R_ARM_ABS32}}


@pytest.mark.parametrize("stem", IARS)
def test_iar_symbols(stem: str) -> None:
    image = iar_elf(stem)
    symbols = symbols_by_name(image)
    assert {name: symbols[name].size_bytes for name in IAR_SYMBOLS} == IAR_SYMBOLS
    for name in IAR_SYMBOLS:
        if name.endswith("Entry") or name == "FlashBreak":
            assert (symbols[name].type, symbols[name].value & 1) == (c.STT_FUNC, 1)
    version = symbols["frameworkVersion"]
    assert version.section is not None
    at = version.address - version.section.address
    assert version.section.data[at : at + 2] == (200).to_bytes(2, "little")
    params = symbols["theFlashParams"].section
    assert params is not None
    assert params.type == c.SHT_NOBITS
    assert image.entry == symbols["FlashInitEntry"].value
    assert {"FlashInit", "FlashWrite", "FlashErase", "FlashChecksum", "FlashSignoff"} <= symbols.keys()
    assert {name.replace("Flash", "Fl2Flash", 1) for name in IAR_SYMBOLS if name.endswith("Entry")} <= symbols.keys()


@pytest.mark.parametrize("stem", ["strict_iar", "strict_iar_overlay"])
def test_absolute_iar_layout(stem: str) -> None:
    image = iar_elf(stem)
    symbols = symbols_by_name(image)
    allocated = [section for section in image.sections if section.is_allocated]
    assert [section.name for section in allocated] == ["A0", "P1 ro", "P1-P2 zi ", "P2 ui"]
    covered = [
        section.name
        for section in allocated
        if any(segment.address <= section.address < segment.memory_end for segment in image.load_segments)
    ]
    assert covered == ["A0", "P1 ro"], "parameters and stack lie outside of every PT_LOAD"
    assert all(segment.memory_size_bytes == len(segment.data) for segment in image.load_segments)
    vectors = allocated[0].data
    assert int.from_bytes(vectors[:4], "little") == symbols["CSTACK$$Limit"].value == RAM_END
    assert int.from_bytes(vectors[4:8], "little") == symbols["FlashInitEntry"].value
    buffer_start, buffer_end = symbols["FlashBufferStart"].value, symbols["FlashBufferEnd"].value
    assert (symbols["FlashBufferStart"].type, buffer_start % 256) == (c.STT_NOTYPE, 0)
    assert buffer_end - buffer_start > 0x4000
    assert (symbols["FlashInit"].address >= buffer_start) == (stem == "strict_iar_overlay")
    assert buffer_end <= symbols["theFlashParams"].value < symbols["CSTACK$$Base"].value


def test_relocatable_iar_layout() -> None:
    image = iar_elf("strict_iar_relocatable")
    symbols = symbols_by_name(image)
    (segment,) = image.load_segments
    assert (segment.address, segment.flags) == (0, c.PF_R | c.PF_W | c.PF_X)
    assert all(section.end <= segment.memory_end for section in image.sections if section.is_allocated)
    assert symbols["SB$$Base"].value == symbols["__iar_static_base$$SB"].value == 0
    for name in ("FlashBufferStart", "FlashBufferEnd"):
        assert (symbols[name].type, symbols[name].value & 1) == (c.STT_FUNC, 1)


@pytest.mark.parametrize("stem", DESCRIBED_IARS)
def test_iar_xml_files_name_each_other(stem: str) -> None:
    """Only what the recipe promises: names, line ends, encoding; the reader of these files has its own tests."""
    folder = FIXTURES / IAR_FOLDER
    flash, board = (folder / f"{stem}.flash", folder / f"{stem}.board")
    for path in (flash, board):
        data = path.read_bytes()
        assert data.startswith(b'<?xml version="1.0" encoding="iso-8859-1"?>\r\n')
        assert data.count(b"\n") == data.count(b"\r\n")
    assert _toolkit_path(flash, "exe") == folder / f"{stem}.out"
    assert _toolkit_path(board, "pass/loader") == flash


def _toolkit_path(file: Path, element: str) -> Path:
    text = ElementTree.parse(file).findtext(element, default="")
    return TOOLKIT.joinpath(*text.removeprefix("$TOOLKIT_DIR$\\").split("\\"))
