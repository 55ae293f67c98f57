"""What the user asks of a conversion."""

from dataclasses import dataclass

from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.storage_info import MAX_NAME_LENGTH
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UsageProblem

DEFAULT_RAM = AddressRange(start=0x2000_0000, size_bytes=32 * 1024)
"""Where most STM32 have their first SRAM; a Cortex-M7 has tightly coupled memory there."""


@dataclass(frozen=True)
class StldrRequest:
    """How an stldr is wanted.

    Attributes:
        file_name: of the output, without its folder.
        name: DeviceName of the result; hosts compare it with the file's name.
        ram: RAM that the host may use; its start is the RAM base of the host.
        ram_is_default: the user did not choose it.
        with_read: the device can be read at its address, so Read and CheckSum are offered.

    Raises:
        UsageProblem: the name cannot be a DeviceName, or the RAM base is not aligned as hosts assume.
    """

    file_name: str
    name: str
    ram: AddressRange = DEFAULT_RAM
    ram_is_default: bool = True
    with_read: bool = True

    def __post_init__(self) -> None:
        fits = self.name.isascii() and self.name.isprintable() and len(self.name) <= MAX_NAME_LENGTH
        if not self.name.strip() or not fits:
            raise UsageProblem(
                f"{self.name!r} cannot be a DeviceName: that takes 1 to {MAX_NAME_LENGTH} printable ASCII characters.",
                hint="Give the output another name, or choose a DeviceName with --name.",
            )
        if self.ram.start % abi.RAM_BASE_ALIGNMENT:
            raise UsageProblem(
                f"The RAM base 0x{self.ram.start:08x} is not a multiple of 0x{abi.RAM_BASE_ALIGNMENT:x}.",
                hint="Hosts find the base by masking the load address with 0xFFFFFF00; round it up.",
            )
