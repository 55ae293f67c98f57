"""pyOCD's own programming (`pyocd load`, `pyocd erase`, gdb's load) over a loader of any flavour.

pyOCD lets a flash region name a class in place of an algorithm, as its own flash_dsq does. Only public names are used.
"""

from collections.abc import Callable, Sequence

from pyocd.board.board import Board
from pyocd.core.exceptions import FlashEraseFailure, FlashFailure, FlashProgramFailure
from pyocd.core.memory_map import FlashRegion, MemoryMap, RamRegion
from pyocd.core.soc_target import SoCTarget
from pyocd.coresight.cortex_m import CortexM
from pyocd.flash.flash import Flash

from loaderconv.hosts.host import Host, Outcome
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import LoaderConvError

_MOST_BYTES_AT_ONCE = 0x1000

PyocdBoard = Board
PyocdCore = CortexM

OpenHost = Callable[[CortexM], Host]
"""Downloads the loader to a halted core, and returns its host."""


class LoaderFlash(Flash):
    """The flash of a region, as pyOCD drives it: a loader under its own host.

    The host initialises the loader around each operation, so pyOCD's phases only say when it has to be downloaded.
    """

    def __init__(self, target: SoCTarget, open_host: OpenHost) -> None:
        super().__init__(target, None)  # type: ignore[no-untyped-call]
        self.is_valid = True
        self.target = ReadsThroughLoader(target, self.read)
        self._open_host = open_host
        self._host: Host | None = None

    @property
    def is_erase_all_supported(self) -> bool:
        """Every host can erase everything, sector by sector where the loader has no routine for it."""
        return True

    def init(  # pyOCD's signature
        self,
        operation: Flash.Operation,
        address: int | None = None,  # noqa: ARG002
        clock: int = 0,  # noqa: ARG002
        reset: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> None:
        """Enter a phase; download the loader where another one was in RAM before."""
        self._opened()
        self._active_operation = operation

    def read(self, wanted: AddressRange) -> bytes:
        """Read as the loader's host does: pyOCD looks at memory before it programs, when nothing has mapped it yet."""
        return _checked(FlashFailure, lambda host: host.read(wanted), self._opened(), wanted.start).data

    def _opened(self) -> Host:
        """Return the host; download the loader first where another one is in RAM, or none."""
        context = self.target.session.context_state
        current = getattr(context, "current_flash_algo", None)
        if current is not self:
            if current is not None:
                current.cleanup()
            self._host = None
        if self._host is None:
            try:
                self._host = self._open_host(self.target.selected_core)
                started = self._host.start()
            except LoaderConvError as problem:
                raise FlashFailure(f"{problem.message} {problem.hint}") from problem
            if not started.succeeded:
                raise FlashFailure(started.detail)
            context.current_flash_algo = self
        return self._host

    def uninit(self) -> None:
        """Leave a phase."""
        self._active_operation = None

    def cleanup(self) -> None:
        """End the loader's work, so that the memory can be read if it lets it, and forget that the loader is in RAM."""
        host, self._host = self._host, None
        self._active_operation = None
        self.target.session.context_state.current_flash_algo = None
        if host is not None:
            nothing = AddressRange(start=host.device.base_address, size_bytes=0)
            _checked(FlashFailure, lambda host: host.read(nothing), host)

    def erase_all(self) -> None:
        """Erase the region: pyOCD decides for each region by itself, and may want to keep what is in the others."""
        region = AddressRange(start=self.region.start, size_bytes=self.region.length)
        _checked(FlashEraseFailure, lambda host: _erase_region(host, region), self._host)

    def erase_sector(self, address: int) -> None:
        """Erase the sector at an address."""
        wanted = AddressRange(start=address, size_bytes=1)
        _checked(FlashEraseFailure, lambda host: host.erase(wanted), self._host, address)

    def program_page(self, address: int, bytes: Sequence[int]) -> None:  # noqa: A002 - pyOCD's
        """Program a page."""
        data = b"".join(each.to_bytes(1, "little") for each in bytes)
        _checked(FlashProgramFailure, lambda host: host.program(address, data), self._host, address)

    def program_phrase(self, address: int, bytes: Sequence[int]) -> None:  # noqa: A002 - pyOCD's
        """Program a part of a page."""
        self.program_page(address, bytes)


class ReadsThroughLoader:
    """A target whose flash is read through its loader; in all else it is the target."""

    def __init__(self, target: SoCTarget, read: Callable[[AddressRange], bytes]) -> None:
        self._target = target
        self._read = read

    def __getattr__(self, name: str) -> object:
        """Be the target."""
        return getattr(self._target, name)

    def read_memory_block8(self, addr: int, size: int) -> list[int]:
        """Return bytes of flash."""
        return list(self._read(AddressRange(start=addr, size_bytes=size)))


def add_regions(memory_map: MemoryMap, device: Device, rams: Sequence[AddressRange], open_host: OpenHost) -> None:
    """Put the memory of a loader into a target's memory map, in place of what is there.

    Args:
        memory_map: of a target that is not connected yet.
        device: the memory as the loader describes it.
        rams: RAM of the target, which is added where the map loses it.
        open_host: downloads the loader.
    """

    class ThisFlash(LoaderFlash):
        """pyOCD makes an instance for each region."""

        def __init__(self, target: SoCTarget) -> None:
            super().__init__(target, open_host)

    for region in list(memory_map.regions):
        covered = AddressRange(start=region.start, size_bytes=region.length)
        if covered.overlaps(device.range):  # of pyOCD's generic target everything is RAM, also this memory
            memory_map.remove_region(region)
    for ram in rams:
        if memory_map.get_region_for_address(ram.start) is None:
            memory_map.add_region(RamRegion(name=f"ram_0x{ram.start:08x}", start=ram.start, length=ram.size_bytes))
    for number, run in enumerate(device.sectors):
        memory_map.add_region(
            FlashRegion(
                name=f"loader_{number}",
                start=device.base_address + run.offset_bytes,
                length=run.size_bytes,
                sector_size=run.sector_size_bytes,
                page_size=_page_bytes(device, run),
                erased_byte_value=device.erased_byte,
                flash_class=ThisFlash,
            )
        )


def _page_bytes(device: Device, run: SectorRun) -> int:
    """Return how much pyOCD hands over at once: more than a page of the loader, which is initialised each time."""
    page = min(device.page_size_bytes, run.sector_size_bytes)
    while 2 * page <= _MOST_BYTES_AT_ONCE and run.sector_size_bytes % (2 * page) == 0:
        page *= 2
    return page


def _erase_region(host: Host, region: AddressRange) -> Outcome:
    return host.erase_all() if region == host.device.range else host.erase(region)


def _checked(
    failure: type[FlashFailure], run: Callable[[Host], Outcome], host: Host | None, address: int | None = None
) -> Outcome:
    """Carry an operation out, and fail as pyOCD does where it fails."""
    if host is None:
        raise failure("the loader is not in RAM", address=address)
    try:
        outcome = run(host)
    except LoaderConvError as problem:
        raise failure(problem.message, address=address) from problem
    if not outcome.succeeded:
        raise failure(outcome.detail, address=address)
    return outcome
