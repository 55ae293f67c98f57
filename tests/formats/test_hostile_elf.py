"""Files that lie about themselves: each is refused with UnreadableInput or read as if nothing were wrong."""

import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from loaderconv_formats.file_bytes import MAX_FILE_BYTES
from loaderconv_formats.loader_file import LoaderFile, parse_loader
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import Part
from support import elf_surgery as elf
from support.arm_attributes import CPU_ARCH, aeabi
from support.elf_numbers import EM_386, EM_RISCV, SHT_NOBITS, SHT_PROGBITS, STT_FUNC
from support.elf_surgery import HALF, Descriptor, Ehdr, Phdr, Shdr, Sym, put
from support.flm_builder import build
from support.flm_recipe import ExtraSymbol, FlmRecipe, gcc_shaped, routines_without
from support.paths import FIXTURES
from support.reading import loader_of, notice_codes, read_or_refusal, segment

GOOD = build(FlmRecipe())
FIXTURE = (FIXTURES / "strict_flm.FLM").read_bytes()
CODE_BYTES = 28
MEMORY_LIMIT_BYTES = 200 << 20
ALL_ONES = 0xFFFF_FFFF

SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_REL = 2, 3, 4, 9
SHF_ALLOC = 2


def refusal(data: bytes) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(UnreadableInput) as caught:
        parse_loader(data, "hostile")
    assert caught.value.hint
    return caught.value.message


def header_of(name: str, kind: int | None = None) -> int:
    return elf.section(GOOD, name, kind).header_offset


@contextmanager
def memory_limit() -> Iterator[None]:
    """Fail a test in which the reader holds more memory than any file may cost."""
    tracemalloc.start()
    try:
        yield
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < MEMORY_LIMIT_BYTES


class TestOtherKindsOfFile:
    @pytest.mark.parametrize(
        ("data", "words"),
        [
            pytest.param(b"", "empty", id="empty"),
            pytest.param(b"int Init(void) { return 0; }\n" * 100, "not an ELF file", id="text"),
            pytest.param(bytes(4096), "not an ELF file", id="zeros"),
            pytest.param(b":020000042000DA\r\n:00000001FF\r\n", "not an ELF file", id="Intel hex"),
            pytest.param(b"MZ" + bytes(200), "not an ELF file", id="Windows program"),
            pytest.param(b"\xef\xbb\xbf" + GOOD, "not an ELF file", id="byte order mark in front"),
            pytest.param(b"\x7fELF", "inside its header", id="magic alone"),
            pytest.param(GOOD[:51], "inside its header", id="51 bytes"),
            pytest.param(build(FlmRecipe(class_bits=64)), "not 32-bit", id="ELF64"),
            pytest.param(build(FlmRecipe(is_big_endian=True)), "big-endian", id="big-endian"),
            pytest.param(build(FlmRecipe(machine=EM_386)), "x86", id="x86"),
            pytest.param(build(FlmRecipe(machine=62)), "x86-64", id="x32"),
            pytest.param(build(FlmRecipe(machine=EM_RISCV)), "RISC-V", id="RISC-V"),
            pytest.param(build(FlmRecipe(machine=0xFFFF)), "machine 65535", id="unknown machine"),
            pytest.param(build(FlmRecipe(file_type=1)), "e_type 1", id="object file"),
            pytest.param(build(FlmRecipe(file_type=3)), "e_type 3", id="shared library"),
            pytest.param(build(FlmRecipe(file_type=4)), "e_type 4", id="core dump"),
            pytest.param(build(FlmRecipe(has_symtab=False)), "not a flash loader", id="without symbols"),
        ],
    )
    def test_is_named(self, data: bytes, words: str) -> None:
        assert words in refusal(data)

    def test_file_beyond_the_limit(self) -> None:
        assert "no flash loader is that large" in refusal(bytes(MAX_FILE_BYTES + 1))

    def test_descriptor_without_routines_is_read(self) -> None:
        """A host can do nothing with it, but the descriptor can be inspected."""
        assert loader_of(FlmRecipe(routines={"main": bytes(4)})).entry_points == ()

    def test_routines_without_descriptor(self) -> None:
        entry = elf.symbol(GOOD, "FlashDevice")
        assert "FlashDevice" in refusal(put(GOOD, entry + Sym.SHNDX, 0, HALF))

    def test_iar_loader_is_told_by_its_symbols(self) -> None:
        names = ("theFlashParams", "FlashInitEntry", "FlashBreak")
        extra = tuple(ExtraSymbol(name, value=1, kind=STT_FUNC, section="PrgCode") for name in names)
        strings = build(FlmRecipe(extra_symbols=extra)).replace(b"\0FlashDevice\0", b"\0FlashDevicf\0")
        assert parse_loader(strings, "built").loader.flavour is Flavour.IAR


