"""No file hangs lint or costs more than 300 MB, however it is made, and no number in it leads anywhere.

What readers bound (`tests/formats/test_resource_bounds.py`) rules could still multiply.
"""

import struct
from pathlib import Path

import pytest

from loaderconv.lint.runner import MOST_FINDINGS
from loaderconv.lint.subjects.macro_file import MacroFile
from loaderconv_formats.file_bytes import MAX_FILE_BYTES
from loaderconv_formats.pack.described_algorithms import MAX_IN_ALL
from support import elf_surgery as elf
from support.desk import on_posix
from support.elf_numbers import SHF_ALLOC, SHT_NOBITS, SHT_PROGBITS, SHT_REL, SHT_STRTAB, SHT_SYMTAB
from support.elf_surgery import HALF, Ehdr, Phdr, Shdr, Sym
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe, routines_without
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe, stubs_with
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.lint_cost import lint_cost
from support.packs import IRAM, algorithm, device, family, pdsc_text
from support.sound_lint import assert_sound, findings_of, linted
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

MAX_PEAK_BYTES = 300 << 20

LOADERS = {"a.FLM": build_flm(FlmRecipe()), "a.stldr": build_stldr(StldrRecipe()), "a.out": build_iar(IarRecipe())}
each_loader = pytest.mark.parametrize("name", LOADERS)

NAME_BYTES = 20

FLASH = flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE, "<macro>a.mac</macro>")


