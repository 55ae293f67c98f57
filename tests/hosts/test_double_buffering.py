"""Two buffers: the next piece is written while the loader works, and what is programmed is the same."""

from collections.abc import Callable

import pytest

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, Operation, StrictController
from loaderconv.hosts.choice import host_for
from loaderconv.hosts.core import Budget, Register, Stop
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.hosts.host import Host
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.address_range import AddressRange
from support.paths import FIXTURES
from support.strict import pattern

RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
DATA = pattern(0x2A00)


class WatchedCore(UnicornCore):
    """Writes down from which buffer each piece was programmed, and whether the next one came meanwhile."""

    def __init__(self, controller: StrictController) -> None:
        super().__init__(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[controller])
        self.pieces: list[tuple[int, bool]] = []

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        buffer = self.read_register(Register.R2)
        if buffer in RAM and self.read_register(Register.R1) not in RAM:
            self.pieces.append((buffer, meanwhile is not None))
        return super().run(stop_address, budget, meanwhile)


def made(name: str, style: TransferStyle) -> tuple[Host, WatchedCore, StrictController]:
    controller = StrictController()
    core = WatchedCore(controller)
    loader = parse_loader((FIXTURES / name).read_bytes(), name).loader
    return host_for(core, loader, RAM, style=style), core, controller


@pytest.mark.parametrize("name", ["strict_flm.FLM", "strict_stldr.stldr"])
def test_buffers_are_used_in_turn(name: str) -> None:
    host, core, controller = made(name, TransferStyle(chunk_bytes=0x1000, buffers=2))
    assert host.program(ARRAY_BASE, DATA).succeeded
    assert controller.array[: len(DATA)] == DATA
    assert controller.violations == []
    buffers = [buffer for buffer, _ in core.pieces]
    first, second = buffers[:2]
    assert first != second
    assert buffers == [first if number % 2 == 0 else second for number in range(len(buffers))]
    assert [ahead for _, ahead in core.pieces] == [True] * (len(buffers) - 1) + [False]


@pytest.mark.parametrize("name", ["strict_flm.FLM", "strict_stldr.stldr"])
def test_an_error_ends_it(name: str) -> None:
    host, core, controller = made(name, TransferStyle(chunk_bytes=0x100, buffers=2))
    controller.fail_next(Operation.PROGRAM_PAGE)
    assert not host.program(ARRAY_BASE, DATA).succeeded
    assert len(core.pieces) == 1
    assert host.program(ARRAY_BASE, DATA).succeeded


def test_the_stack_keeps_its_room() -> None:
    """RAM that holds one page and 2 KiB of stack, not two pages."""
    controller = StrictController()
    small = AddressRange(start=RAM.start, size_bytes=0x1000)
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[small], peripherals=[controller])
    loader = parse_loader((FIXTURES / "strict_flm.FLM").read_bytes(), "driver").loader
    large_pages = loader.model_copy(
        update={"device": loader.described_device.model_copy(update={"page_size_bytes": 0x400})}
    )
    host = host_for(core, large_pages, small, style=TransferStyle(buffers=2))
    assert host.stack.start == host.buffer.end
    assert host.stack.size_bytes >= 0x800
