"""What a user must know of any conversion: of cores, RAM that was assumed, reading, pages written in pieces."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.exports import needs_reading
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour, Notice
from loaderconv_schemas.plan import Loss

_AFTER = {
    Flavour.FLM: "Init(address, clock, 3)",
    Flavour.STLDR: "Init",
    Flavour.IAR: "FlashSignoff (FlashInit, where there is none)",
}


def core_requirement(parts: SourceParts) -> str:
    """Return what the target's core must be able to run."""
    architecture = parts.loader.identity.architecture
    if architecture is None:
        flavour = parts.loader.flavour
        return f"The {flavour} does not say for which core it was built; the target must be able to run it."
    return f"The target's core must run {architecture} code."


def installed_requirements(parts: SourceParts) -> list[str]:
    """Return what a source needs that is a converted loader itself."""
    if not parts.installed:
        return []
    listed = ", ".join(map(str, parts.installed))
    return [f"The source is a converted loader; when it is initialised it fills {listed}, which must be RAM."]


def ram_warnings(request: ConversionRequest) -> list[Notice]:
    """Return that the RAM is an assumption, where nobody named any."""
    if not request.ram_is_default:
        return []
    ram = request.ram
    message = f"RAM {ram} ({ram.size_bytes // 1024} KiB) is assumed; choose with --ram or --chip."
    return [Notice(code="default-ram", message=message)]


def reading_requirements(parts: SourceParts, request: ConversionRequest, readers: str) -> list[str]:
    """Return what reading needs.

    Args:
        parts: the source.
        request: what the user wants.
        readers: what of the output reads the device.
    """
    if not request.with_read or parts.workers[Routine.READ] or parts.device.kind is DeviceKind.MCU_FLASH:
        return []
    text = (
        f"The device must be readable at 0x{parts.device.base_address:08x} after {_AFTER[parts.loader.flavour]}:"
        f" {readers} copy from there. If it is not, convert again with --no-read."
    )
    return [text]


def reading_losses(parts: SourceParts, request: ConversionRequest, exported: str) -> list[Loss]:
    """Return what --no-read costs.

    Args:
        parts: the source.
        request: what the user wants.
        exported: what of the output would read the device, besides verification.
    """
    if request.with_read:
        return []
    losses = [Loss(fact="reading the device", consequence=f"{exported} not exported (--no-read)")]
    if needs_reading(parts, Routine.VERIFY):
        consequence = "no Verify is exported: the source has none that can be relied on, nothing can be read"
        losses.append(Loss(fact="verification", consequence=consequence))
    return losses


def padding_requirements(parts: SourceParts) -> list[str]:
    """Return what the device must bear where parts of pages are filled up."""
    if parts.program_unit_bytes == 1:
        return []
    text = (
        f"Programming 0x{parts.device.erased_byte:02x} must leave a byte as it is, for parts of pages are filled up"
        " with it: flash does so, MRAM, FRAM and EEPROM do not."
    )
    return [text]


def second_piece_warnings(parts: SourceParts) -> list[Notice]:
    """Return what the shim does for the second piece of a page, where that may harm."""
    device = parts.device
    if parts.program_unit_bytes == 1:
        return []
    if "SHIM_REPROGRAMS" in parts.flags:
        what = "the sector is read, erased and programmed again for the second"
    elif device.kind in (DeviceKind.MCU_FLASH, DeviceKind.UNKNOWN):
        what = "the second is padded and programmed over the first, which flash with ECC refuses"
    else:
        return []
    message = f"Of a page of {parts.program_unit_bytes} bytes that the host writes in two pieces, {what}."
    return [Notice(code="page-programmed-twice", message=message)]
