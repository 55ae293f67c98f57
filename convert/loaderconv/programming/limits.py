"""What must not be erased or programmed: what lies outside of the limits, and what could lock the chip."""

from collections.abc import Iterable

from loaderconv.programming.flash_configuration_field import (
    allows_mass_erase,
    leaves_unsecured,
    security_byte_address,
)
from loaderconv.programming.protected_areas import PROTECTED_AREAS, TELLING_WORDS, words_of
from loaderconv_formats.firmware.image import FirmwareImage
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.errors import UsageProblem

_VENDOR_HINT = "Use the tool of the chip's vendor, which knows which values lock it."

_RAM_KINDS = (DeviceKind.SRAM, DeviceKind.PSRAM, DeviceKind.SDRAM)


def check_within(wanted: Iterable[AddressRange], device: Device, allowed: AddressRange | None) -> None:
    """Let only addresses pass that lie in the device, in the range that the user allows, and in no protected area.

    Only areas of the family that the device's name tells are protected here: at the same addresses other chips have
    ordinary memory.

    Args:
        wanted: what is to be erased, programmed or read; an empty range asks for nothing.
        device: as the loader declares it.
        allowed: what `--range` gives; None for the whole device.

    Raises:
        UsageProblem: names the first address outside, and the limits.
    """
    limits = [("the device", _range_of(device)), *([("--range", allowed)] if allowed is not None else [])]
    said = " and ".join(f"{what} ({limit})" for what, limit in limits)
    for each in sorted(wanted, key=lambda one: one.start):
        outside = min((at for _, limit in limits if (at := _first_outside(each, limit)) is not None), default=None)
        if outside is not None:
            raise UsageProblem(
                f"0x{outside:08x} of {each} lies outside of {said}.",
                hint="Check the addresses of the firmware, and whether the loader is the one for this memory.",
            )
        for area in PROTECTED_AREAS:
            if area.range.overlaps(each) and area.family.search(device.name):
                raise UsageProblem(
                    f"{each} of {device.name} touches {area.what} ({area.range}).",
                    hint=f"Leave it out, with --range for instance. {_VENDOR_HINT}",
                )


def _range_of(device: Device) -> AddressRange:
    try:
        return device.range
    except ValueError:
        raise UsageProblem(
            f"The loader's device, 0x{device.size_bytes:x} bytes at 0x{device.base_address:08x}, goes beyond 32 bits.",
            hint="Its descriptor is wrong: loaderconv lint tells more.",
        ) from None


def _first_outside(wanted: AddressRange, limit: AddressRange) -> int | None:
    if not wanted.size_bytes:
        return None
    if wanted.start not in limit:
        return wanted.start
    return limit.end if wanted.end > limit.end else None


def refuse_protected(device: Device) -> None:
    """Refuse a device that is option bytes, one-time programmable memory, fuses, UICR or the like.

    Known by its base address, or by a word of its name: loaders for such memory are named for it ("STM32F7xx Flash
    OTP", "nRF52xxx UICR Erase"). A device that is larger than such an area and holds it somewhere is let pass;
    `check_within` looks at what of it is wanted.

    Raises:
        UsageProblem: it is such a device.
    """
    areas = [each for each in PROTECTED_AREAS if device.base_address in each.range]
    if areas and device.kind not in _RAM_KINDS:
        area = next((each for each in areas if each.family.search(device.name)), areas[0])
        raise UsageProblem(
            f"{device.name} at 0x{device.base_address:08x} is {area.what} ({area.range}).", hint=_VENDOR_HINT
        )
    words = words_of(device.name) & TELLING_WORDS
    if words:
        raise UsageProblem(
            f"{device.name} is no ordinary memory: its name says {', '.join(sorted(words))}.", hint=_VENDOR_HINT
        )


def refuse_securing_erase(erased: Iterable[AddressRange], image: FirmwareImage | None, device: Device) -> None:
    """Refuse to erase the byte for FSEC of a Kinetis and leave it so: 0xFF secures the chip with its next reset.

    Args:
        erased: what is erased.
        image: what is programmed afterwards, with what is kept; None for nothing.
        device: the memory.

    Raises:
        UsageProblem: the chip would be secured.
    """
    address = security_byte_address(device)
    if address is None or not any(address in each for each in erased):
        return
    if image is not None and any(address in each.range for each in image.pieces):
        return
    raise UsageProblem(
        f"To erase 0x{address:08x} and leave it so would secure {device.name} against debuggers with its next reset.",
        hint="Program an image with 0xFE there (flash configuration field), keep what is there with --keep, or leave "
        "that sector out with --range.",
    )


def refuse_protected_pieces(image: FirmwareImage, device: Device) -> None:
    """Refuse an image that secures a Kinetis: its byte for FSEC says anything but "unsecured".

    A chip secured with mass erase disabled stays locked for ever. With mass erase enabled it can be freed, but loses
    its contents, and no later session could read or verify it; so that is refused as well, 0xFF included, which is
    what an image with a gap in that place often holds. Nothing else of the field is judged: FPROT, FOPT and the
    backdoor key can be changed again. An image without a byte for FSEC passes; `refuse_securing_erase` looks at what
    is erased for it.

    Raises:
        UsageProblem: it would secure the chip.
    """
    address = security_byte_address(device)
    if address is None:
        return
    found = next((each.data[address - each.address] for each in image.pieces if address in each.range), None)
    if found is None or leaves_unsecured(found):
        return
    for_ever = "" if allows_mass_erase(found) else ", for ever, since mass erase is disabled too"
    raise UsageProblem(
        f"{image.name} would secure {device.name} against debuggers{for_ever}: 0x{found:02x} for FSEC at"
        f" 0x{address:08x}.",
        hint="Build the firmware with 0xFE there (flash configuration field).",
    )
