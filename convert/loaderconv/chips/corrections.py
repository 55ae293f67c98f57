"""Where the vendor's packs say otherwise than pyOCD's targets, or more: a loader fails in RAM that is not there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class Correction:
    """One range of a chip's RAM.

    Attributes:
        ram: the range; it takes the place of one that starts at the same address.
        source: what tells so.
    """

    ram: AddressRange
    source: str


_AXI_SRAM_512K = Correction(
    AddressRange(start=0x2400_0000, size_bytes=512 << 10), "AXI SRAM: Keil.STM32H7xx_DFP 4.0.1 (pyOCD leaves it out)"
)
_AXI_SRAM_H723 = Correction(
    AddressRange(start=0x2400_0000, size_bytes=320 << 10),
    "AXI SRAM: Keil.STM32H7xx_DFP 4.0.1 (pyOCD leaves it out)",
)
_F42X_SRAM = Correction(
    AddressRange(start=0x2000_0000, size_bytes=192 << 10),
    "SRAM1 to 3: Keil.STM32F4xx_DFP 3.1.2 (pyOCD adds the 64 KB of CCM, which lie elsewhere)",
)

CORRECTIONS: Mapping[str, Correction] = {
    "stm32f429xg": _F42X_SRAM,
    "stm32f439xg": _F42X_SRAM,
    "stm32h723xx": _AXI_SRAM_H723,
    "stm32h743xx": _AXI_SRAM_512K,
    "stm32h750xx": _AXI_SRAM_512K,
}
"""By pyOCD's name of the target."""


def corrected(ram: Iterable[AddressRange], correction: Correction | None) -> tuple[AddressRange, ...]:
    """Return the ranges in address order, with the correction where there is one."""
    by_start = {each.start: each for each in ram}
    if correction is not None:
        by_start[correction.ram.start] = correction.ram
    return tuple(by_start[start] for start in sorted(by_start))