class TestTruncation:
    @pytest.mark.parametrize("data", [GOOD, FIXTURE], ids=["recipe", "fixture"])
    def test_every_97th_byte(self, data: bytes) -> None:
        for size in range(0, len(data), 97):
            assert isinstance(read_or_refusal(data[:size]), UnreadableInput), f"{size} of {len(data)} bytes were read"

    @pytest.mark.parametrize("data", [GOOD, FIXTURE], ids=["recipe", "fixture"])
    def test_one_byte_too_few(self, data: bytes) -> None:
        assert "ends at offset" in refusal(data[:-1])

    @pytest.mark.parametrize("data", [GOOD, FIXTURE], ids=["recipe", "fixture"])
    def test_front_lost(self, data: bytes) -> None:
        for size in range(97, len(data), 97):
            assert isinstance(read_or_refusal(data[size:]), UnreadableInput)

    @pytest.mark.parametrize("data", [GOOD, FIXTURE], ids=["recipe", "fixture"])
    def test_stretch_of_zeros(self, data: bytes) -> None:
        """What a file system leaves of a file that was being written when the power went."""
        for start in range(0, elf.word(data, Ehdr.SHOFF), 97):
            outcome = read_or_refusal(data[:start] + bytes(len(data) - start))
            assert isinstance(outcome, UnreadableInput), f"zeros from {start} on were read"

    def test_line_ends_converted(self) -> None:
        """What FTP in text mode or git with autocrlf makes of a binary file."""
        data = FIXTURE.replace(b"\n", b"\r\n")
        assert data != FIXTURE
        assert isinstance(read_or_refusal(data), UnreadableInput)


class TestHeaderTables:
    @pytest.mark.parametrize(
        ("field", "value", "layout"),
        [
            (Ehdr.SHNUM, 65535, HALF),
            (Ehdr.PHNUM, 65535, HALF),
            (Ehdr.SHOFF, ALL_ONES, "<I"),
            (Ehdr.PHOFF, ALL_ONES, "<I"),
            (Ehdr.SHOFF, len(GOOD), "<I"),
            (Ehdr.PHENTSIZE, 0, HALF),
            (Ehdr.SHENTSIZE, 0, HALF),
            (Ehdr.PHENTSIZE, 31, HALF),
            (Ehdr.SHENTSIZE, 0xFFFF, HALF),
            (Ehdr.PHNUM, 0, HALF),
            (Ehdr.SHNUM, 0, HALF),
        ],
    )
    def test_damaged_tables_are_refused(self, field: Ehdr, value: int, layout: str) -> None:
        assert refusal(put(GOOD, field, value, layout))

    @pytest.mark.parametrize("value", [0, 1, 99, 0xFF00, 0xFFFF])
    def test_section_names_elsewhere(self, value: int) -> None:
        outcome = read_or_refusal(put(GOOD, Ehdr.SHSTRNDX, value, HALF))
        if isinstance(outcome, LoaderFile):
            assert outcome.loader.device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize(
        ("field", "value", "layout"),
        [(Ehdr.VERSION, 99, "<I"), (Ehdr.EHSIZE, 0, HALF), (Ehdr.ENTRY, ALL_ONES, "<I"), (Ehdr.FLAGS, 0, "<I")],
    )
    def test_fields_that_nothing_hangs_on(self, field: Ehdr, value: int, layout: str) -> None:
        loader = parse_loader(put(GOOD, field, value, layout), "built").loader
        assert loader.device == loader_of(FlmRecipe()).device

    @memory_limit()
    def test_thousands_of_empty_program_headers(self) -> None:
        data = elf.with_program_headers(GOOD, [(0, 0, 0, 0, 0, 0, 0, 0)] * 10_000)
        assert "10000 segments" in refusal(data)


