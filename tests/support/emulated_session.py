"""Unmodified pyOCD on a probe whose target is an emulated core."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyocd.board.board import Board
from pyocd.core.memory_map import FlashRegion, MemoryMap, RamRegion
from pyocd.core.session import Session
from pyocd.coresight.cortex_m import CortexM
from pyocd.target.pack.flash_algo import PackFlashAlgo

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.probe.debugged_core import DebuggedCore
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv_schemas.address_range import AddressRange

OPTIONS = {
    "target_override": "cortex_m",
    "no_config": True,
    "auto_unlock": False,
    "resume_on_disconnect": False,
    "hide_programming_progress": True,
    "reset.post_delay": 0,
}


def probe_on(
    core: DebuggedCore,
    cpu: CpuModel,
    *,
    reset: Callable[[], None] = lambda: None,
    has_memory_commands: bool = True,
    before_call: Callable[[int], None] | None = None,
) -> EmulatedProbe:
    """Return a probe with a core behind it."""
    return EmulatedProbe(
        core,
        cpuid=cpu.cpuid,
        reset=reset,
        has_memory_commands=has_memory_commands,
        before_call=before_call,
    )


@contextmanager
def session_on(probe: EmulatedProbe, *, delegate: object = None, **options: object) -> Iterator[Session]:
    """Connect pyOCD to a probe, with a delegate such as user scripts make."""
    logging.getLogger("pyocd").setLevel(logging.CRITICAL)
    session = Session(probe, auto_open=False, options={**OPTIONS, **options})
    if delegate is not None:
        session.delegate = delegate
    session.open()
    try:
        yield session
    finally:
        session.close()


class FlashFromFlm:
    """Delegate of a session that gives the target RAM, and a flash that pyOCD programs by an FLM."""

    def __init__(self, path: Path, ram: AddressRange) -> None:
        self._algorithm = PackFlashAlgo(str(path))
        self._ram = ram

    def will_connect(self, board: Board) -> None:
        """Replace the memory map."""
        device = self._algorithm
        board.target.memory_map = MemoryMap(
            RamRegion(start=self._ram.start, length=self._ram.size_bytes, is_default=True),
            FlashRegion(start=device.flash_start, length=device.flash_size, sector_size=0, flm=device),
        )


def only_core(session: Session) -> CortexM:
    """Return the core that pyOCD has found."""
    assert session.target is not None
    (found,) = session.target.cores.values()
    assert isinstance(found, CortexM)
    return found
