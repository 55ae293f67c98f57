"""uVision driving the strict driver directly: what a conversion is compared with."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.hosts.uvision import UVisionHost
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.address_range import AddressRange
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.paths import FIXTURES
from support.transplant import STRICT_SHAPES

RAM = AddressRange(start=0x2000_0000, size_bytes=0x4000)


def host_for(data: bytes) -> tuple[UVisionHost, StrictController]:
    controller = StrictController()
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM], peripherals=[controller])
    return UVisionHost(core, parse_loader(data, "driver").loader, RAM), controller


@pytest.mark.parametrize("recipe", STRICT_SHAPES.values(), ids=STRICT_SHAPES.keys())
def test_every_shape_passes_the_scenario(recipe: FlmRecipe) -> None:
    host, controller = host_for(build(recipe))
    assert [entry.observed for entry in round_trip(host) if not entry.passed] == []
    assert controller.violations == []


@pytest.mark.parametrize("stem", ["strict_flm", "strict_flm_no_chip"])
def test_optional_routines_may_be_missing(stem: str) -> None:
    host, controller = host_for((FIXTURES / f"{stem}.FLM").read_bytes())
    assert all(entry.passed for entry in round_trip(host))
    assert controller.violations == []


def test_an_error_ends_the_phase_and_stands() -> None:
    host, controller = host_for((FIXTURES / "strict_flm.FLM").read_bytes())
    controller.fail_next(Operation.ERASE_SECTOR)
    sectors = AddressRange(start=ARRAY_BASE, size_bytes=0x2000)
    assert not host.erase(sectors).succeeded
    assert host.erase(sectors).succeeded, "UnInit was called although the erase failed"
    assert controller.violations == []


def test_a_scenario_that_fails_is_reported_as_failed() -> None:
    """The array forgets a byte behind the loader's back: reading back and verifying must notice."""
    host, controller = host_for((FIXTURES / "strict_flm.FLM").read_bytes())
    host.program(ARRAY_BASE, bytes(512))
    controller.array[100] = 0x42
    assert not host.verify(ARRAY_BASE, bytes(512)).succeeded
    assert host.read(AddressRange(start=ARRAY_BASE, size_bytes=512)).data[100] == 0x42
