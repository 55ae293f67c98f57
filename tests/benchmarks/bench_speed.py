"""How long the main job takes; run with `make bench`. Ratios within one run count, the machine does not."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv.conversion.files.job import convert_file
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.converted import convert, converted_rig
from support.paths import FIXTURES, corpus_flm


def real_flm() -> Path:
    return corpus_flm("nrf52xxx.flm")


@pytest.mark.benchmark(group="read a 20 KB FLM")
def test_read(benchmark: BenchmarkFixture) -> None:
    data = real_flm().read_bytes()
    assert benchmark(parse_loader, data, "nrf52xxx").loader.device.name == "nRF52xxx"


@pytest.mark.benchmark(group="read a 20 KB FLM")
def test_read_with_lief_as_peer(benchmark: BenchmarkFixture) -> None:
    data = real_flm().read_bytes()
    assert benchmark(second_reading, data).segments


@pytest.mark.benchmark(group="convert a 20 KB FLM")
def test_convert(benchmark: BenchmarkFixture) -> None:
    source = read_loader_file(real_flm())
    assert benchmark(convert, source)[0]


@pytest.mark.benchmark(group="convert a 20 KB FLM")
def test_read_convert_write_and_verify(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    output = tmp_path / "nrf52xxx.stldr"
    options = ConversionOptions(Flavour.FLM, Flavour.STLDR)
    report = benchmark(convert_file, real_flm(), output, options, replace=True)
    assert report.outputs[0].size_bytes


@pytest.mark.benchmark(group="start of a process")
def test_help(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "loaderconv", "--help"]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=5).stdout


@pytest.mark.benchmark(group="start of a process")
def test_bare_interpreter_as_peer(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-c", "pass"]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=5).returncode == 0


@pytest.mark.benchmark(group="start of a process")
@pytest.mark.parametrize(
    "module", ["typer", "pydantic", "elftools.elf.elffile", "lief", "loaderconv.conversion.files.job"]
)
def test_import(benchmark: BenchmarkFixture, module: str) -> None:
    command = [sys.executable, "-c", f"import {module}"]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=5).returncode == 0


@pytest.mark.benchmark(group="emulate")
def test_program_16_kib(benchmark: BenchmarkFixture) -> None:
    def job() -> bool:
        rig = converted_rig(FIXTURES / "strict_flm.FLM", CpuModel.CORTEX_M0, [StrictController()])
        rig.host.erase(AddressRange(start=ARRAY_BASE, size_bytes=0x4000))
        return rig.host.program(ARRAY_BASE, bytes(0x4000)).succeeded

    assert benchmark.pedantic(job, rounds=3)
