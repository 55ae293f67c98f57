"""Nordic's chips as far as their flash controllers differ.

Sources: nRF51 Series Reference Manual; Product Specifications of nRF52832, nRF5340 and nRF9160, chapters NVMC, FICR,
UICR and memory map; the offsets of page size and code size in FICR are those that Nordic's own FLMs read, as is the
place of the part number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

KIB = 1024

FICR_PART = 0x130


@dataclass(frozen=True)
class NvmcVariant:
    """A chip with this controller.

    Attributes:
        name: of the chip.
        page_size_bytes: of flash.
        page_count: pages of flash.
        part: number of the chip in the debug port's ROM table, 12 bits.
        ficr_words: what FICR holds beside the page size and count, by offset; the rest is 0xFFFFFFFF.
        flash_base: first address of flash.
        ficr_base: of the factory's information.
        ficr_page_size: offset of the page size in it; the number of pages is the next word.
        uicr_base: of the user's.
        uicr_size_bytes: how much of it there is.
        register_bases: where the controller answers; secure and non-secure addresses reach the same registers.
        has_erase_registers: ERASEPAGE and ERASEUICR are there; otherwise a page goes by a write of 0xFFFFFFFF to its
            first word, and UICR by ERASEALL only.
        protection_base: registers of the block protection, plain storage; None where there are none.
    """

    name: str
    page_size_bytes: int
    page_count: int
    part: int
    ficr_words: Mapping[int, int]
    flash_base: int = 0
    ficr_base: int = 0x1000_0000
    ficr_page_size: int = 0x10
    uicr_base: int = 0x1000_1000
    uicr_size_bytes: int = 0x1000
    register_bases: tuple[int, ...] = (0x4001_E000,)
    has_erase_registers: bool = True
    protection_base: int | None = 0x4000_0400

    @property
    def flash_size_bytes(self) -> int:
        """Size of the whole flash."""
        return self.page_size_bytes * self.page_count

    def with_pages(self, page_count: int) -> "NvmcVariant":
        """Return the chip with another size of flash, as its family has several."""
        return replace(self, page_count=page_count)


NRF51822 = NvmcVariant("nRF51822", page_size_bytes=KIB, page_count=256, part=0x001, ficr_words={}, uicr_size_bytes=KIB)
"""FICR.CLENR0 and PPFC and UICR.CLENR0 and RBPCONF read as erased: no region 0, no readback protection."""

NRF52832 = NvmcVariant("nRF52832", page_size_bytes=4 * KIB, page_count=128, part=0x006, ficr_words={FICR_PART: 0x006})

NRF5340_APPLICATION = NvmcVariant(
    "nRF5340 application core, nRF91",
    page_size_bytes=4 * KIB,
    page_count=256,
    part=0x007,
    ficr_words={FICR_PART: 0x5340},
    ficr_base=0x00FF_0000,
    ficr_page_size=0x220,
    uicr_base=0x00FF_8000,
    register_bases=(0x5003_9000, 0x4003_9000),
    has_erase_registers=False,
    protection_base=None,
)
"""nRF9160 has the same addresses and registers; its FLMs read nothing in which the two differ."""

NRF5340_NETWORK = NvmcVariant(
    "nRF5340 network core",
    page_size_bytes=2 * KIB,
    page_count=128,
    part=0x007,
    ficr_words={FICR_PART: 0x5340},
    flash_base=0x0100_0000,
    ficr_base=0x01FF_0000,
    ficr_page_size=0x220,
    uicr_base=0x01FF_8000,
    register_bases=(0x4108_0000,),
    has_erase_registers=False,
    protection_base=None,
)
