"""The machines of Nordic's chips: their flash controller, with the memory that a loader's device starts at.

The flash is as large as the loader declares it, since one loader serves all sizes of a family and reads the size of
the chip before it works.
"""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import (
    NRF5340_APPLICATION,
    NRF5340_NETWORK,
    NRF51822,
    NRF52832,
    NvmcVariant,
)
from loaderconv.emulator.machines.machine import Machine, MachineKind, Need
from loaderconv_schemas.address_range import AddressRange

RAM = (
    AddressRange(start=0x2000_0000, size_bytes=0x8_0000),
    AddressRange(start=0x2100_0000, size_bytes=0x1_0000),
)
"""As of the chips with most of it; the second one is the network core's own."""

CORES = {
    CpuModel.CORTEX_M0: (NRF51822,),
    CpuModel.CORTEX_M4: (NRF52832,),
    CpuModel.CORTEX_M33: (NRF5340_NETWORK, NRF5340_APPLICATION),
}


def _variant(need: Need) -> NvmcVariant | None:
    """Return the chip whose flash or UICR the loader serves, None where it is none of Nordic's.

    All of Nordic's loaders program whole pages, which sets them apart from others with flash at 0.
    """
    device = need.device
    if any(run.sector_size_bytes != device.page_size_bytes for run in device.sectors):
        return None
    for variant in CORES.get(need.cpu, ()):
        serves = device.base_address in (variant.flash_base, variant.uicr_base)
        if serves and device.page_size_bytes == variant.page_size_bytes:
            return variant
    return None


def _build(need: Need) -> Machine:
    variant = _variant(need) or NRF52832
    serves_flash = need.device.base_address == variant.flash_base
    if serves_flash:
        variant = variant.with_pages(max(need.device.size_bytes // variant.page_size_bytes, 1))
    nvmc = Nvmc(variant)
    memory = nvmc.flash_memory if serves_flash else nvmc.uicr_memory
    return Machine(title=memory.name, cpu=need.cpu, ram=RAM, peripherals=(nvmc,), memory=memory, reset=nvmc.reset)


NORDIC = MachineKind(
    name="nordic",
    summary="Nordic nRF51, nRF52, nRF53 and nRF91 with their flash controller",
    fits=lambda need: _variant(need) is not None,
    starts=frozenset(),
    build=_build,
)
