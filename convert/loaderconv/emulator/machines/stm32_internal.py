"""The machines of STM32 chips for loaders of their internal flash."""

from collections.abc import Iterable

from loaderconv.emulator.devices.auto_ready import AutoReady
from loaderconv.emulator.devices.peripheral import Peripheral
from loaderconv.emulator.devices.stm32_flash import ARRAY_BASE, REGISTERS_SIZE_BYTES, Stm32Flash
from loaderconv.emulator.devices.stm32_flash_families import FAMILIES, Stm32FlashFamily
from loaderconv.emulator.devices.stm32_flash_sectors import array_size_bytes
from loaderconv.emulator.machines.holes import holes
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv_schemas.address_range import AddressRange

RAM = (
    AddressRange(start=0x2000_0000, size_bytes=0x8_0000),
    AddressRange(start=0x2400_0000, size_bytes=0x8_0000),
)
"""A superset: the second one is the AXI SRAM of H7."""

PERIPHERALS = (AddressRange(start=0x4000_0000, size_bytes=0x2000_0000),)
LARGEST_ARRAY_BYTES = 0x100_0000


def _candidates(need: Need) -> tuple[Stm32FlashFamily, ...]:
    """Return the families whose controller and sectors the loader speaks of, all with the same address."""
    device = need.device
    size_bytes = array_size_bytes(device)
    if not 0 < size_bytes <= LARGEST_ARRAY_BYTES:
        return ()
    fitting = [
        family
        for family in FAMILIES
        if device.base_address in (ARRAY_BASE, *family.aliases)
        and device.smallest_sector_bytes in family.sector_sizes
        and _speaks_of(family, need.constants)
    ]
    return tuple(family for family in fitting if family.base == fitting[0].base)


def _speaks_of(family: Stm32FlashFamily, constants: Iterable[int]) -> bool:
    registers = AddressRange(start=family.base, size_bytes=REGISTERS_SIZE_BYTES)
    return any(constant in registers for constant in constants)


def _build(need: Need) -> Machine:
    flash = Stm32Flash(_candidates(need) or FAMILIES[:1], need.device)
    rest = AutoReady(holes(PERIPHERALS, (window.range for window in flash.windows())))
    peripherals: tuple[Peripheral, ...] = (flash, rest)
    return Machine(
        title=flash.memory.name,
        cpu=need.cpu,
        ram=RAM,
        peripherals=peripherals,
        memory=flash.memory,
        guesses=rest.guesses,
        reset=flash.reset,
    )


STM32_INTERNAL = MachineKind(
    name="stm32-internal",
    summary="STM32 with its internal flash: F0, F1, F2, F3, F4, F7, G0, G4, H7, L4, L5, U5, WB",
    fits=lambda need: bool(_candidates(need)),
    starts=frozenset(),
    build=_build,
)
