"""A loader that was put right works under its host, on the emulated controller that forgives nothing."""

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.cube_programmer import CubeProgrammerHost
from loaderconv.simulation.round_trip import round_trip
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.address_range import AddressRange
from support.rewriting import codes, fixture, in_code_segment, in_section_of_constants, rewritten, saved

RAM = AddressRange(start=0x2000_0000, size_bytes=8 * 1024)

SHORT = fixture("strict_stldr_short.stldr")
LOADERS = {
    "nothing but layout": saved(fixture("strict_stldr.stldr")),
    "short descriptor": saved(SHORT),
    "short descriptor in the code segment": saved(in_code_segment(SHORT)),
    "short descriptor among constants": saved(in_section_of_constants(fixture("strict_stldr_short.stldr"))),
    "image at the base": saved(fixture("strict_stldr_emit_relocs.elf")),
}


def failures(data: bytes) -> list[str]:
    """Return what a loader does wrong in the scenario of every loader."""
    controller = StrictController()
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM], peripherals=[controller])
    entries = round_trip(CubeProgrammerHost(core, parse_loader(data, "run").loader, RAM))
    return [entry.observed for entry in entries if not entry.passed] + controller.violations


@pytest.mark.parametrize("data", LOADERS.values(), ids=LOADERS.keys())
def test_loader_works_after_its_rewrite(data: bytes) -> None:
    result = rewritten(data, name="new name", without_debug_info=True)
    assert "device-name" in codes(result)
    assert failures(result.data) == []
