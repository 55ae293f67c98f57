"""The machine for loaders whose chip nothing models: it answers whatever they ask, so that two can be compared.

That a loader succeeds here says nothing about a chip.
"""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.mask_rom import CALLS, CODE, ROMS, MaskRom
from loaderconv.emulator.devices.peripheral import Peripheral
from loaderconv.emulator.devices.responder import MemoryPart, Responder
from loaderconv.emulator.devices.system_control import PRIVATE_PERIPHERAL_BUS
from loaderconv.emulator.machines.holes import holes
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv.emulator.memory_map import GRAIN_BYTES
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange

RAM = (
    AddressRange(start=0x2000_0000, size_bytes=0x8_0000),
    AddressRange(start=0x2100_0000, size_bytes=0x1_0000),
    AddressRange(start=0x2400_0000, size_bytes=0x8_0000),
)

REGISTERS = (
    AddressRange(start=0x4000_0000, size_bytes=0x2000_0000),
    AddressRange(start=0xA000_0000, size_bytes=0x1000_0000),
    AddressRange(start=0xF000_0000, size_bytes=0x10_0000),
)
"""Peripherals of Cortex-M, external memories' controllers, and vendors' identification."""

SECURITY_BIT = 1 << 28
CODE_REGION = AddressRange(start=0, size_bytes=0x2000_0000)


def _on_grid(place: AddressRange) -> AddressRange:
    start = place.start & -GRAIN_BYTES
    end = min(-(-place.end // GRAIN_BYTES) * GRAIN_BYTES, ADDRESS_SPACE_BYTES)
    return AddressRange(start=start, size_bytes=end - start)


def _parts(need: Need, taken: list[AddressRange]) -> tuple[MemoryPart, ...]:
    """Return where the device's memory answers: where it is declared; on Armv8-M also with bit 28 the other way.

    In the code region that bit separates secure from non-secure addresses of one memory, as SSE-200's IDAU has it.
    """
    device = _on_grid(need.device.range)
    starts = [device.start]
    if need.cpu is CpuModel.CORTEX_M33 and device.start in CODE_REGION:
        starts.append(device.start ^ SECURITY_BIT)
    parts: list[MemoryPart] = []
    for start in starts:
        size_bytes = min(device.size_bytes, ADDRESS_SPACE_BYTES - start)
        whole = [AddressRange(start=start, size_bytes=size_bytes)] if size_bytes else []
        free = holes(whole, [*taken, *(part.place for part in parts)])
        parts += [MemoryPart(each, each.start - start) for each in free]
    return tuple(parts)


def _build(need: Need) -> Machine:
    taken = [*RAM, *(_on_grid(each) for each in need.image), CODE, CALLS, PRIVATE_PERIPHERAL_BUS]
    parts = _parts(need, taken)
    taken += [part.place for part in parts]
    rom = MaskRom(holes(ROMS, taken))
    responder = Responder(holes(REGISTERS, taken), parts, erased_byte=need.device.erased_byte)
    peripherals: tuple[Peripheral, ...] = (responder, rom)
    return Machine(
        title="a chip that nothing models",
        cpu=need.cpu,
        ram=RAM,
        peripherals=peripherals,
        memory=None,
        stand_ins=(CODE,),
        guesses=responder.guesses,
        begin_call=responder.begin_call,
    )


GENERIC = MachineKind(
    name="generic",
    summary="a chip that nothing models: registers that answer whatever ends a poll, and a mask ROM",
    fits=lambda _need: True,
    starts=frozenset(),
    build=_build,
)