class TestSegments:
    @pytest.mark.parametrize("field", [Phdr.OFFSET, Phdr.FILESZ])
    @pytest.mark.parametrize("number", [0, 1])
    def test_bytes_behind_the_file(self, number: int, field: Phdr) -> None:
        message = refusal(put(GOOD, elf.program_header(GOOD, number) + field, ALL_ONES))
        assert f"Segment {number} ends at offset" in message or "segments overlap" in message

    @pytest.mark.parametrize("field", [Phdr.VADDR, Phdr.MEMSZ])
    def test_memory_beyond_32_bits(self, field: Phdr) -> None:
        data = put(GOOD, elf.program_header(GOOD, 0) + Phdr.VADDR, 0x1000)
        assert "32-bit address space" in refusal(put(data, elf.program_header(GOOD, 0) + field, ALL_ONES))

    def test_inflated_memory_size_is_not_believed(self) -> None:
        """ST's H7RS linker script makes it 64 MB."""
        loader = parse_loader(put(GOOD, elf.program_header(GOOD, 0) + Phdr.MEMSZ, 0xF000_0000), "built").loader
        assert loader.ram == loader_of(FlmRecipe()).ram

    def test_absurd_alignment(self) -> None:
        data = put(GOOD, elf.program_header(GOOD, 0) + Phdr.ALIGN, 0x8000_0001)
        assert parse_loader(data, "built").loader == loader_of(FlmRecipe())

    def test_code_in_no_load_segment(self) -> None:
        assert "Init" in refusal(put(GOOD, elf.program_header(GOOD, 0) + Phdr.TYPE, 4))

    def test_empty_code_segment(self) -> None:
        assert "Init" in refusal(put(GOOD, elf.program_header(GOOD, 0) + Phdr.FILESZ, 0))

    @memory_limit()
    def test_many_segments_over_the_whole_file(self) -> None:
        data = GOOD + bytes(1 << 16)
        header = (1, 0, 0, 0, len(data), len(data), 7, 4)
        assert "overlap" in refusal(elf.with_program_headers(data, [header] * 64))

    def test_more_segments_than_any_loader_has(self) -> None:
        assert "65 segments" in refusal(elf.with_program_headers(GOOD, [(1, 0, 0, 0, 0, 0, 7, 4)] * 65))

    @memory_limit()
    def test_many_segments_over_one_byte(self) -> None:
        own = [struct.unpack_from("<8I", GOOD, elf.program_header(GOOD, number)) for number in (0, 1)]
        header = (1, 0, 0x1000_0000, 0, 1, 1, 7, 4)
        loader = parse_loader(elf.with_program_headers(GOOD, [*own, *[header] * 62]), "built").loader
        assert loader.device == loader_of(FlmRecipe()).device

    def test_segments_far_apart_need_no_memory_for_the_hole(self) -> None:
        own = [struct.unpack_from("<8I", GOOD, elf.program_header(GOOD, number)) for number in (0, 1)]
        far = (1, 52, 0xF000_0000, 0, 4, 4, 7, 4)
        alone = parse_loader(GOOD, "built").loader.ram.image_bytes
        loader = parse_loader(elf.with_program_headers(GOOD, [*own, far]), "built").loader
        assert loader.ram.image_bytes == alone + 4


