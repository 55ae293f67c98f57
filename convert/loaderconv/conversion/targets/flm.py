"""Plans an FLM: what will be where, what is lost, which RAM its host must be given."""

from loaderconv.conversion.addresses import between
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.advice import (
    padding_requirements,
    ram_warnings,
    reading_losses,
    reading_requirements,
)
from loaderconv.conversion.targets.device_losses import device_losses
from loaderconv.conversion.targets.flm_device import as_flash_device
from loaderconv.conversion.targets.flm_layout import flm_install_count, flm_layout
from loaderconv.conversion.targets.flm_place import HEADER_BYTES, STACK_BYTES, flm_place, needed_bytes
from loaderconv.conversion.targets.layout import Layout, sizes_of
from loaderconv.conversion.targets.pages import transfer_page_of
from loaderconv.conversion.targets.planned import Planned, TargetFacts, check_ram, conversion_plan
from loaderconv.conversion.targets.table import table_bytes
from loaderconv.shims.blob import MAX_STACK_BYTES, Shim
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device
from loaderconv_schemas.memory import RamNeed
from loaderconv_schemas.plan import Region, RegionKind


def plan_flm(source: Source, parts: SourceParts, shim: Shim, request: ConversionRequest) -> Planned:
    """Decide everything, and write nothing.

    Raises:
        ConversionRefused: the result could not behave as the source.
    """
    check_ram(request, parts)
    page = request.page_size_bytes or transfer_page_of(parts, parts.device)
    device = as_flash_device(parts.device, page, request)
    sizes = sizes_of(
        parts,
        shim,
        run_count=len(device.sectors),
        install_count=flm_install_count(parts),
        page_bytes=page,
    )
    layout = flm_layout(parts, sizes)
    place = _place(layout, device, request)
    start = place.start + HEADER_BYTES
    facts = TargetFacts(
        device=device,
        ram=place,
        regions=_memory_map(layout, place, start),
        image=between(start, start + layout.image.size_bytes),
        losses=(
            *device_losses(parts.device, device, "FlashDevice"),
            *reading_losses(parts, request, "BlankCheck is"),
        ),
        requirements=(
            *_requirements(layout, device, place),
            *_stack_requirements(parts),
            *padding_requirements(parts),
            *reading_requirements(parts, request, "Verify, BlankCheck and the host itself"),
        ),
        warnings=tuple(ram_warnings(request)),
    )
    plan = conversion_plan(source, request, parts, layout, shim, facts)
    ram = RamNeed(image_bytes=layout.image.size_bytes, page_buffer_bytes=page)
    return Planned(plan, parts, layout, shim, table_bytes(parts, device, layout, shim, sizes, request), ram)


def _place(layout: Layout, device: Device, request: ConversionRequest) -> AddressRange:
    rams = [request.ram]
    if request.given_ram is None and request.chip is not None:
        rams += [ram for ram in request.chip.ram if ram != request.ram]
    return flm_place(layout, device.page_size_bytes, rams, rams_are_known=not request.ram_is_default)


def _memory_map(layout: Layout, place: AddressRange, start: int) -> tuple[Region, ...]:
    rows = [
        Region(
            name=part.title,
            kind=RegionKind.IMAGE,
            range=AddressRange(start=start + part.range.start, size_bytes=part.range.size_bytes),
        )
        for part in layout.parts
    ]
    end = rows[-1].range.end
    rows.append(Region(name="return word of the host", kind=RegionKind.HOST, range=between(place.start, start)))
    rows.append(Region(name="stack and data of the host", kind=RegionKind.HOST, range=between(end, place.end)))
    rows += [
        Region(name="source, installed by Init", kind=RegionKind.INSTALLED, range=install.range)
        for install in layout.installs
    ]
    return tuple(sorted(rows, key=lambda region: region.range.start))


def _stack_requirements(parts: SourceParts) -> list[str]:
    if parts.stack is not None:
        return []
    left = STACK_BYTES - MAX_STACK_BYTES
    return [f"The source brings no stack along and must get by with {left} bytes where the host leaves {STACK_BYTES}."]


def _requirements(layout: Layout, device: Device, place: AddressRange) -> tuple[str, ...]:
    needed = needed_bytes(layout, device.page_size_bytes)
    installed = ", ".join(str(install.range) for install in layout.installs)
    load = (
        f"The IDE must load the FLM with RAMstart 0x{place.start:08x} and RAMsize 0x{place.size_bytes:x} (0x{needed:x}"
        ' at least): in uVision\'s dialog "RAM for Algorithm", or from the <algorithm> element beside the FLM.'
    )
    install = (
        f"Init puts the source to {installed}, which must be RAM that nothing else uses meanwhile. Where the host has"
        " its own data there, Init answers 1 and touches nothing."
    )
    return (load, install)
