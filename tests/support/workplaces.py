"""Loaders opened on emulated targets as `run` opens them, and the memory seen from behind."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K
from loaderconv.emulator.devices.flash_memory import FlashMemory
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.emulator.machines.machine import Machine
from loaderconv.emulator.machines.registry import choose_machine
from loaderconv.programming.workplace import Workplace, open_loader
from loaderconv.simulation.board import board_on
from loaderconv.simulation.rig import Wish, need_of
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from support.paths import FIXTURES
from support.strict import GEOMETRIES

RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
STRICT_IAR = "iar/config/flashloader/Strict/strict_iar_far.board"
RAMS = (
    RAM,
    AddressRange(start=0, size_bytes=0x1000),
    AddressRange(start=0x2020_0000, size_bytes=0x8000),
    AddressRange(start=0x2402_0000, size_bytes=0x1000),
)
"""For the loaders whose parts lie apart, and for all others."""


class StrictPlace(NamedTuple):
    """A loader on the controller that forgives nothing."""

    place: Workplace
    controller: StrictController
    core: UnicornCore


@cache
def subject(name: str, pass_number: int | None = None) -> Subject:
    toolkit = FIXTURES / ("quadspi" if name.startswith("quadspi") else "iar")
    return read_subject(FIXTURES / name, SearchPaths(toolkit_dir=toolkit), pass_number)


def strict_place(used: Subject, reset: Callable[[UnicornCore], None] | None = None) -> StrictPlace:
    """Open a loader; the memory holds zeros, so that a missing erase shows."""
    controller = StrictController(GEOMETRIES.get(used.name.partition(".")[0], STRICT_NOR_64K))
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M4, ram=RAMS, peripherals=[controller])

    def reset_all() -> None:
        controller.reset()
        if reset is not None:
            reset(core)

    return StrictPlace(open_loader(core, used, RAMS, "the target", reset_all), controller, core)


class Workbench(NamedTuple):
    """A loader on a machine that suits it."""

    place: Workplace
    machine: Machine
    memory: FlashMemory


def board_place(used: Subject) -> Workbench:
    """Open a loader; some of the memory holds zeros, so that a missing or a wrong erase shows."""
    need = need_of(used, Wish())
    board = board_on(choose_machine(need, None), used, need)
    memory = board.machine.memory
    assert memory is not None
    memory.poke(0x10_0000, bytes(0x8000))
    place = open_loader(board.core, used, [board.ram], "the target", board.machine.reset)
    return Workbench(place, board.machine, memory)