class TestSections:
    @pytest.mark.parametrize("name", ["PrgCode", "PrgData", "DevDscr", ".comment", ".symtab", ".strtab", ".shstrtab"])
    def test_size_of_4_gigabytes(self, name: str) -> None:
        message = refusal(put(GOOD, header_of(name) + Shdr.SIZE, ALL_ONES))
        assert "ends at offset" in message or "sections overlap" in message

    @pytest.mark.parametrize("name", ["PrgCode", "PrgData", "DevDscr", ".comment", ".symtab", ".strtab", ".shstrtab"])
    def test_offset_of_4_gigabytes(self, name: str) -> None:
        assert "ends at offset" in refusal(put(GOOD, header_of(name) + Shdr.OFFSET, ALL_ONES))

    def test_all_sizes_of_4_gigabytes(self) -> None:
        data = GOOD
        for place in elf.sections(GOOD):
            data = put(data, place.header_offset + Shdr.SIZE, ALL_ONES)
        assert refusal(data)

    @pytest.mark.parametrize("size", [ALL_ONES, ALL_ONES - 36, 0x8000_0000])
    def test_zeroed_data_of_gigabytes(self, size: int) -> None:
        """More than there are addresses is refused; what fits is read, and needs that much RAM."""
        outcome = read_or_refusal(put(GOOD, header_of("PrgData", SHT_NOBITS) + Shdr.SIZE, size))
        if size + 36 > 1 << 32:
            assert isinstance(outcome, UnreadableInput)
        else:
            assert isinstance(outcome, LoaderFile)
            assert outcome.loader.ram.image_bytes == 36 + size

    def test_zeroed_data_at_the_top_of_memory(self) -> None:
        data = put(GOOD, header_of("PrgData", SHT_NOBITS) + Shdr.ADDR, ALL_ONES - 3)
        assert isinstance(read_or_refusal(data), UnreadableInput)

    @pytest.mark.parametrize("value", [0, 3, ALL_ONES, 0x8000_0000])
    def test_odd_alignment(self, value: int) -> None:
        loader = parse_loader(put(GOOD, header_of("PrgCode") + Shdr.ALIGN, value), "built").loader
        assert loader.placement.alignment_bytes == (value if value == 0x8000_0000 else 4)

    @pytest.mark.parametrize("value", [99, 0xFFF1, ALL_ONES])
    def test_sh_link_out_of_range(self, value: int) -> None:
        """Without its string table no symbol has a name, so nothing says that the file is a loader."""
        assert "not a flash loader" in refusal(put(GOOD, header_of(".symtab") + Shdr.LINK, value))

    def test_sh_link_to_itself(self) -> None:
        assert refusal(put(GOOD, header_of(".symtab") + Shdr.LINK, _index_of(".symtab")))

    @pytest.mark.parametrize("value", [0, 1, ALL_ONES])
    def test_sh_entsize_of_symbols(self, value: int) -> None:
        """The specification knows one size; tools ignore the field and so does the reader."""
        assert parse_loader(put(GOOD, header_of(".symtab") + Shdr.ENTSIZE, value), "built").loader == loader_of(
            FlmRecipe()
        )

    @pytest.mark.parametrize("value", [0, 99, ALL_ONES])
    def test_sh_info_of_symbols(self, value: int) -> None:
        assert parse_loader(put(GOOD, header_of(".symtab") + Shdr.INFO, value), "built").loader == loader_of(
            FlmRecipe()
        )

    def test_sh_name_out_of_range(self) -> None:
        """Section names are for people; without PrgData's the writable sections tell where r9 points."""
        data = GOOD
        for place in elf.sections(GOOD):
            data = put(data, place.header_offset + Shdr.NAME, ALL_ONES)
        assert parse_loader(data, "built").loader.placement == loader_of(FlmRecipe()).placement

    @pytest.mark.parametrize("kind", [SHT_REL, SHT_RELA])
    def test_relocations_that_name_no_symbol(self, kind: int) -> None:
        table = struct.pack("<III", 0, 0xFFFF_FF02, 0) * 4  # whole entries of both kinds
        recipe = FlmRecipe(extra_sections=((".rel", table),))
        data = build(recipe)
        header = elf.section(data, ".rel").header_offset
        index = next(number for number, each in enumerate(elf.sections(data)) if each.kind == SHT_SYMTAB)
        data = put(put(data, header + Shdr.TYPE, kind), header + Shdr.LINK, index)
        assert parse_loader(put(data, header + Shdr.INFO, 0xFFFF), "built").loader == loader_of(FlmRecipe())

    def test_two_symbol_tables(self) -> None:
        table = elf.section(GOOD, ".symtab")
        header = (0, SHT_SYMTAB, 0, 0, table.offset, table.size_bytes, table.link, 0, 4, 16)
        assert parse_loader(elf.with_section_headers(GOOD, [header]), "built").loader == loader_of(FlmRecipe())

    @memory_limit()
    def test_thousands_of_sections_over_the_whole_file(self) -> None:
        header = (0, SHT_PROGBITS, 0, 0, 0, len(GOOD), 0, 0, 1, 0)
        assert "overlap" in refusal(elf.with_section_headers(GOOD, [header] * 20_000))

    @memory_limit()
    def test_thousands_of_sections_with_one_endless_name(self) -> None:
        """Names may share their bytes, so 88 KB of headers can ask for hundreds of megabytes of names."""
        strings = len(GOOD)
        data = GOOD + b"n" * 200_000
        names = elf.section(GOOD, ".shstrtab").header_offset
        data = put(put(data, names + Shdr.OFFSET, strings), names + Shdr.SIZE, 200_000)
        headers = [(offset, SHT_NOBITS, 0, 0, 0, 0, 0, 0, 1, 0) for offset in range(2200)]
        assert "overlap" in refusal(elf.with_section_headers(data, headers))