def assert_bounded(folder: Path, **files: bytes) -> int:
    """Check the first of the files with all to which it leads, and return how many findings there are."""
    paths = [folder / name.replace("_", ".") for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        assert len(data) <= MAX_FILE_BYTES
        path.write_bytes(data)
    cost = lint_cost(paths[0])
    assert cost.peak_bytes < MAX_PEAK_BYTES
    return cost.findings


def with_functions(data: bytes, names: list[bytes], count: int, size_bytes: int) -> bytes:
    """Return the file with further functions at the start of its code, all of one size; names are used in turn."""
    table, strings = elf.section(data, ".symtab"), elf.section(data, ".strtab")
    holder = next(number for number, place in enumerate(elf.sections(data)) if place.kind == SHT_PROGBITS)
    address = elf.sections(data)[holder].address | 1
    starts = (strings.size_bytes + number % len(names) * NAME_BYTES for number in range(count))
    entries = b"".join(struct.pack("<IIIBBH", start, address, size_bytes, 0x12, 0, holder) for start in starts)
    for place, more in ((table, entries), (strings, b"".join(name.ljust(NAME_BYTES, b"\0") for name in names))):
        whole = data[place.offset : place.offset + place.size_bytes] + more
        data += bytes(-len(data) % 4)
        data = elf.put(data, place.header_offset + Shdr.OFFSET, len(data))
        data = elf.put(data, place.header_offset + Shdr.SIZE, len(whole)) + whole
    return data


@on_posix
class TestCost:
    def test_a_hundred_thousand_routines_of_other_tools(self, tmp_path: Path) -> None:
        names = [b"VendorFunc_%d" % number for number in range(100_000)]
        data = with_functions(LOADERS["a.FLM"], names, 100_000, 4)
        assert assert_bounded(tmp_path, a_FLM=data) == 1

    def test_symbols_around_a_section(self, tmp_path: Path) -> None:
        data = with_functions(LOADERS["a.stldr"], [b"__Dev_info_start"], 300_000, 0)
        assert_bounded(tmp_path, a_stldr=data)

    @pytest.mark.parametrize("name", [b"FlashInit", b"FlashWrite", b"other"])
    def test_functions_in_the_buffer_that_claim_the_whole_file(self, tmp_path: Path, name: bytes) -> None:
        recipe = IarRecipe(buffer=(0x2000_0000, 0x2080_0000), data_address=0x2080_0000)
        data = with_functions(build_iar(recipe), [name], 200_000, MAX_FILE_BYTES)
        assert_bounded(tmp_path, a_out=data)

    @pytest.mark.parametrize(("kind", "flags"), [(SHT_NOBITS, SHF_ALLOC | 1), (SHT_PROGBITS, SHF_ALLOC)])
    @pytest.mark.parametrize("name", ["a_FLM", "a_stldr"])
    def test_sixty_thousand_sections_of_all_addresses(self, tmp_path: Path, name: str, kind: int, flags: int) -> None:
        size = 0xE000_0000 if kind == SHT_NOBITS else 16
        headers = [(0, kind, flags, 0x1000_0000 + number, 0, size, 0, 0, 1, 0) for number in range(60_000)]
        assert_bounded(tmp_path, **{name: elf.with_section_headers(LOADERS[name.replace("_", ".")], headers)})

    def test_many_segments_and_sections(self, tmp_path: Path) -> None:
        data = LOADERS["a.stldr"]
        own = [struct.unpack_from("<8I", data, elf.program_header(data, number)) for number in (0, 1)]
        more = [(1, 0, 0x3000_0000 + (number << 12), 0, 64, 64, 7, 4) for number in range(60)]
        data = elf.with_program_headers(data, [*own, *more])
        headers = [(0, SHT_NOBITS, 3, 0x4000_0000 + number * 16, 0, 16, 0, 0, 1, 0) for number in range(30_000)]
        assert_bounded(tmp_path, a_stldr=elf.with_section_headers(data, headers))

    def test_two_million_relocations(self, tmp_path: Path) -> None:
        data = LOADERS["a.FLM"]
        places = elf.sections(data)
        symtab = next(number for number, place in enumerate(places) if place.kind == SHT_SYMTAB)
        code = next(number for number, place in enumerate(places) if place.name == "PrgCode")
        table = struct.pack("<II", 0, 1 << 8 | 2) * (MAX_FILE_BYTES // 8 - 10_000)
        header = (0, SHT_REL, SHF_ALLOC, 0, len(data), len(table), symtab, code, 4, 8)
        assert_bounded(tmp_path, a_FLM=elf.with_section_headers(data + table, [header]))

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(struct.pack("<4H", 0x28FF, 0xD8FA, 0xE8DF, 0xF010), id="jump tables over each other"),
            pytest.param(struct.pack("<H", 0xD07F), id="conditional branches"),
            pytest.param(struct.pack("<2H", 0xF7FF, 0xFFFE), id="calls"),
            pytest.param(struct.pack("<5H", 0xF24E, 0, 0xF2CE, 0, 0x6001), id="stores to system registers"),
        ],
    )
    def test_a_megabyte_of_code(self, tmp_path: Path, code: bytes) -> None:
        recipe = IarRecipe(
            stubs={**stubs_with(), "FlashInitEntry": code * ((1 << 20) // len(code))},
            buffer=(0x2040_0000, 0x2050_0000),
            data_address=0x2060_0000,
        )
        assert_bounded(tmp_path, a_out=build_iar(recipe), a_flash=FLASH)

    def test_jump_tables_that_are_all_different(self, tmp_path: Path) -> None:
        tables = (
            struct.pack("<4H", 0x2800 | register << 8 | last, 0xD8FA, 0xE8DF, 0xF010 | register)
            for last in range(200, 256)
            for register in range(8)
        )
        code = b"".join(tables) * 256
        assert_bounded(tmp_path, a_FLM=build_flm(FlmRecipe(routines={**routines_without("Init"), "Init": code})))

    def test_passes_over_each_other(self, tmp_path: Path) -> None:
        passes = [
            f"<pass><loader>a.flash</loader><range>CODE 0x{number:x} 0xffffffff</range></pass>"
            for number in range(3_000)
        ]
        assert_bounded(tmp_path, a_board=board_text(*passes), a_flash=FLASH)

    def test_passes_beside_each_other(self, tmp_path: Path) -> None:
        passes = [
            f"<pass><loader>a.flash</loader><range>CODE 0x{start:x} 0x{start + 1:x}</range></pass>"
            for start in range(0, 3_000, 2)
        ]
        blocks = flash_text("<exe>a.out</exe>", "<page>1</page>", *["<block>1 0x1</block>"] * 5_000, BASE)
        assert_bounded(tmp_path, a_board=board_text(*passes), a_flash=blocks)

    @pytest.mark.parametrize(
        "element",
        [
            "<flash_base>" + "9" * 3_000_000 + "</flash_base>",
            "<page>" + "0" * 3_000_000 + "</page>",
            "<exe>" + "../" * 1_000_000 + "</exe>",
            "<exe>" + "{a" * 1_500_000 + "</exe>",
            "<args>" + "{{" * 1_500_000 + "</args>",
            "<" + "a" * 3_000_000 + "/>",
        ],
        ids=lambda element: element[:20],
    )
    def test_long_texts(self, tmp_path: Path, element: str) -> None:
        others = [each for each in ("<exe>a.out</exe>", PAGE, BLOCK, BASE) if each[:5] != element[:5]]
        assert_bounded(tmp_path, a_flash=flash_text(element, *others))

    def test_algorithms_of_a_pack(self, tmp_path: Path) -> None:
        names = [[f"{number}/{each}.FLM" for each in range(199)] for number in range(20)]
        devices = [device(f"D{number}", IRAM, *map(algorithm, listed)) for number, listed in enumerate(names)]
        assert MOST_FINDINGS < assert_bounded(tmp_path, a_pdsc=pdsc_text(family(*devices))) <= 3 * MOST_FINDINGS

    def test_more_algorithms_than_any_pack_has(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pdsc"
        path.write_bytes(pdsc_text(*(family(algorithm("a.FLM")) for _ in range(MAX_IN_ALL + 1))))
        (unread,) = linted(path).unread
        assert str(MAX_IN_ALL) in unread.message


class TestMacroFiles:
    """Expressions that try each start of a name again would take days."""

    @pytest.mark.parametrize(
        "text", [b"a", b"a ", b"a(", b"a(b", b"a(){", b'"\\', b'\\"', b'"\n', b"/*", b"/", b"1a"], ids=ascii
    )
    @pytest.mark.parametrize("front", [b"", b'"', b"a("], ids=ascii)
    def test_as_much_of_one_thing_as_there_is_room_for(self, front: bytes, text: bytes) -> None:
        macros = MacroFile(front + text * ((1 << 20) // len(text)))
        assert not macros.calls_from(macros.functions)

    def test_a_long_name_and_a_long_list(self) -> None:
        assert not MacroFile(b"a" * (1 << 19) + b"(" + b"b" * (1 << 19)).functions

    def test_a_string_that_nothing_ends(self) -> None:
        functions = MacroFile(b"f() { __message \"it's {;\n __hwReset(1);\n}").functions
        assert "__hwReset(1);" in functions["f"]


class TestManyFindings:
    def test_the_first_are_told_and_that_there_are_more(self, tmp_path: Path) -> None:
        path = tmp_path / "a.flash"
        path.write_bytes(flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE, *["<x/>"] * (MOST_FINDINGS + 1)))
        report = linted(path)
        assert_sound(report)
        assert sum(each.rule == "IAR022" for each in findings_of(report)) == MOST_FINDINGS
        reasons = {each.rule: each.reason for each in report.files[0].skipped}
        assert reasons["IAR022"] == f"It tells the first {MOST_FINDINGS} findings only."

    def test_as_many_as_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "a.flash"
        path.write_bytes(flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE, *["<x/>"] * MOST_FINDINGS))
        report = linted(path)
        assert sum(each.rule == "IAR022" for each in findings_of(report)) == MOST_FINDINGS
        assert "IAR022" not in {each.rule for each in report.files[0].skipped}


ALL_ONES = 0xFFFF_FFFF
TOPS = (ALL_ONES, 0xFFFF_FFFE, 0xFFFF_FFFC, 0xFFFF_F000, 0x8000_0000, 0)


def check(name: str, data: bytes) -> None:
    path = Path("/nowhere", name)
    assert_sound(linted(path, instead={str(path): data}))


class TestNumbers:
    @each_loader
    @pytest.mark.parametrize("value", TOPS, ids=hex)
    def test_values_and_sizes_of_symbols(self, name: str, value: int) -> None:
        for _, entry in elf.symbols(LOADERS[name]):
            for field in (Sym.VALUE, Sym.SIZE):
                check(name, elf.put(LOADERS[name], entry + field, value))
            both = elf.put(LOADERS[name], entry + Sym.VALUE, value)
            check(name, elf.put(both, entry + Sym.SIZE, ALL_ONES))

    @each_loader
    @pytest.mark.parametrize("value", TOPS, ids=hex)
    def test_addresses_of_sections_and_segments(self, name: str, value: int) -> None:
        data = LOADERS[name]
        for place in elf.sections(data):
            check(name, elf.put(data, place.header_offset + Shdr.ADDR, value))
        for number in range(elf.word(data, Ehdr.PHNUM, HALF)):
            for field in (Phdr.VADDR, Phdr.PADDR, Phdr.MEMSZ):
                check(name, elf.put(data, elf.program_header(data, number) + field, value))

    @pytest.mark.parametrize("value", TOPS, ids=hex)
    def test_fields_of_flash_device(self, value: int) -> None:
        data = build_flm(
            FlmRecipe(runs=tuple((0x1000, 0x1000 * number) for number in range(511)), size_bytes=511 << 12)
        )
        start = elf.descriptor(data)
        for offset in (*range(132, 200, 4), 160 + 8 * 510, 160 + 8 * 511):
            check("a.FLM", elf.put(data, start + offset, value))

    @pytest.mark.parametrize("value", TOPS, ids=hex)
    def test_fields_of_storage_info(self, value: int) -> None:
        data = LOADERS["a.stldr"]
        places, entry = elf.sections(data), elf.symbol(data, "StorageInfo")
        holder = places[elf.word(data, entry + Sym.SHNDX, HALF)]
        for offset in range(100, 200, 4):
            check("a.stldr", elf.put(data, holder.offset + offset, value))

    @pytest.mark.parametrize("count", [0, 1, 511, 512, 513])
    def test_sector_lists_of_every_length(self, count: int) -> None:
        runs = tuple((0x1000, 0x1000 * number) for number in range(count))
        check("a.FLM", build_flm(FlmRecipe(runs=runs, size_bytes=max(count, 1) << 12)))


ODD_NAMES = {
    "escape": b"\x1b]0;title\x07",
    "line break": b"a\r\nb",
    "code page": b"gr\xf6\xdfe",
    "half a pair": b"\xed\xa0\x80",
    "right to left": "\u202e\u2066a".encode(),
    "a megabyte": b"N" * (1 << 20),
    "a megabyte of escapes": b"\x01" * (1 << 20),
}


class TestNames:
    @each_loader
    @pytest.mark.parametrize("odd", ODD_NAMES.values(), ids=ODD_NAMES.keys())
    def test_of_each_symbol_and_section(self, name: str, odd: bytes) -> None:
        whole = LOADERS[name]
        for table in (each for each in elf.sections(whole) if each.kind == SHT_STRTAB):
            names = whole[table.offset : table.offset + table.size_bytes] + odd + b"\0"
            data = elf.put(whole, table.header_offset + Shdr.OFFSET, len(whole))
            data = elf.put(data, table.header_offset + Shdr.SIZE, len(names)) + names
            if table.name == ".shstrtab":
                fields = [place.header_offset + Shdr.NAME for place in elf.sections(whole)]
            else:
                fields = [entry + Sym.NAME for _, entry in elf.symbols(whole)]
            for field in fields:
                check(name, elf.put(data, field, table.size_bytes))

    def test_facts_behind_a_long_name_are_told(self) -> None:
        recipe = FlmRecipe(code_section="N" * 5000)
        path = Path("/nowhere/a.FLM")
        messages = [each.message for each in findings_of(linted(path, instead={str(path): build_flm(recipe)}))]
        assert any("NNN ... NNN" in each for each in messages)
