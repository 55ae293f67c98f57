"""Reading and writing ELF files: nothing is lost, the same document gives the same bytes."""

import subprocess
from pathlib import Path

import pytest

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSegment, ElfSymbol
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.elf.writer import write_elf
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.paths import all_corpus_flms, fixture_flms
from support.toolchain import ARM_READELF, needs_toolchain

FILES = [pytest.param(path, id=path.name) for path in fixture_flms()]


def check_round_trip(data: bytes) -> bytes:
    """Write what was read and check that both readers see no difference; return the written file."""
    document = read_elf(data)
    written = write_elf(document)
    assert facts_of(document).difference(facts_of(read_elf(written))) is None
    assert facts_of(document).difference(second_reading(written)) is None
    assert write_elf(read_elf(written)) == written
    return written


@pytest.mark.parametrize("path", FILES)
def test_fixtures_survive_a_round_trip(path: Path) -> None:
    check_round_trip(path.read_bytes())


@pytest.mark.corpus
@pytest.mark.parametrize("path", all_corpus_flms())
def test_real_files_survive_a_round_trip(path: Path) -> None:
    data = path.read_bytes()
    assert facts_of(read_elf(data)).difference(second_reading(data)) is None, "the two readers disagree on the original"
    check_round_trip(data)


def test_program_headers_at_the_end_of_the_file_survive() -> None:
    check_round_trip(build(FlmRecipe()))


@needs_toolchain
@pytest.mark.parametrize("path", FILES)
def test_readelf_accepts_what_is_written(path: Path, tmp_path: Path) -> None:
    output = tmp_path / "written.elf"
    output.write_bytes(check_round_trip(path.read_bytes()))
    done = subprocess.run([ARM_READELF, "-aW", str(output)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Warning" not in done.stdout


def small_document() -> ElfImage:
    """Return a document with relocations, a segment inside another, and a name that is not UTF-8."""
    image = ElfImage(entry=0x2000_0101)
    body = image.add_load_segment(0x2000_0100, bytes(range(64)), flags=7, alignment=0x1_0000)
    text = image.add_view(".text", body, address=0x2000_0100, size_bytes=48, flags=c.SHF_ALLOC | 4, alignment=4)
    image.add_view("", body, address=0x2000_0130, size_bytes=16, flags=c.SHF_ALLOC | 1, alignment=4)
    image.segments.append(ElfSegment(0x7000_0001, 0x2000_0110, body.data[16:24], 8, 4, 4, 0x2000_0110))
    bss = ElfSection("P1 zi ", c.SHT_NOBITS, 3, 0x2000_0140, 32, 4)
    image.sections.append(bss)
    far = ElfSymbol("far\udcff", 0x2000_0105, 2, c.STT_FUNC, c.STB_GLOBAL, section=text)
    near = ElfSymbol("near", 0x2000_0101, 2, c.STT_FUNC, c.STB_LOCAL, section=text)
    image.symbols += [
        far,
        near,
        ElfSymbol("absolute", 7, special_index=c.SHN_ABS),
        ElfSymbol("zero", 0x2000_0140, section=bss),
    ]
    image.sections.append(
        ElfSection(
            ".rel.text",
            c.SHT_REL,
            size_bytes=16,
            alignment=4,
            entry_size_bytes=8,
            content=[ElfRelocation(0x2000_0120, 2, far, None), ElfRelocation(0x2000_0124, 2, near, None)],
            links_to_symbols=True,
            info_section=text,
        )
    )
    return image


def test_relocations_follow_their_symbols() -> None:
    """The writer puts local symbols first, so every index changes."""
    written = read_elf(write_elf(small_document()))
    relocations = next(section for section in written.sections if section.type == c.SHT_REL)
    assert isinstance(relocations.content, list)
    assert [(each.offset, each.symbol.name if each.symbol else None) for each in relocations.content] == [
        (0x2000_0120, "far\udcff"),
        (0x2000_0124, "near"),
    ]
    assert relocations.info_section is not None
    assert relocations.info_section.name == ".text"
    assert relocations.links_to_symbols
    written.symbols.reverse()
    again = read_elf(write_elf(written))
    assert write_elf(again) == write_elf(read_elf(write_elf(again)))


def test_a_segment_inside_another_shares_its_bytes() -> None:
    data = write_elf(small_document())
    inner = next(segment for segment in read_elf(data).segments if segment.type != c.PT_LOAD)
    assert inner.data == bytes(range(16, 24))
    assert data.count(bytes(range(64))) == 1


def test_alignment_of_64_kib_does_not_inflate_the_file() -> None:
    assert len(write_elf(small_document())) < 2048


def test_local_symbols_come_first_and_the_count_is_right() -> None:
    image = read_elf(write_elf(small_document()))
    bindings = [symbol.binding for symbol in image.symbols]
    assert bindings == sorted(bindings)
