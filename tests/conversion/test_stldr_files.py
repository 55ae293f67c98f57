"""The files that a conversion writes: what hosts are known to reject does not occur in them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loaderconv.conversion.files.job import convert_file
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import source_of
from loaderconv.conversion.verification.structure import verify_program
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_formats.stldr.reader import read_stldr
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.memory import Part
from support.converted import convert
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.paths import FIXTURES, all_corpus_flms, fixture_flms
from support.toolchain import ARM_OBJDUMP, ARM_READELF, needs_elflint, needs_toolchain
from support.transplant import STRICT_SHAPES

FILES = [pytest.param(path, id=path.name) for path in fixture_flms()]


def check_promises(data: bytes) -> None:
    """Check what docs/formats/stldr.md, What a converted stldr looks like, promises."""
    image = read_elf(data)
    descriptor, body = image.segments
    assert [segment.type for segment in image.segments] == [c.PT_LOAD, c.PT_LOAD]
    assert (descriptor.address, len(descriptor.data), descriptor.memory_size_bytes) == (0, 200, 200)
    assert body.address % 0x100 == 4
    assert body.memory_size_bytes == len(body.data)
    sections = [section for section in image.sections if section.is_allocated]
    assert all(section.type == c.SHT_PROGBITS for section in sections)
    assert [section.flags for section in sections if section.address == 0] == [c.SHF_ALLOC]
    loaded = sorted((s for s in sections if s.address), key=lambda section: section.address)
    assert all(section.flags & (c.SHF_EXECINSTR | c.SHF_WRITE) for section in loaded)
    assert [section.address for section in loaded] == [body.address, *(section.end for section in loaded[:-1])]
    assert loaded[-1].end == body.file_end
    by_name = {symbol.name: symbol for symbol in image.symbols if symbol.binding == c.STB_GLOBAL}
    assert (by_name["StorageInfo"].size_bytes, by_name["StorageInfo"].type) == (200, c.STT_OBJECT)
    routines = set(by_name) - {"StorageInfo"}
    assert {"Init", "Write", "SectorErase", "MassErase"} <= routines
    assert all(by_name[name].type == c.STT_FUNC and by_name[name].value & 1 for name in routines)
    assert image.entry == by_name["Init"].value


@pytest.mark.parametrize("path", FILES)
def test_fixtures_keep_the_promises(path: Path) -> None:
    data, _ = convert(read_loader_file(path))
    check_promises(data)


@pytest.mark.corpus
@pytest.mark.parametrize("path", all_corpus_flms())
def test_real_flms_convert_and_keep_the_promises(path: Path, tmp_path: Path) -> None:
    output = tmp_path / f"{path.stem}.stldr"
    before = path.read_bytes()
    report = convert_file(path, output, ConversionOptions(Flavour.FLM, Flavour.STLDR))

    data = output.read_bytes()
    assert [hashlib.sha256(data).hexdigest()] == [each.sha256 for each in report.outputs]
    assert len(report.checks) == 3
    check_promises(data)
    source, result = read_loader_file(path).loader.device, read_loader_file(output).loader.device
    assert (result.base_address, result.size_bytes) == (source.base_address, source.size_bytes)
    assert (result.page_size_bytes, result.erased_value) == (source.page_size_bytes, source.erased_value)
    assert result.sectors == source.sectors
    assert result.name == path.stem
    assert path.read_bytes() == before


@pytest.mark.corpus
@needs_toolchain
@pytest.mark.parametrize("path", all_corpus_flms())
def test_other_tools_accept_conversions_of_real_flms(path: Path, tmp_path: Path) -> None:
    output = tmp_path / "converted.stldr"
    output.write_bytes(convert(read_loader_file(path))[0])
    for command in ([ARM_READELF, "-aW"], [ARM_OBJDUMP, "-d"]):
        done = subprocess.run([*command, str(output)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "arning" not in done.stdout


@needs_elflint
@pytest.mark.parametrize("path", FILES)
def test_elflint_finds_no_fault(path: Path, tmp_path: Path) -> None:
    output = tmp_path / "converted.stldr"
    output.write_bytes(convert(read_loader_file(path))[0])
    done = subprocess.run(["eu-elflint", "--gnu-ld", str(output)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "No errors"


@needs_toolchain
@pytest.mark.parametrize("path", FILES)
def test_disassembly_shows_the_driver_s_own_code(path: Path, tmp_path: Path) -> None:
    """Names and mapping symbols moved with the code: the same instructions stand below the same names."""

    def instructions(file: Path, symbol: str) -> list[str]:
        command = [ARM_OBJDUMP, "-d", f"--disassemble={symbol}", "--no-show-raw-insn", str(file)]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        mnemonics = [line.split("\t")[1].strip() for line in lines if line.count("\t") >= 1 and ":" in line]
        assert mnemonics, f"{symbol} not found"
        return mnemonics

    output = tmp_path / "converted.stldr"
    output.write_bytes(convert(read_loader_file(path))[0])
    for name in ("Init", "ProgramPage", "EraseSector"):
        assert instructions(output, f"flm.{name}") == instructions(path, name)


KNOWN_SHA256 = "3582d7d7b987054a78f98e81af8cbaf9d34e81e434aa5db0c9a022590f5b69e6"
"""Of strict_flm.FLM converted with default options. It changes with the shim, the layout, the fixture or the version
and with nothing else; then put in what the failing test prints."""


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_the_same_bytes_everywhere(tmp_path: Path, hash_seed: str) -> None:
    """From another process, folder and order of hashes, the file is the one that was made when this was written."""
    output = tmp_path / "strict_flm.stldr"
    command = [sys.executable, "-m", "loaderconv", "flm-to-stldr", str(FIXTURES / "strict_flm.FLM"), str(output)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert hashlib.sha256(output.read_bytes()).hexdigest() == KNOWN_SHA256


@pytest.mark.parametrize("code_address", [0, 4, 0x1000, 0x2000_0004])
def test_code_stays_congruent_to_its_link_address(code_address: int) -> None:
    recipe = FlmRecipe(code_address=code_address)
    source = parse_loader(build(recipe), "congruent")
    _, plan = convert(source)
    moved = next(region.range.start for region in plan.memory_map if region.name == "PrgCode")
    alignment = source.loader.placement.alignment_bytes
    assert moved % alignment == code_address % alignment


def test_a_gap_in_front_of_the_data_stays_a_gap() -> None:
    source = parse_loader(build(STRICT_SHAPES["gap of 60 bytes before the data"]), "gap")
    data, plan = convert(source)
    code, rw = (next(s for s in source.loader.segments if s.part is part) for part in (Part.CODE, Part.DATA))
    moved_code = next(region.range.start for region in plan.memory_map if region.name == "PrgCode")
    moved_data = next(region.range.start for region in plan.memory_map if region.name == "PrgData")
    assert moved_data - moved_code == rw.address - code.address
    assert plan.static_base == moved_data
    image = read_elf(data).segments[1]
    assert image.data[moved_data - image.address :].startswith(rw.data)


def test_descriptor_symbols_of_the_source_are_not_taken_along() -> None:
    """FlashDevice lies at an address of zeroed data; in the output that address is something else."""
    data, _ = convert(read_loader_file(FIXTURES / "strict_flm.FLM"))
    assert "flm.FlashDevice" not in {symbol.name for symbol in read_elf(data).symbols}


def test_every_routine_of_the_output_is_thumb_code_in_the_shim() -> None:
    data, plan = convert(read_loader_file(FIXTURES / "strict_flm.FLM"))
    loader = read_stldr(read_elf(data), "converted")
    shim = next(region.range for region in plan.memory_map if region.name == "shim")
    assert {entry.routine for entry in loader.entry_points} == {
        Routine.INIT,
        Routine.PROGRAM_PAGE,
        Routine.READ,
        Routine.ERASE_SECTOR,
        Routine.ERASE_CHIP,
        Routine.VERIFY,
        Routine.CHECKSUM,
    }
    assert all(entry.thumb and entry.address in shim for entry in loader.entry_points)


@pytest.mark.parametrize("offset_from_end", [0x40, 0x200, 0x800])
def test_verification_notices_a_damaged_file(offset_from_end: int) -> None:
    """What the disk gives back is compared with the plan, bit by bit."""
    source = read_loader_file(FIXTURES / "strict_flm.FLM")
    request = ConversionRequest(target=Flavour.STLDR, file_name="x.stldr", name="x")
    linked = link(plan_conversion(source_of(source, "x.FLM"), request))
    data = bytearray(write_elf(linked.document))
    assert len(verify_program(bytes(data), linked)) == 3
    body = read_elf(bytes(data)).segments[1].data
    start = bytes(data).index(body)
    data[start + len(body) - offset_from_end] ^= 1
    with pytest.raises(LoaderConvError, match="differs from the plan in the bytes of its image"):
        verify_program(bytes(data), linked)