class TestSymbols:
    def test_string_table_without_nul(self) -> None:
        extra = tuple(ExtraSymbol(f"variable_{number}", section="PrgData") for number in range(50))
        recipe = FlmRecipe(extra_symbols=extra, are_names_terminated=False)
        assert loader_of(recipe).device == loader_of(FlmRecipe()).device

    @memory_limit()
    def test_thousands_of_symbols_with_one_endless_name(self) -> None:
        data = build(FlmRecipe(extra_symbols=tuple(ExtraSymbol(f"v{number}") for number in range(5000))))
        strings = elf.section(data, ".strtab")
        data = data[: strings.offset] + b"n" * strings.size_bytes + data[strings.offset + strings.size_bytes :]
        assert "overlap" in refusal(data)

    @memory_limit()
    def test_thousands_of_ordinary_symbols(self) -> None:
        extra = tuple(ExtraSymbol(f"some_function_{number}", section="PrgCode") for number in range(5000))
        assert loader_of(FlmRecipe(extra_symbols=extra)) == loader_of(FlmRecipe())

    @pytest.mark.parametrize("index", [99, 0xFEFF, 0xFF00, 0xFFF1, 0xFFF2, 0xFFFF])
    def test_descriptor_with_section_index_out_of_range(self, index: int) -> None:
        """It counts as absolute: DevDscr's segment holds its address."""
        data = put(GOOD, elf.symbol(GOOD, "FlashDevice") + Sym.SHNDX, index, HALF)
        assert parse_loader(data, "built").loader.device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize("index", [99, 0xFEFF, 0xFF00, 0xFFF1, 0xFFF2, 0xFFFF])
    def test_routine_with_section_index_out_of_range(self, index: int) -> None:
        data = put(GOOD, elf.symbol(GOOD, "Init") + Sym.SHNDX, index, HALF)
        outcome = read_or_refusal(data)
        assert isinstance(outcome, LoaderFile)
        assert [entry.address for entry in outcome.loader.entry_points if entry.symbol == "Init"] == [0]

    @pytest.mark.parametrize("name", [".comment", ".shstrtab", ".symtab", ".strtab"])
    def test_descriptor_in_a_section_that_is_no_place_for_it(self, name: str) -> None:
        data = put(GOOD, elf.symbol(GOOD, "FlashDevice") + Sym.SHNDX, _index_of(name), HALF)
        outcome = read_or_refusal(data)
        if isinstance(outcome, LoaderFile):
            assert outcome.loader.device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize("offset", [-1, 4256 - 159, 4256, 0x1000_0000, ALL_ONES])
    def test_descriptor_outside_of_its_section(self, offset: int) -> None:
        entry = elf.symbol(GOOD, "FlashDevice")
        value = (elf.word(GOOD, entry + Sym.VALUE) + offset) & ALL_ONES
        assert "FlashDevice has" in refusal(put(GOOD, entry + Sym.VALUE, value))

    def test_descriptor_in_zeroed_data(self) -> None:
        zi_index = next(number for number, each in enumerate(elf.sections(GOOD)) if each.kind == SHT_NOBITS)
        data = put(GOOD, elf.symbol(GOOD, "FlashDevice") + Sym.SHNDX, zi_index, HALF)
        assert "FlashDevice has 0 bytes" in refusal(data)

    @pytest.mark.parametrize("value", [0x1_0001, 0x8000_0001, ALL_ONES])
    def test_routine_outside_of_the_file_bytes(self, value: int) -> None:
        assert "EraseSector" in refusal(put(GOOD, elf.symbol(GOOD, "EraseSector") + Sym.VALUE, value))

    def test_routine_in_zeroed_data(self) -> None:
        """Its address has bytes in the file, but they are the descriptor's, which no host downloads."""
        extra = ExtraSymbol("Verify", value=36 + 4 | 1, size_bytes=4, kind=STT_FUNC)
        recipe = FlmRecipe(routines=routines_without("Verify"), extra_symbols=(extra,))
        assert "Verify" in refusal(build(recipe))

    def test_routine_behind_the_downloaded_image(self) -> None:
        extra = ExtraSymbol("Verify", value=36 + 4000 | 1, size_bytes=4, kind=STT_FUNC)
        recipe = FlmRecipe(routines=routines_without("Verify"), extra_symbols=(extra,))
        assert "Verify" in refusal(build(recipe))

    def test_every_type_and_binding(self) -> None:
        for info in range(256):
            data = put(GOOD, elf.symbol(GOOD, "Verify") + Sym.INFO, info, elf.BYTE)
            assert parse_loader(data, "built").loader.device == loader_of(FlmRecipe()).device


