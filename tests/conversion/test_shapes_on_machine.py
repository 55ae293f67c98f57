"""FLMs of every shape that real files have, converted and run: a wrong place for code, data or r9 would show."""

import pytest

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import parse_loader
from support.converted import converted_rig
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.transplant import STRICT_SHAPES


@pytest.mark.parametrize("recipe", STRICT_SHAPES.values(), ids=STRICT_SHAPES.keys())
def test_converted_loader_passes_the_scenario(recipe: FlmRecipe) -> None:
    controller = StrictController()
    rig = converted_rig(parse_loader(build(recipe), "shape"), CpuModel.CORTEX_M0, [controller])

    entries = round_trip(rig.host)
    assert [entry.observed for entry in entries if not entry.passed] == []
    assert controller.violations == []
    assert {"Init", "UnInit", "EraseSector", "EraseChip", "ProgramPage", "Verify"} <= set(rig.routines_called())
