"""How long it takes to check loaders; run with `make bench`. Ratios within one run count, the machine does not.

The peer is pyOCD, which reads the same FLMs. The goals: a full check of an FLM in at most half the time of pyOCD's bare
parsing, a cold `lint` of one file in about half the time of `pyocd --version`, 1,000 loaders in a few seconds.
"""

import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.opening import open_program
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import apply_rules
from loaderconv.lint.subjects.subject import FileName
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.paths import corpus_flms
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe

LOADERS = 1000
LOADER_BYTES = 20 << 10
SOURCES = {path.name: path.read_bytes() for path in corpus_flms()}

needs_real_files = pytest.mark.skipif(not SOURCES, reason="real loaders: set LOADERCONV_CORPUS to a folder with flm/")


def check(name: str, data: bytes) -> int:
    """Check an FLM in memory, and return how many rules looked at it or said why not."""
    subject = open_program(FileName(Path(name)), data, UserFacts())
    rules = rules_for(subject)
    apply_rules(subject, rules)
    return len(rules)


def pyocd_parser() -> Callable[[bytes], object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyocd.target.pack.flash_algo import PackFlashAlgo  # noqa: PLC0415 - its import warns
    return lambda data: PackFlashAlgo(io.BytesIO(data))


@needs_real_files
@pytest.mark.benchmark(group="all real FLMs")
def test_check(benchmark: BenchmarkFixture) -> None:
    assert benchmark(lambda: min(check(name, data) for name, data in SOURCES.items())) > 25


@needs_real_files
@pytest.mark.benchmark(group="all real FLMs")
def test_parse_with_pyocd_as_peer(benchmark: BenchmarkFixture) -> None:
    parse = pyocd_parser()
    assert benchmark(lambda: [parse(data) for data in SOURCES.values()])


@pytest.mark.benchmark(group="one FLM, as a process")
def test_lint_process(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "built.FLM"
    path.write_bytes(next(iter(SOURCES.values()), build_flm(FlmRecipe())))
    command = [sys.executable, "-m", "loaderconv", "lint", "--no-config", str(path)]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=7).stdout


@pytest.mark.benchmark(group="one FLM, as a process")
def test_pyocd_version_as_peer(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "pyocd", "--version"]
    assert benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True), rounds=7).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 1,000 loaders of 20 KB, one half FLMs."""
    folder = tmp_path_factory.mktemp("loaders")
    code = bytes.fromhex("0120 7047") * (LOADER_BYTES // 4)
    routines = {**FlmRecipe().routines, "HAL_Init": code}
    for number in range(LOADERS // 2):
        recipe = replace(StldrRecipe(), constants=code, device_name=b"loader%d" % number)
        (folder / f"loader{number}.stldr").write_bytes(build(recipe))
        (folder / f"driver{number}.FLM").write_bytes(build_flm(FlmRecipe(routines=routines)))
    return folder


MEASURED = """
import pathlib, resource, sys
from loaderconv.__main__ import main
if __name__ == "__main__":
    sys.argv = ["loaderconv", *sys.argv[1:]]
    try:
        main()
    finally:
        own = int(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
        print(own // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.benchmark(group="1,000 loaders, as a process")
def test_folder(benchmark: BenchmarkFixture, folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "measured.py"
    program.write_text(MEASURED)
    command = [sys.executable, str(program), "lint", "--no-config", "--format", "json", str(folder)]
    done = benchmark.pedantic(lambda: subprocess.run(command, check=False, capture_output=True), rounds=2)
    assert done.stdout.count(b'"path"') >= LOADERS
    memory_mib = [int(word) for word in done.stderr.split()[-2:]]
    benchmark.extra_info["memory_mib"] = memory_mib
    assert max(memory_mib) < 150


@needs_real_files
@pytest.mark.benchmark(group="1,000 loaders, as a process")
def test_parse_as_many_with_pyocd_as_peer(benchmark: BenchmarkFixture) -> None:
    parse = pyocd_parser()
    several = (list(SOURCES.values()) * (LOADERS // len(SOURCES) + 1))[:LOADERS]
    assert benchmark.pedantic(lambda: [parse(data) for data in several], rounds=2)
