"""The same input gives the same bytes, whatever the process, its hash seed and its folder."""

import os
import subprocess
import sys
from pathlib import Path

from support.conversions import CONVERSIONS, FLM, ONE_PASS, STLDR

PROGRAM = """
import hashlib, sys
from pathlib import Path
from loaderconv.conversion.files.job import convert_file
from loaderconv.conversion.files.options import ConversionOptions
from loaderconv.conversion.request import ConversionWishes
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour

RAM = AddressRange(start=0x2000_0000, size_bytes=0x1_0000)
for line in sys.argv[1:]:
    source_flavour, target, path, name = line.split("|")
    options = ConversionOptions(Flavour(source_flavour), Flavour(target), wishes=ConversionWishes(given_ram=RAM))
    report = convert_file(Path(path), Path(name), options)
    print(target, hashlib.sha256(report.plan.model_dump_json().encode()).hexdigest())
    for file in report.outputs:
        assert hashlib.sha256(Path(file.path).read_bytes()).hexdigest() == file.sha256
        print(file.path, file.sha256)
"""
FLAVOURS = {FLM: "FLM", STLDR: "stldr", ONE_PASS: "IAR"}
FILES = sum(1 + len(each.beside) for each in CONVERSIONS.values())


def digests(folder: Path, seed: str) -> list[str]:
    """Convert every pair in a process of its own, in a folder of its own."""
    folder.mkdir()
    jobs = [
        f"{FLAVOURS[each.source]}|{each.target}|{each.source}|{command}{each.suffix}"
        for command, each in CONVERSIONS.items()
    ]
    result = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, *jobs],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_bytes_and_plans_of_all_pairs_depend_on_the_input_alone(tmp_path: Path) -> None:
    first = digests(tmp_path / "a", "0")
    assert len(first) == len(CONVERSIONS) + FILES
    assert len(set(first)) == len(first)
    assert digests(tmp_path / "another folder", "4294967295") == first
