"""Our own loaders of each flavour under their hosts, over the controller that forgives nothing."""

from typing import NamedTuple

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K
from loaderconv.emulator.devices.strict_controller import ARRAY_BASE, StrictController
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.choice import host_for
from loaderconv.hosts.core import Budget, Core
from loaderconv.hosts.host import Host
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Pass, PassFacts
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.loader import Loader
from support.c_spy_rig import RAMS, loader_of, passes_of
from support.paths import FIXTURES
from support.strict import GEOMETRIES

RAM = AddressRange(start=0x2000_0000, size_bytes=0x2000)
LOADERS = ("strict_flm.FLM", "strict_stldr.stldr", "strict_iar.board")


class StrictHost(NamedTuple):
    """A host with its loader, and the device."""

    host: Host
    loader: Loader
    core: UnicornCore
    controller: StrictController
    facts: PassFacts

    def count(self, routine: Routine) -> list[int]:
        """Return a list that gets an item for each call of a routine."""
        calls: list[int] = []
        entry = self.loader.entry_point(routine)
        assert entry is not None
        self.core.observe(entry.address + self.host.moved_by, lambda: calls.append(1))
        return calls


class Unreadable:
    """A core whose debugger cannot read the memory, although the loader can."""

    def __init__(self, core: UnicornCore) -> None:
        self.run = core.run
        self.write_memory = core.write_memory
        self.read_register = core.read_register
        self.write_register = core.write_register
        self.marked_registers = core.marked_registers
        self._core = core

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        if address >= ARRAY_BASE:
            raise RunFailed(f"Nothing answers at 0x{address:08x}.", hint="")
        return self._core.read_memory(address, size_bytes)


def strict_host(name: str, *, is_readable: bool = True, budget: Budget | None = None) -> StrictHost:
    """Download a loader to a machine whose memory holds what no image has, so that a missing erase shows.

    Args:
        name: of the file in `fixtures/`.
        is_readable: whether debugger or loader can read the memory.
        budget: of each call.
    """
    stem, _, suffix = name.partition(".")
    controller = StrictController(GEOMETRIES.get(stem, STRICT_NOR_64K))
    controller.array[:] = old_contents(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M0, ram=RAMS, peripherals=[controller])
    facts: PassFacts = PassFacts()
    if suffix in ("board", "flash"):
        facts = passes_of(name)[0]
        assert isinstance(facts, Pass)
        loader = loader_of(facts)
    else:
        loader = read_loader_file(FIXTURES / name).loader
    if not is_readable:
        kept = tuple(entry for entry in loader.entry_points if entry.routine is not Routine.READ)
        loader = loader.model_copy(update={"entry_points": kept})
    seen: Core = core if is_readable else Unreadable(core)
    host = host_for(seen, loader, RAM, facts=facts, budgets=Budgets(budget or Budget()))
    return StrictHost(host, loader, core, controller, facts)


def old_contents(size_bytes: int) -> bytes:
    """Return what the memory holds at first: no byte is erased."""
    return bytes((index * 31 + (index >> 8)) & 0x7F for index in range(size_bytes))
