"""Files of every pair under tools that know nothing of loaders: readelf, objdump, eu-elflint."""

import itertools
import subprocess
from pathlib import Path

import pytest

from loaderconv_schemas.loader import Flavour
from support.matrix import FLMS, IARS, STLDRS, Origin, convert
from support.toolchain import ARM_OBJDUMP, ARM_READELF, needs_elflint, needs_toolchain

PAIRS = [
    *itertools.product(FLMS[:1], (Flavour.STLDR, Flavour.IAR)),
    *itertools.product(STLDRS, (Flavour.FLM, Flavour.IAR)),
    *itertools.product(IARS, (Flavour.FLM, Flavour.STLDR)),
]
EVERY_PAIR = [pytest.param(origin, target, id=f"{origin}-to-{target}") for origin, target in PAIRS]


def written(origin: Origin, target: Flavour, folder: Path) -> Path:
    path = folder / "converted.elf"
    path.write_bytes(convert(origin.source(), target, **dict(origin.changes))[2])
    return path


@needs_toolchain
@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_binutils_have_nothing_to_say(origin: Origin, target: Flavour, tmp_path: Path) -> None:
    path = written(origin, target, tmp_path)
    for command in ([ARM_READELF, "-aW"], [ARM_OBJDUMP, "-d"]):
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "arning" not in done.stdout


@needs_elflint
@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_elflint_finds_no_fault(origin: Origin, target: Flavour, tmp_path: Path) -> None:
    done = subprocess.run(
        ["eu-elflint", "--gnu-ld", str(written(origin, target, tmp_path))], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "No errors"