class TestDescriptor:
    def test_no_terminator(self) -> None:
        assert "no terminator" in refusal(build(FlmRecipe(is_run_table_terminated=False)))

    def test_no_terminator_within_the_shipped_bytes(self) -> None:
        assert "no terminator within 1 entries" in refusal(build(FlmRecipe(descriptor_shipped_bytes=168)))

    def test_half_a_terminator_is_none(self) -> None:
        data = put(GOOD, elf.descriptor(GOOD) + Descriptor.SECTORS + 8, 0)
        assert "no terminator" in refusal(data)

    @pytest.mark.parametrize("shipped", [1, 100, 159])
    def test_fixed_part_cut(self, shipped: int) -> None:
        assert f"FlashDevice has {shipped} bytes" in refusal(build(FlmRecipe(descriptor_shipped_bytes=shipped)))

    def test_no_sectors(self) -> None:
        assert loader_of(FlmRecipe(runs=())).device.sectors == ()

    def test_all_numbers_at_their_largest(self) -> None:
        start = elf.descriptor(GOOD)
        data = GOOD[: start + 130] + b"\xff" * 30 + GOOD[start + 160 :]
        device = parse_loader(data, "built").loader.device
        assert (device.base_address, device.size_bytes, device.page_size_bytes) == (ALL_ONES, ALL_ONES, ALL_ONES)
        assert device.sectors == (SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=0xF_FFFF),)

    @pytest.mark.parametrize(
        "runs", [((0, 0),), ((ALL_ONES, 0),), ((1, 0),), ((0x1000, 0), (0x1000, 0)), ((8, 0), (8, 4))]
    )
    def test_senseless_runs_are_read(self, runs: tuple[tuple[int, int], ...]) -> None:
        sectors = loader_of(FlmRecipe(runs=runs)).device.sectors
        assert len(sectors) == len(runs)
        assert all(run.sector_size_bytes or not run.count for run in sectors)

    def test_runs_backwards(self) -> None:
        loader = loader_of(FlmRecipe(runs=((0x1000, 0), (0x1000, 0x8000), (0x1000, 0x4000))))
        assert [run.count for run in loader.device.sectors] == [8, 0, 12]
        assert notice_codes(loader) == ["uneven-sector-run"]


