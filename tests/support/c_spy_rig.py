"""Our own IAR loaders under C-SPY, on a machine that all of them fit."""

from typing import NamedTuple

import loaderconv
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Pass
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader
from support.paths import FIXTURES

FOLDER = FIXTURES / "iar" / "config" / "flashloader" / "Strict"

RAMS = (
    AddressRange(start=0, size_bytes=0x1000),
    AddressRange(start=0x2000_0000, size_bytes=0x8000),
    AddressRange(start=0x2020_0000, size_bytes=0x8000),
)
"""For the loaders with code at 0 and data far away, and for all the others."""

BOOT_WINDOW = AddressRange(start=0x1000_0000, size_bytes=0x1_0000)
"""Where the second pass of strict_iar.board expects the memory to be mapped by a boot loader."""

DEVICE = AddressRange(start=ARRAY_BASE, size_bytes=0x1_0000)

BOARDS = ("strict_iar.board", "strict_iar_relocatable.board", "strict_iar_far.board", "strict_iar_dynamic.flash")


class MappedTwice:
    """The controller in a system that shows its memory at a second address, too."""

    def __init__(self, controller: StrictController) -> None:
        self._controller = controller

    @property
    def violations(self) -> list[str]:
        return self._controller.violations

    def windows(self) -> tuple[Window, ...]:
        registers, array = self._controller.windows()
        return registers, array, Window("boot window", BOOT_WINDOW, array.read, array.write)


class Rig(NamedTuple):
    """A host, its target, and the device."""

    host: CSpyHost
    core: UnicornCore
    controller: StrictController


def passes_of(name: str) -> tuple[Pass, ...]:
    return loaderconv.read(FOLDER / name).passes


def overlay() -> Pass:
    """Return the loader whose FlashInit lies in the buffer, described by the `.flash` file of its sibling."""
    (described, *_), (bare,) = passes_of("strict_iar.board"), passes_of("strict_iar_overlay.out")
    assert described.loader is not None
    assert bare.loader is not None
    fields = {"device": described.loader.device, "iar_settings": described.loader.iar_settings}
    return Pass(loader=bare.loader.model_copy(update=fields))


def loader_of(used: Pass) -> Loader:
    assert used.loader is not None
    return used.loader


def rig(used: Pass | None = None, cpu: CpuModel = CpuModel.CORTEX_M0) -> Rig:
    """Build a machine whose memory holds zeros, so that a missing erase shows."""
    used = used or passes_of("strict_iar.board")[0]
    controller = StrictController()
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(cpu, ram=RAMS, peripherals=[MappedTwice(controller)])
    return Rig(CSpyHost(core, loader_of(used), facts=used), core, controller)


def span(start: int, end: int) -> AddressRange:
    return AddressRange(start=ARRAY_BASE + start, size_bytes=end - start)


def count_calls(machine: Rig, routine: Routine, used: Pass) -> list[int]:
    """Return a list that gets an item for each call of a stub."""
    calls: list[int] = []
    entry = loader_of(used).entry_point(routine)
    assert entry is not None
    machine.core.observe(entry.address + (used.loader_offset or 0), lambda: calls.append(1))
    return calls


EVERY_PASS = {
    **{f"{name} {number}": used for name in BOARDS for number, used in enumerate(passes_of(name))},
    "overlay": overlay(),
}
