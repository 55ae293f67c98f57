"""No file of up to 1 MB costs more than 200 MB, however it is made; `tests/fuzz` bounds the time of an input as well.

Work is bounded through memory: what a reader builds from a file, it holds.
"""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.iar.board_file import read_board_file
from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.errors import LoaderConvError, UnreadableInput
from support import elf_surgery as elf
from support.bounded_memory import peak_bytes
from support.elf_numbers import SHF_ALLOC, SHT_NOBITS, SHT_PROGBITS, SHT_REL, SHT_SYMTAB, STT_FUNC
from support.elf_surgery import HALF, Ehdr, put
from support.flm_builder import build as build_flm
from support.flm_recipe import SHORT_FLASH_DEVICE_SIZE_BYTES, FlmRecipe
from support.fuzzing import fuzz_settings
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

MAX_FILE_BYTES = 1 << 20
MAX_PEAK_BYTES = 200 << 20

LOADERS = {
    "FLM": build_flm(FlmRecipe(descriptor_shipped_bytes=SHORT_FLASH_DEVICE_SIZE_BYTES)),
    "stldr": build_stldr(StldrRecipe()),
    "IAR": build_iar(IarRecipe()),
}
each_loader = pytest.mark.parametrize("data", LOADERS.values(), ids=LOADERS.keys())


def parse(data: bytes) -> object:
    return parse_loader(data, "large")


def read_description(data: bytes) -> object:
    """Read a `.flash` or a `.board` file."""
    document = parse_xml(data)
    return read_board_file(document) if document.root.name == "flash_board" else read_flash_file(document, "large")


def assert_bounded(data: bytes, read: Callable[[bytes], object] = parse) -> None:
    """Check what a file costs; it may be read or refused."""
    assert len(data) <= MAX_FILE_BYTES

    def job() -> None:
        try:
            read(data)
        except LoaderConvError:
            return

    assert peak_bytes(job) < MAX_PEAK_BYTES


def with_symbols(data: bytes, entries: bytes, strings: bytes) -> bytes:
    """Return the file with another symbol table and other names, appended at its end."""
    table = elf.section(data, ".symtab")
    names = elf.section(data, ".strtab")
    data += bytes(-len(data) % 4)
    for place, contents in ((table, entries), (names, strings)):
        data = put(data, place.header_offset + elf.Shdr.OFFSET, len(data))
        data = put(data, place.header_offset + elf.Shdr.SIZE, len(contents)) + contents
    return data


def section_header(
    kind: int, *, flags: int = 0, offset: int = 0, size: int = 0, name: int = 0, link: int = 0
) -> tuple[int, ...]:
    return (name, kind, flags, 0, offset, size, link, 0, 1, 0)