class TestNotesOnTheBuild:
    @pytest.mark.parametrize(
        "section",
        [
            aeabi({CPU_ARCH: 127}),
            aeabi(dict.fromkeys(range(1, 128), 1)),
            b"A\xff\xff\xff\x7faeabi\0\x01\xff\xff\xff\x7f" + b"\x80" * 40,
            b"A\x10\0\0\0aeabi\0\x01\x05\0\0\0\x05",
            b"A" * 5000,
            bytes(5000),
        ],
    )
    def test_odd_arm_attributes_do_not_matter(self, section: bytes) -> None:
        assert loader_of(gcc_shaped(section)).device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize(
        "comment", [b"\xff\xfe\x80" * 100, b"--cpu=" + b"A" * 100_000, b"ARM Compiler " * 500, b"GCC: (" * 500]
    )
    def test_odd_comments_do_not_matter(self, comment: bytes) -> None:
        assert loader_of(FlmRecipe(comment=comment)).device == loader_of(FlmRecipe()).device

    @pytest.mark.parametrize(
        "name", ["BuildAttributes$$", "BuildAttributes$$$$$$", "BuildAttributes$$" + "$ROPI" * 5000]
    )
    def test_odd_build_attributes_do_not_matter(self, name: str) -> None:
        assert loader_of(FlmRecipe(build_attributes=name)).device == loader_of(FlmRecipe()).device


class TestStrangeButHonest:
    def test_headers_in_front(self) -> None:
        """GNU ld puts the program headers behind the ELF header; here they lie even inside the code's segment."""
        moved = elf.with_program_headers(
            GOOD, [struct.unpack_from("<8I", GOOD, elf.program_header(GOOD, number)) for number in (0, 1)]
        )
        assert parse_loader(moved, "built").loader == loader_of(FlmRecipe())

    def test_two_segments_with_the_same_bytes(self) -> None:
        own = [struct.unpack_from("<8I", GOOD, elf.program_header(GOOD, number)) for number in (0, 1, 1)]
        loader = parse_loader(elf.with_program_headers(GOOD, own), "built").loader
        assert loader.device == loader_of(FlmRecipe()).device
        assert segment(loader, Part.DESCRIPTOR) == segment(loader_of(FlmRecipe()), Part.DESCRIPTOR)

    @pytest.mark.parametrize("address", [0xFFFF_FF00, 0xFFFF_0000])
    def test_code_at_the_top_of_memory(self, address: int) -> None:
        recipe = FlmRecipe(code_address=address, descriptor_shipped_bytes=176, zi_size_bytes=0)
        assert segment(loader_of(recipe), Part.CODE).address == address

    def test_both_descriptors(self) -> None:
        """A stray symbol StorageInfo makes no stldr of a file that has an FLM's descriptor and all its routines."""
        extra = ExtraSymbol("StorageInfo", value=CODE_BYTES, section="PrgData")
        assert loader_of(FlmRecipe(extra_symbols=(extra,), zi_size_bytes=0)).flavour is Flavour.FLM


def _index_of(name: str) -> int:
    return next(number for number, each in enumerate(elf.sections(GOOD)) if each.name == name)
