"""Loaders of all flavours, and all conversions of them, program 64 KiB through unmodified pyOCD on an emulated probe.

The same is done on the emulated core without a probe between, and has to leave the same in the memory.
"""

import functools
from collections.abc import Callable, Sequence

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.core import Core
from loaderconv.programming import operations, verification
from loaderconv.programming.operations import RunLog
from loaderconv.programming.plan import plan_programming
from loaderconv.programming.progress import SILENT
from loaderconv.programming.selftest import choose_ground, selftest
from loaderconv.programming.workplace import Workplace, open_loader
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import SymbolMap
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour
from support.emulated_target import RAM, connected
from support.matrix import STRICT, Origin, convert
from support.strict import pattern

ORIGINS = {
    Flavour.FLM: Origin("strict_flm.FLM"),
    Flavour.STLDR: Origin("strict_stldr.stldr"),
    Flavour.IAR: Origin(f"{STRICT}/strict_iar.board"),
}
SIZE_BYTES = 0x1_0000
GIVEN_RAM = AddressRange(start=RAM.start, size_bytes=RAM.size_bytes - 0x100)
"""Without the place of the probe's stub."""


@functools.cache
def subject(source: Flavour, target: Flavour) -> Subject:
    """Return a loader of ours, converted unless it has the flavour already."""
    made = ORIGINS[source].source()
    if source is target:
        return Subject(made.file_name, made.loader, made.facts, SymbolMap())
    _, loader, _ = convert(made, target, given_ram=GIVEN_RAM)
    return Subject(f"{made.file_name} as {target}", loader, PassFacts(), SymbolMap())


def machine(cpu: CpuModel) -> tuple[UnicornCore, StrictController]:
    controller = StrictController()
    return UnicornCore(cpu, ram=[RAM], peripherals=[controller]), controller


def program_all(
    core: Core, loader: Subject, rams: Sequence[AddressRange], prepare: Callable[[], object] = tuple
) -> tuple[Workplace, RunLog]:
    """Fill the memory, and compare."""

    def reset() -> None:
        prepare()

    place = open_loader(core, loader, rams, "the target", reset)
    host, log = place.host, RunLog()
    image = FirmwareImage("image", (FirmwarePiece(host.device.base_address, pattern(SIZE_BYTES)),))
    plan = plan_programming(image, host.device, alignment_bytes=host.program_alignment_bytes, read_back=None)
    assert operations.program(host, plan, log, SILENT)
    verified_by, mismatch = verification.verify(host, image.pieces, verification.Verification.AUTO, log, SILENT)
    assert (verified_by, mismatch) == ("read back", None)
    return place, log


@functools.cache
def without_probe(source: Flavour, target: Flavour) -> bytes:
    """Return what the memory holds after the same on the emulated core alone, as `simulate` runs it."""
    core, controller = machine(CpuModel.CORTEX_M4)
    program_all(core, subject(source, target), [GIVEN_RAM])
    assert controller.array == pattern(SIZE_BYTES)
    return bytes(controller.array)


@pytest.mark.parametrize("target", Flavour, ids=lambda flavour: f"to-{flavour}")
@pytest.mark.parametrize("source", Flavour, ids=str)
@pytest.mark.parametrize("cpu", CpuModel, ids=str)
def test_every_flavour_and_conversion(cpu: CpuModel, source: Flavour, target: Flavour) -> None:
    loader = subject(source, target)
    emulated, controller = machine(cpu)
    with connected(cpu, emulated, reset=controller.reset) as on_board:
        place, log = program_all(on_board.core, loader, [GIVEN_RAM], on_board.core.prepare)
        assert controller.array == without_probe(source, target)
        selftest(place.host, loader.loader, choose_ground(place.host, None), log, everything=False)
        place.finish()
    assert [each.operation for each in log.operations if not each.passed] == []
    assert controller.violations == []