class TestManyHeaders:
    @each_loader
    def test_all_numbers_of_headers_at_65535(self, data: bytes) -> None:
        data = put(put(data, Ehdr.SHNUM, 65535, HALF), Ehdr.PHNUM, 65535, HALF)
        assert_bounded(data + bytes(MAX_FILE_BYTES - len(data)))

    @pytest.mark.parametrize("kind", [SHT_PROGBITS, SHT_NOBITS, SHT_SYMTAB, SHT_REL])
    def test_as_many_sections_as_there_is_room_for(self, kind: int) -> None:
        data = LOADERS["stldr"]
        count = (MAX_FILE_BYTES - 2 * len(data)) // elf.SECTION_HEADER_BYTES
        header = section_header(kind, flags=SHF_ALLOC, size=4)
        assert_bounded(elf.with_section_headers(data, [header] * count))

    @each_loader
    def test_as_many_symbols_as_there_is_room_for(self, data: bytes) -> None:
        count = (MAX_FILE_BYTES - 2 * len(data)) // elf.SYMBOL_BYTES
        entry = struct.pack("<IIIBBH", 1, 1, 4, 1 << 4 | STT_FUNC, 0, 1)
        assert_bounded(with_symbols(data, bytes(16) + entry * (count - 1), b"\0Init\0"))

    @each_loader
    def test_as_many_names_as_there_is_room_for(self, data: bytes) -> None:
        """Every symbol has a name of its own, cut from the same bytes."""
        room = (MAX_FILE_BYTES - 2 * len(data)) // 2
        entries = b"".join(struct.pack("<IIIBBH", at, 1, 4, 0x12, 0, 1) for at in range(1, room // elf.SYMBOL_BYTES))
        assert_bounded(with_symbols(data, bytes(16) + entries, b"\0" + b"A" * room))

    def test_more_sections_than_symbols_can_tell_apart(self) -> None:
        """Beyond 1 MB, but below what is read at all: its header could not be written again."""
        data = elf.with_section_headers(LOADERS["stldr"], [section_header(SHT_NOBITS)] * 0xFF00)
        with pytest.raises(UnreadableInput, match=r"65[0-9]+ sections"):
            parse(data)


class TestOverlaps:
    @each_loader
    def test_every_segment_is_the_whole_file(self, data: bytes) -> None:
        data += bytes(MAX_FILE_BYTES // 2)
        header = (1, 0, 0, 0, len(data), len(data), 7, 4)
        assert_bounded(elf.with_program_headers(data, [header] * 64))

    @each_loader
    def test_every_section_is_the_whole_file(self, data: bytes) -> None:
        header = section_header(SHT_PROGBITS, flags=SHF_ALLOC, size=len(data))
        count = (MAX_FILE_BYTES - 2 * len(data)) // elf.SECTION_HEADER_BYTES
        assert_bounded(elf.with_section_headers(data, [header] * count))

    @each_loader
    def test_every_section_name_is_the_rest_of_the_names(self, data: bytes) -> None:
        names = elf.section(data, ".shstrtab")
        start, size = len(data), MAX_FILE_BYTES // 4
        data = put(put(data, names.header_offset + 16, start), names.header_offset + 20, size) + b"A" * size
        count = (MAX_FILE_BYTES - len(data) - 4096) // elf.SECTION_HEADER_BYTES
        headers = [section_header(SHT_NOBITS, name=at) for at in range(count)]
        assert_bounded(elf.with_section_headers(data, headers))

    @each_loader
    def test_everything_relocates_everything(self, data: bytes) -> None:
        symtab = next(number for number, each in enumerate(elf.sections(data)) if each.kind == SHT_SYMTAB)
        data += struct.pack("<II", 0, 0x102) * (MAX_FILE_BYTES // 16)
        header = section_header(SHT_REL, size=len(data), link=symtab)
        count = (MAX_FILE_BYTES - len(data) - 4096) // elf.SECTION_HEADER_BYTES
        assert_bounded(elf.with_section_headers(data, [header] * count))

    def test_each_byte_of_a_file_is_a_part_of_one_relocation_at_most(self) -> None:
        """Seven tables over the whole of a file of 16 MiB would become 14 million objects."""
        data = LOADERS["stldr"]
        symtab = next(number for number, each in enumerate(elf.sections(data)) if each.kind == SHT_SYMTAB)
        tables = [section_header(SHT_REL, size=len(data), link=symtab)] * 7
        with pytest.raises(UnreadableInput, match="relocations overlap"):
            parse(elf.with_section_headers(data, tables))

    def test_relocations_of_the_whole_file_are_read(self) -> None:
        data = LOADERS["stldr"] + b"A" * (MAX_FILE_BYTES // 2)
        symtab = next(number for number, each in enumerate(elf.sections(data)) if each.kind == SHT_SYMTAB)
        data = elf.with_section_headers(data, [section_header(SHT_REL, size=len(data) // 8 * 8, link=symtab)])
        found = [each.content for each in parse_loader(data, "large").image.sections if each.type == SHT_REL]
        assert [len(content) for content in found if isinstance(content, list)] == [
            (MAX_FILE_BYTES // 2 + len(LOADERS["stldr"])) // 8
        ]
        small = peak_bytes(lambda: parse(LOADERS["stldr"]))
        assert peak_bytes(lambda: parse(data)) < small + 18 * len(data)


class TestXml:
    @pytest.mark.parametrize(
        "piece",
        [
            b"<a/>",
            b"<a>",
            b"<block>1 0x10</block>",
            b"<!-- -->",
            b"&amp;",
            b"<a b='c'/>",
            b"<?a ?>",
            b"\n",
            b"<![CDATA[",
        ],
    )
    @pytest.mark.parametrize("root", [b"flash_device", b"flash_board"])
    def test_as_much_of_one_thing_as_there_is_room_for(self, piece: bytes, root: bytes) -> None:
        count = (MAX_FILE_BYTES - 64) // len(piece)
        assert_bounded(b"<%s>%s</%s>" % (root, piece * count, root), read_description)

    def test_one_long_attribute(self) -> None:
        assert_bounded(b"<flash_device a='%s'/>" % (b"b" * (MAX_FILE_BYTES - 64)), read_description)

    def test_one_long_name(self) -> None:
        assert_bounded(b"<%s/>" % (b"a" * (MAX_FILE_BYTES - 64)), read_description)

    def test_many_attributes(self) -> None:
        attributes = b" ".join(b"a%d=''" % number for number in range(80_000))
        assert_bounded(b"<flash_device %s/>" % attributes, read_description)

    def test_entities_that_grow(self) -> None:
        levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
        data = b'<!DOCTYPE a [<!ENTITY e0 "text">%s]><flash_device>&e9;</flash_device>' % levels
        assert_bounded(data, read_description)


@st.composite
def headers(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a loader with section headers that claim whatever a file can claim."""
    name = draw(st.sampled_from(sorted(LOADERS)))
    data = LOADERS[name] + b"A" * draw(st.integers(0, 1 << 17))
    words = st.sampled_from((0, 1, 4, 40, len(data) // 2, len(data), 0x7FFF_FFFF, 0xFFFF_FFFF))
    kinds = st.sampled_from((SHT_PROGBITS, SHT_NOBITS, SHT_SYMTAB, SHT_REL, 3, 4, 0x7000_0003))
    made = draw(st.lists(st.tuples(words, kinds, words, words, words, words, words, words, words, words), max_size=8))
    repeated = made * draw(st.sampled_from((1, 20, 200)))
    return name, elf.with_section_headers(data, repeated)


@fuzz_settings
@given(headers())
def test_whatever_the_headers_claim(claimed: tuple[str, bytes]) -> None:
    name, data = claimed
    small = peak_bytes(lambda: parse(LOADERS[name]))

    def job() -> None:
        try:
            parse(data)
        except LoaderConvError:
            return

    assert peak_bytes(job) < small + 100 * len(data) + (1 << 20)
