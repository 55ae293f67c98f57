"""The descriptor of a new stldr: alone in a PT_LOAD, in a section that no host downloads."""

from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSection, ElfSymbol
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, pack_storage_info
from loaderconv_schemas.device import Device

DESCRIPTOR_SECTION = ".Dev_Info"
DESCRIPTOR_ADDRESS = 0
"""Where every host accepts it (docs/formats/stldr.md, Accepted and rejected)."""


def add_descriptor(image: ElfImage, device: Device, address: int) -> ElfSection:
    """Add the descriptor in a segment of its own, neither writable nor executable, and return its section.

    ST's OpenOCD takes a writable or executable section near address 0 for a relocatable loader and refuses it.

    Raises:
        ConversionRefused: StorageInfo cannot describe the device.
    """
    segment = image.add_load_segment(address, pack_storage_info(device), flags=c.PF_R, alignment=4)
    return image.add_view(
        DESCRIPTOR_SECTION, segment, address=address, size_bytes=SIZE_BYTES, flags=c.SHF_ALLOC, alignment=4
    )


def descriptor_symbol(section: ElfSection) -> ElfSymbol:
    """Return the symbol by which hosts find the descriptor."""
    return ElfSymbol(abi.DESCRIPTOR_SYMBOL, section.address, SIZE_BYTES, c.STT_OBJECT, section=section)
