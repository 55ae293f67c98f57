"""Nordic's own loaders, and what they become in other flavours, over pyOCD and an emulated probe on nRF chips."""

import pytest

from loaderconv.conversion.source import source_of
from loaderconv.emulator.machines.registry import machine_named
from loaderconv.programming.job import Wishes, program_firmware
from loaderconv.programming.operations import RunLog
from loaderconv.programming.progress import SILENT
from loaderconv.programming.workplace import open_loader
from loaderconv.simulation.board import board_on
from loaderconv.simulation.rig import Wish, need_of
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import SymbolMap
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour
from support.emulated_target import connected
from support.matrix import convert
from support.paths import corpus_flm
from support.strict import pattern

RAM = AddressRange(start=0x2000_0000, size_bytes=0x3F00)
"""Of an nRF51 with 16 KiB, without the place of the probe's stub."""

STUB = AddressRange(start=RAM.end, size_bytes=0x100)
NAMES = ("nrf51xxx.flm", "nrf51xxx_ecb.flm", "nrf51xxx_sde.flm", "nrf52xxx.flm", "nrf52xxx_sde.flm")
DATA = pattern(0x4000)


@pytest.mark.corpus
@pytest.mark.parametrize("target", Flavour, ids=lambda flavour: f"to-{flavour}")
@pytest.mark.parametrize("name", NAMES)
def test_real_loader_and_its_conversions(name: str, target: Flavour) -> None:
    source = source_of(read_loader_file(corpus_flm(name)), name)
    original = Subject(name, source.loader, source.facts, SymbolMap())
    subject = original
    if target is not Flavour.FLM:
        _, loader, _ = convert(source, target, given_ram=RAM)
        subject = Subject(f"{name} as {target}", loader, PassFacts(), SymbolMap())
    board = board_on(machine_named("nordic"), original, need_of(original, Wish()))
    memory = board.machine.memory
    assert memory is not None
    with connected(board.core.cpu, board.core, reset=board.machine.reset, stub_address=STUB.start) as on_board:

        def reset() -> None:
            on_board.core.prepare()

        place = open_loader(on_board.core, subject, [RAM], "the target", reset)
        base, log = place.host.device.base_address, RunLog()
        image = FirmwareImage("image", (FirmwarePiece(base + 0x1000, DATA),))
        memory.poke(0, bytes(0x8000))
        assert program_firmware(place.host, image, Wishes(), log, SILENT) == ("read back", None)
        place.finish()
    assert [each.operation for each in log.operations if not each.passed] == []
    assert memory.peek(0x1000, len(DATA)) == DATA
    assert set(memory.peek(0, 0x1000)) == {0}, "sectors beside it are as they were"
    assert [violation for device in board.machine.peripherals for violation in device.violations] == []
