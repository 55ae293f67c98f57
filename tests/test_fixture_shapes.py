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
from loaderconv_formats.loader_file import read_loader_file
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
MOVED_BOARD = FIXTURES / "iar_project" / "strict_iar_moved.board"
IARS = ("strict_iar", "strict_iar_overlay", "strict_iar_relocatable", "strict_iar_dynamic", "strict_iar_far")

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


def test_sparse_stldr_spans_64_mb_in_a_small_file() -> None:
    image = elf("strict_stldr_sparse.stldr")
    loader, descriptor = image.segments
    assert (loader.address, loader.flags) == (0x2000_0004, c.PF_R | c.PF_X)
    assert loader.memory_end == 0x2402_0008
    assert loader.memory_size_bytes > 64 * 1024 * 1024
    assert (FIXTURES / "strict_stldr_sparse.stldr").stat().st_size < 16 * 1024
    assert loader.file_end == descriptor.address
    assert (len(descriptor.data), descriptor.flags) == (200, c.PF_R)
    allocated = [(each.name, each.type, each.size_bytes > 0) for each in image.sections if each.is_allocated]
    assert allocated == [
        (".text", c.SHT_PROGBITS, True),
        (".rodata", c.SHT_PROGBITS, True),
        (".stm32_device_info", c.SHT_PROGBITS, True),
        (".bss", c.SHT_NOBITS, True),
    ]
    (bss,) = sections_named(image, ".bss")
    assert (bss.address, bss.end) == (0x2402_0000, loader.memory_end)
    routines = {name for name in STLDR_ROUTINES if name in symbols_by_name(image)}
    assert routines == {"Init", "Write", "SectorErase", "MassErase"}


def test_stldr_through_r9_is_laid_out_by_armlink() -> None:
    image = elf("strict_stldr_r9.stldr")
    loader, descriptor = image.segments
    assert (loader.address, loader.flags) == (0x2000_0004, c.PF_ARM_SB | c.PF_ARM_PI | c.PF_R | c.PF_W | c.PF_X)
    assert (descriptor.flags, len(descriptor.data)) == (c.PF_ARM_PI | c.PF_R, 200)
    code, data, zeros, info = (section for section in image.sections if section.is_allocated)
    assert [each.name for each in (code, data, zeros, info)] == ["PrgCode", "PrgData", "PrgData", "DevInfo"]
    assert [each.type for each in (data, zeros)] == [c.SHT_PROGBITS, c.SHT_NOBITS]
    assert (data.end, zeros.end) == (zeros.address, loader.memory_end)
    assert loader.file_end == descriptor.address == zeros.address, "the descriptor overlaps the zeroed data"
    assert sections_named(image, ".ARM.attributes") == []
    assert image.entry == 0


def test_stldr_through_r9_says_so() -> None:
    image = elf("strict_stldr_r9.stldr")
    for symbol in image.symbols:
        if symbol.binding == c.STB_GLOBAL and symbol.section is not None:
            assert symbol.other == c.STV_HIDDEN
    assert symbols_by_name(image)["StorageInfo"].other == c.STV_HIDDEN
    (attributes,) = (each.name for each in image.symbols if each.name.startswith("BuildAttributes$$"))
    assert {"ROPI", "RWPI"} <= set(attributes.split("$"))
    loader = read_loader_file(FIXTURES / "strict_stldr_r9.stldr").loader
    (data, _) = sections_named(image, "PrgData")
    assert loader.placement.static_base == data.address


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


@pytest.mark.parametrize("stem", ["strict_iar", "strict_iar_overlay", "strict_iar_dynamic"])
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


def test_far_iar_layout() -> None:
    image = iar_elf("strict_iar_far")
    symbols = symbols_by_name(image)
    vectors, code, parameters, stack = (section for section in image.sections if section.is_allocated)
    assert [each.name for each in (vectors, code, parameters, stack)] == ["A0", "P1 ro", "P2 zi", "P2 ui"]
    assert [(each.address, each.data) for each in image.load_segments] == [(0, vectors.data), (0x40, code.data)]
    assert code.end < 0x1000
    assert [each.type for each in (parameters, stack)] == [c.SHT_NOBITS, c.SHT_NOBITS]
    assert (parameters.address, stack.end) == (0x2020_0000, 0x2020_8000)
    assert symbols["theFlashParams"].section is parameters
    assert (symbols["FlashBufferStart"].value, symbols["FlashBufferEnd"].value) == (parameters.end, stack.address)
    assert (symbols["__vector_table"].value, symbols["CSTACK$$Limit"].value) == (0, stack.end)
    assert struct.unpack("<II", vectors.data[:8]) == (stack.end, symbols["FlashInitEntry"].value)
    assert "FlashPreInitEntry" not in symbols


@pytest.mark.parametrize(
    ("flash", "page", "blocks"),
    [
        ("strict_iar_far.flash", "256", ["4 0x1000", "3 0x4000"]),
        ("strict_iar_dynamic.flash", "8", ["1 0x10000"]),
    ],
)
def test_flash_describes_the_memory_or_holds_a_placeholder(flash: str, page: str, blocks: list[str]) -> None:
    root = ElementTree.parse(FIXTURES / IAR_FOLDER / flash)
    assert root.findtext("page") == page
    assert [each.text for each in root.findall("block")] == blocks


def test_moved_board_puts_its_pass_to_an_absolute_address() -> None:
    board = ElementTree.parse(MOVED_BOARD)
    (single,) = board.findall("pass")
    assert single.findtext("range") == "CODE 0x08000000 0x0800FFFF"
    assert single.findtext("abs_offset") == "0x90000000"
    assert single.find("rel_offset") is None


def _referring_files() -> list[tuple[Path, str, str]]:
    """Return XML files, the element that refers to another file, and that file's name."""
    folder = FIXTURES / IAR_FOLDER
    flashes = [(path, "exe", f"{path.stem}.out") for path in sorted(folder.glob("*.flash"))]
    boards = [(path, "pass/loader", f"{path.stem}.flash") for path in sorted(folder.glob("*.board"))]
    return [*flashes, *boards, (MOVED_BOARD, "pass/loader", "strict_iar.flash")]


@pytest.mark.parametrize(
    ("path", "element", "name"), [pytest.param(*each, id=each[0].name) for each in _referring_files()]
)
def test_iar_xml_files_name_each_other(path: Path, element: str, name: str) -> None:
    """Only what the recipe promises: names, line ends, encoding; the reader of these files has its own tests."""
    data = path.read_bytes()
    assert data.startswith(b'<?xml version="1.0" encoding="iso-8859-1"?>\r\n')
    assert data.count(b"\n") == data.count(b"\r\n")
    referred = _toolkit_path(path, element)
    assert referred == FIXTURES / IAR_FOLDER / name
    assert referred.is_file()


def _toolkit_path(file: Path, element: str) -> Path:
    text = ElementTree.parse(file).findtext(element, default="")
    return TOOLKIT.joinpath(*text.removeprefix("$TOOLKIT_DIR$\\").split("\\"))
