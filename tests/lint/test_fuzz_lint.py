"""Whatever is done to a file: it is checked or refused, quickly, no rule crashes, and every report can be read."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from fuzz import seeds
from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv_schemas.address_range import AddressRange
from support import flm_builder, iar_builder, stldr_builder
from support.flm_recipe import FlmRecipe
from support.fuzzing import edited, lint_fuzz_settings, mutated, oddly_named
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.packs import IRAM, algorithm, device, family, pdsc_text, zipped
from support.sound_lint import assert_sound, linted, linted_folder
from support.stldr_recipe import StldrRecipe

LOADERS = seeds.loaders()
FLMS, STLDRS, PROGRAMS = (
    [data for data in LOADERS if symbol in data] for symbol in (b"FlashDevice", b"StorageInfo", b"theFlashParams")
)
WITH_RAM = UserFacts(ram=RamMap((AddressRange(start=0x2000_0000, size_bytes=0x8000),), "--ram"))


def check(name: str, data: bytes) -> None:
    """Check a file alone, of which nothing is on disk."""
    path = Path("/nowhere", name)
    assert_sound(linted(path, WITH_RAM, {str(path): data}))


def check_folder(files: Mapping[str, bytes]) -> None:
    """Check a folder: each file with those to which it leads, and loaders of one device with each other."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        assert_sound(linted_folder(folder, WITH_RAM))


@lint_fuzz_settings
@given(mutated(FLMS) | oddly_named(FLMS))
def test_flm(data: bytes) -> None:
    check("a.FLM", data)


@lint_fuzz_settings
@given(mutated(STLDRS) | oddly_named(STLDRS), st.sampled_from(["a.stldr", "a.FLM", "a.elf"]))
def test_stldr(data: bytes, name: str) -> None:
    check(name, data)


FLASH_FILES = {
    "a.flash": flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE),
    "b.flash": flash_text("<exe>$TOOLKIT_DIR$\\a.out</exe>", PAGE, BLOCK, BASE, "<relocatable_exe>1</relocatable_exe>"),
}


@lint_fuzz_settings
@given(mutated(PROGRAMS) | oddly_named(PROGRAMS))
def test_iar_executable(data: bytes) -> None:
    check_folder({"a.out": data, **FLASH_FILES})


FILES = ("a.board", "b.flash", "c.flash", "d.out", "e.mac", "f.pdsc")
NAMES = (
    *(*FILES, "missing.out", "", ".", "..", "../", "MACRO", "B.FLASH", "/", "C:\\", "{x}", "a&#1;", "a" * 300),
    *("$PROJ_DIR$\\d.out", "$X$/d.out", "../*/d.out", "&#x202e;d.out", "d.out&#10;"),
)


@st.composite
def descriptions(draw: st.DrawFn) -> bytes:
    """Return a `.flash` or `.board` file that names any of the files, itself too."""
    name = st.sampled_from(NAMES)
    if draw(st.booleans()):
        exe, macro = f"<exe>{draw(name)}</exe>", f"<macro>{draw(name)}</macro>"
        return flash_text(*draw(st.permutations((exe, macro, PAGE, BLOCK, BASE))))
    loaders = draw(st.lists(name, max_size=4))
    ranges = st.sampled_from(("", "<range>CODE 0x0 0xffffffff</range>", "<abs_offset>0x10</abs_offset>"))
    return board_text(*(f"<pass><loader>{each}</loader>{draw(ranges)}</pass>" for each in loaders))


OTHERS = (iar_builder.build(IarRecipe()), b"execUserFlashInit() { }", flm_builder.build(FlmRecipe()), b"")


@lint_fuzz_settings
@given(st.fixed_dictionaries({name: descriptions() | st.sampled_from(OTHERS) for name in FILES}))
@example(dict.fromkeys(FILES, flash_text("<exe>b.flash</exe>", PAGE, BLOCK, BASE, "<macro>b.flash</macro>")))
@example(dict.fromkeys(FILES, board_text(*(f"<pass><loader>{name}</loader></pass>" for name in FILES))))
def test_files_that_name_each_other(files: dict[str, bytes]) -> None:
    check_folder(files)


