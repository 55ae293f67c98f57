"""What the user asks of a conversion."""

from dataclasses import dataclass

from loaderconv_formats.flm import flash_device
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_formats.stldr import storage_info
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.loader import Flavour

DEFAULT_RAM = AddressRange(start=0x2000_0000, size_bytes=32 * 1024)
"""Where most Cortex-M have their first SRAM; an STM32H7 has tightly coupled memory there."""

_NAME_FIELDS = {
    Flavour.STLDR: ("DeviceName", storage_info.MAX_NAME_LENGTH),
    Flavour.FLM: ("DevName", flash_device.MAX_NAME_LENGTH),
}
"""Where the name goes, and how long it may be; a `.flash` file has no such field."""


@dataclass(frozen=True, kw_only=True)
class ConversionWishes:
    """What a user may ask of any conversion; what is left out is decided by the planner.

    Attributes:
        given_ram: RAM that the new host may use, None where the user named none.
        chip: the target's chip, whose RAM counts where `given_ram` is None.
        with_read: the device can be read at its address, or through the source's Read.
        relocate_to: address to which the source's image is moved first; None: it stays where it was linked.
        geometry: sectors that count instead of those that the source's files describe; None: theirs.
        page_size_bytes: likewise for the page.
        program_timeout_ms: likewise for the longest time to program a page.
        erase_timeout_ms: likewise for the longest time to erase a sector.
        init_once: the source's initialisation cannot be called a second time.
    """

    given_ram: AddressRange | None = None
    chip: Chip | None = None
    with_read: bool = True
    relocate_to: int | None = None
    geometry: tuple[SectorRun, ...] | None = None
    page_size_bytes: int | None = None
    program_timeout_ms: int | None = None
    erase_timeout_ms: int | None = None
    init_once: bool = False


@dataclass(frozen=True, kw_only=True)
class ConversionRequest(ConversionWishes):
    """How a loader of another flavour is wanted, for an output that has a name.

    Attributes:
        target: the flavour.
        file_name: of the output, without its folder.
        name: device name of the result, where its flavour has one; CubeProgrammer compares it with the file's name.
        name_is_given: the user chose it; otherwise an FLM keeps the source's.

    Raises:
        UsageProblem: the name cannot be a device name, or the RAM base is not aligned as hosts assume.
    """

    target: Flavour
    file_name: str
    name: str
    name_is_given: bool = False

    def __post_init__(self) -> None:
        if self.target is Flavour.STLDR or (self.target is Flavour.FLM and self.name_is_given):
            self._check_name(*_NAME_FIELDS[self.target])
        if self.ram.start % stldr_abi.RAM_BASE_ALIGNMENT:
            raise UsageProblem(
                f"The RAM base 0x{self.ram.start:08x} is not a multiple of 0x{stldr_abi.RAM_BASE_ALIGNMENT:x}.",
                hint="Hosts find the base by masking the load address with 0xFFFFFF00; round it up.",
            )

    def _check_name(self, field: str, max_length: int) -> None:
        fits = self.name.isascii() and self.name.isprintable() and len(self.name) <= max_length
        if not self.name.strip() or not fits:
            raise UsageProblem(
                f"{self.name!a} cannot be a {field}: that takes 1 to {max_length} printable ASCII characters.",
                hint=f"Give the output another name, or choose a {field} with --name.",
            )

    @property
    def ram(self) -> AddressRange:
        """The RAM in which the new host puts the loader."""
        if self.given_ram is not None:
            return self.given_ram
        if self.chip is not None:
            return self.chip.loader_ram if self.target is Flavour.STLDR else self.chip.default_ram
        return DEFAULT_RAM

    @property
    def ram_is_default(self) -> bool:
        """Nobody chose the RAM."""
        return self.given_ram is None and self.chip is None
