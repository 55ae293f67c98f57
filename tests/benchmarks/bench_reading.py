"""How long it takes to read loaders; run with `make bench`. Ratios within one run count, the machine does not.

Vendors ship loaders with all of their debug information. The goal is 25 ms a file in a process that runs already.
"""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.loader_file import parse_loader
from support.elf_builder import ExtraSymbol
from support.elf_numbers import STT_FUNC
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import gcc_shaped

SYMBOLS = 1500
DEBUG_BYTES = 2 << 20
DEBUG_SECTIONS = (".debug_info", ".debug_line", ".debug_str", ".debug_loc", ".debug_frame", ".debug_abbrev")

LOADERS_IN_FOLDER = 100
LOADER_BYTES = 20 << 10


def debug_sections() -> tuple[tuple[str, bytes], ...]:
    size = DEBUG_BYTES // len(DEBUG_SECTIONS)
    return tuple((name, bytes(range(256)) * (size // 256)) for name in DEBUG_SECTIONS)


def driver_symbols(section: str, address: int) -> tuple[ExtraSymbol, ...]:
    return tuple(
        ExtraSymbol(f"HAL_Driver_Function_{number}", value=address | 1, size_bytes=4, kind=STT_FUNC, section=section)
        for number in range(SYMBOLS)
    )


def large_files() -> dict[str, bytes]:
    flm, stldr, iar = FlmRecipe(), gcc_shaped(), IarRecipe()
    debug = debug_sections()
    return {
        "stldr": build_stldr(
            replace(stldr, extra_symbols=driver_symbols(".text", stldr.code_address), extra_sections=debug)
        ),
        "FLM": build_flm(replace(flm, extra_symbols=driver_symbols("PrgCode", 0), extra_sections=debug)),
        "IAR": build_iar(replace(iar, extra_symbols=driver_symbols("P1 ro", 0x2000_0040), extra_sections=debug)),
    }


FILES = large_files()


def walk_with_elftools(data: bytes) -> int:
    """Read headers, sections and every symbol, object by object, as the library is used everywhere."""
    elf = ELFFile(io.BytesIO(data))
    loaded = sum(len(segment.data()) for segment in elf.iter_segments())
    named = sum(len(section.name) for section in elf.iter_sections())
    table = elf.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    return loaded + named + sum(symbol["st_value"] for symbol in table.iter_symbols() if symbol.name)


class TestLargeFiles:
    """1500 symbols and 2 MB of debug information."""

    @pytest.mark.parametrize("flavour", FILES)
    def test_read(self, benchmark: BenchmarkFixture, flavour: str) -> None:
        benchmark.group = f"read a 2 MB {flavour}"
        assert benchmark(parse_loader, FILES[flavour], "large").loader.flavour == flavour

    @pytest.mark.parametrize("flavour", FILES)
    def test_read_with_lief_as_peer(self, benchmark: BenchmarkFixture, flavour: str) -> None:
        benchmark.group = f"read a 2 MB {flavour}"
        assert benchmark(second_reading, FILES[flavour]).symbols.total() > SYMBOLS

    @pytest.mark.parametrize("flavour", FILES)
    def test_read_with_elftools_as_peer(self, benchmark: BenchmarkFixture, flavour: str) -> None:
        benchmark.group = f"read a 2 MB {flavour}"
        assert benchmark(walk_with_elftools, FILES[flavour]) > SYMBOLS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 100 loaders of 20 KB."""
    folder = tmp_path_factory.mktemp("loaders")
    code = bytes.fromhex("0120 7047") * (LOADER_BYTES // 4)
    for number in range(LOADERS_IN_FOLDER):
        recipe = replace(gcc_shaped(), constants=code, device_name=b"loader%d" % number)
        recipe = replace(recipe, descriptor_address=recipe.hole_address)
        (folder / f"loader{number}.stldr").write_bytes(build_stldr(recipe))
    return folder


@pytest.mark.benchmark(group="inspect 100 loaders, as a process")
def test_inspect(benchmark: BenchmarkFixture, folder: Path) -> None:
    command = [sys.executable, "-m", "loaderconv", "inspect", str(folder)]
    done = benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=3)
    assert done.stdout.count(b"loader99") >= 1


@pytest.mark.benchmark(group="inspect 100 loaders, as a process")
def test_bare_interpreter_as_peer(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-c", "pass"]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=3).returncode == 0