@lint_fuzz_settings
@given(
    edited(seeds.flash_files(), seeds.FLASH_WORDS),
    edited(seeds.board_files(), seeds.BOARD_WORDS),
    st.sampled_from(OTHERS),
)
def test_descriptions(flash: bytes, board: bytes, program: bytes) -> None:
    check_folder({"one.flash": flash, "a.board": board, "Flash.out": program, "Flash.mac": seeds.MACROS})


MACRO_WORDS = (
    *(b"execUserFlashInit()", b"__hwReset(1);", b"/*", b"*/", b"//", b"\n", b"{", b"}", b"(", b")", b'"', b"\\"),
)


@lint_fuzz_settings
@given(edited([seeds.MACROS], MACRO_WORDS), st.sampled_from(["MACRO", "d.out"]))
def test_macros(macros: bytes, exe: str) -> None:
    flash = flash_text(f"<exe>{exe}</exe>", PAGE, BLOCK, BASE, "<macro>a.mac</macro>")
    check_folder({"a.flash": flash, "a.mac": macros})


PDSC = pdsc_text(
    family(
        IRAM,
        algorithm("Flash/a.FLM"),
        device("D", algorithm("Flash\\a.FLM", RAMstart="0x20000000", RAMsize="0x1000"), algorithm("flash/A.FLM")),
        device("E", algorithm("b.flash", style="IAR"), algorithm("a.pdsc"), algorithm("a.pdsc", style="IAR")),
    )
)
MEMBERS = {"Flash/a.FLM": FLMS[0], "b.flash": flash_text("<exe>c.out</exe>", PAGE, BLOCK, BASE), "c.out": PROGRAMS[0]}


@lint_fuzz_settings
@given(edited([PDSC], seeds.PACK_WORDS))
@example(PDSC)
def test_description_of_a_pack(description: bytes) -> None:
    check_folder({"a.pdsc": description, **MEMBERS})


@lint_fuzz_settings
@given(edited([PDSC], seeds.PACK_WORDS), mutated(FLMS), mutated(PROGRAMS))
def test_members_of_a_pack(description: bytes, flm: bytes, program: bytes) -> None:
    members = {**MEMBERS, "a.pdsc": description, "Flash/a.FLM": flm, "c.out": program}
    check_folder({"a.pack": zipped(members)})


PACKS = [zipped({"a.pdsc": PDSC, **MEMBERS}), zipped({"a.pdsc": PDSC, **MEMBERS}, zipfile.ZIP_STORED)]


@lint_fuzz_settings
@given(edited(PACKS, (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"\xff\xff\xff\xff", b"a.pdsc", b"\0\0\0\0")))
def test_damaged_archive(data: bytes) -> None:
    check_folder({"a.pack": data})


def test_names_in_an_archive() -> None:
    names = ("../a.FLM", "/etc/passwd", "x/\x85y.FLM", "x\\..\\..\\a", "C:\\a", "a\x1b[2J")
    description = pdsc_text(family(device("D", IRAM, algorithm("../a.FLM"), algorithm("x/\x85y.FLM"))))
    check_folder({"a.pack": zipped({"a.pdsc": description, **dict.fromkeys(names, FLMS[0])})})


FLM = flm_builder.build(FlmRecipe(base_address=0x9000_0000, size_bytes=0x10_0000, device_name=b"built"))
STLDR = stldr_builder.build(StldrRecipe())


@lint_fuzz_settings
@given(mutated([FLM]), mutated([STLDR]), edited([FLASH_FILES["a.flash"]], seeds.FLASH_WORDS))
def test_loaders_of_one_device(flm: bytes, stldr: bytes, flash: bytes) -> None:
    check_folder({"built.FLM": flm, "built.stldr": stldr, "built.flash": flash})
