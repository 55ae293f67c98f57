"""The machine of the loaders in `fixtures/`: a made-up controller that forgives nothing.

Nobody's loader but those would run on it, so it is taken only by name.
"""

from loaderconv.emulator.devices.flash_geometry import WINDOW_GRAIN_BYTES, FlashGeometry
from loaderconv.emulator.devices.flash_memory import FlashOperation
from loaderconv.emulator.devices.strict_controller import Operation, StrictController
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import RunFailed

RAM = (
    AddressRange(start=0x2000_0000, size_bytes=0x4_0000),
    AddressRange(start=0x2400_0000, size_bytes=0x4_0000),
)
IMAGE_RAM_BYTES = 0x1_0000
"""What is given to an image that lies in none of those."""

_STRICT_OPERATIONS = {
    FlashOperation.ERASE: Operation.ERASE_SECTOR,
    FlashOperation.PROGRAM: Operation.PROGRAM_PAGE,
}


class StrictMemory:
    """The array of a StrictController as scenarios see it; a FlashMemory."""

    reports_failures = True

    def __init__(self, controller: StrictController) -> None:
        self._controller = controller

    @property
    def name(self) -> str:
        """What it is, with its size."""
        return f"strict NOR of {self.size_bytes // 1024} KiB"

    @property
    def size_bytes(self) -> int:
        """How much of it there is."""
        return len(self._controller.array)

    @property
    def commands(self) -> list[str]:
        """What was carried out, in order."""
        return self._controller.commands

    def peek(self, offset: int, size_bytes: int) -> bytes:
        """Return what it holds."""
        return bytes(self._controller.array[offset : offset + size_bytes])

    def poke(self, offset: int, data: bytes) -> None:
        """Make it hold bytes."""
        self._controller.array[offset : offset + len(data)] = data

    def fail_next(self, operation: FlashOperation) -> None:
        """Let the next erase of a sector, or the next page, end in ERROR."""
        self._controller.fail_next(_STRICT_OPERATIONS[operation])

    def hang_next(self, operation: FlashOperation) -> None:
        """Let the controller stay BUSY after the next erase of a sector, or the next page."""
        self._controller.hang_next(_STRICT_OPERATIONS[operation])


def geometry_of(device: Device) -> FlashGeometry:
    """Return the geometry that a loader declares; on-chip memory takes blank pages only.

    Raises:
        RunFailed: the controller cannot have such an array.
    """
    size_bytes = max((run.end_offset_bytes for run in device.sectors), default=0)
    if not size_bytes or size_bytes % WINDOW_GRAIN_BYTES or not device.page_size_bytes:
        raise _impossible(device, "its sectors must end on a multiple of 1 KiB, and it must have pages")
    on_chip = device.kind is DeviceKind.MCU_FLASH
    try:
        return FlashGeometry(size_bytes, device.sectors, device.page_size_bytes, blank_pages_only=on_chip)
    except ValueError as error:
        raise _impossible(device, str(error)) from error


def _impossible(device: Device, reason: str) -> RunFailed:
    return RunFailed(
        f"The strict controller cannot have the array of {device.name}: {reason}.",
        hint="Take another machine; this one is for the loaders in fixtures/.",
    )


def _ram(need: Need) -> tuple[AddressRange, ...]:
    own = {image.start & -IMAGE_RAM_BYTES for image in need.image if not any(ram.overlaps(image) for ram in RAM)}
    return (*RAM, *(AddressRange(start=start, size_bytes=IMAGE_RAM_BYTES) for start in sorted(own)))


def _build(need: Need) -> Machine:
    controller = StrictController(geometry_of(need.device))
    memory = StrictMemory(controller)
    return Machine(
        title=f"strict flash controller with its {memory.name}",
        cpu=need.cpu,
        ram=_ram(need),
        peripherals=(controller,),
        memory=memory,
        reset=controller.reset,
    )


STRICT_NOR = MachineKind(
    name="strict-nor",
    summary="the made-up controller of this project's own loaders; only by name",
    fits=lambda _need: False,
    starts=frozenset(),
    build=_build,
)
