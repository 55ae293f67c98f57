"""Plans a stldr: what will be where, what is lost, what the user must see to."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.advice import (
    padding_requirements,
    ram_warnings,
    reading_losses,
    reading_requirements,
    second_piece_warnings,
)
from loaderconv.conversion.targets.device_losses import device_losses
from loaderconv.conversion.targets.layout import Layout, sizes_of
from loaderconv.conversion.targets.pages import transfer_page_of
from loaderconv.conversion.targets.planned import Planned, TargetFacts, check_ram, conversion_plan
from loaderconv.conversion.targets.stldr_device import as_storage_device
from loaderconv.conversion.targets.stldr_layout import install_count, stldr_layout
from loaderconv.conversion.targets.table import table_bytes
from loaderconv.shims.blob import MAX_STACK_BYTES, Shim
from loaderconv_formats.stldr import abi
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.loader import Flavour, Notice
from loaderconv_schemas.memory import RamNeed
from loaderconv_schemas.plan import Loss

SUFFIX = ".stldr"

_H7_RAM = 0x2400_0000


def plan_stldr(source: Source, parts: SourceParts, shim: Shim, request: ConversionRequest) -> Planned:
    """Decide everything, and write nothing.

    Raises:
        ConversionRefused: the result could not behave as the source.
    """
    check_ram(request, parts)
    device = as_storage_device(parts.device, request.name)
    page = transfer_page_of(parts, parts.device)
    sizes = sizes_of(
        parts,
        shim,
        run_count=len(device.sectors),
        install_count=install_count(parts, request.ram),
        page_bytes=page,
    )
    layout = stldr_layout(parts, device, request.ram, sizes, () if request.chip is None else request.chip.ram)
    facts = TargetFacts(
        device=device,
        ram=request.ram,
        regions=layout.regions,
        image=layout.image,
        losses=_losses(parts, request, device_losses(parts.device, device, "StorageInfo")),
        requirements=_requirements(parts, layout, request),
        warnings=_warnings(parts, request),
    )
    plan = conversion_plan(source, request, parts, layout, shim, facts)
    ram = RamNeed(
        image_bytes=layout.image.size_bytes,
        page_buffer_bytes=device.page_size_bytes,
        stack_bytes=abi.HOST_STACK_BYTES,
    )
    return Planned(plan, parts, layout, shim, table_bytes(parts, device, layout, shim, sizes, request), ram)


def _losses(parts: SourceParts, request: ConversionRequest, of_device: list[Loss]) -> tuple[Loss, ...]:
    found = [*of_device]
    if parts.loader.flavour is Flavour.FLM:
        consequence = "no host calls it; what the FLM undoes there stays as it is"
        found.append(Loss(fact="the last UnInit", consequence=consequence))
    return (*found, *reading_losses(parts, request, "Read and CheckSum are"))


def _requirements(parts: SourceParts, layout: Layout, request: ConversionRequest) -> tuple[str, ...]:
    host_buffer = next(region for region in layout.regions if region.name.startswith("data"))
    needed = host_buffer.range.start + parts.device.page_size_bytes - request.ram.start
    found = [
        f"STM32CubeProgrammer must know at least {needed} bytes of RAM at 0x{request.ram.start:08x} for the target.",
        f"CubeProgrammer must find the file under the name {request.name}{SUFFIX}; 2.18 and later check it.",
    ]
    if parts.stack is None:
        stack_bytes = abi.HOST_STACK_BYTES - MAX_STACK_BYTES
        found.append(
            f"The {parts.loader.flavour} must get by with {stack_bytes} bytes of stack: the host leaves"
            f" {abi.HOST_STACK_BYTES}, the shim takes up to {MAX_STACK_BYTES}."
        )
    if layout.installs:
        listed = ", ".join(str(install.range) for install in layout.installs)
        found.append(f"Init puts the source to {listed}, which must be RAM that nothing else uses meanwhile.")
    readers = "Read and CheckSum" if "Verify" in parts.routines else "Read, Verify and CheckSum"
    return (*found, *padding_requirements(parts), *reading_requirements(parts, request, readers))


def _warnings(parts: SourceParts, request: ConversionRequest) -> tuple[Notice, ...]:
    found = ram_warnings(request)
    if request.file_name != request.name + SUFFIX:
        found.append(
            Notice(
                code="name-mismatch",
                message=f'DeviceName "{request.name}" and the file name "{request.file_name}" differ:'
                f" CubeProgrammer 2.18 and later refuse a mass erase then, and list only *{SUFFIX} files.",
            )
        )
    cpu = parts.loader.identity.cpu or ""
    if cpu.startswith("Cortex-M7") and (request.chip is None or request.given_ram) and request.ram.start != _H7_RAM:
        found.append(
            Notice(
                code="cortex-m7-ram",
                message=f"The code is built for {cpu}; loaders for STM32H7 live at 0x24000000 (--ram 0x24000000:64K).",
            )
        )
    if parts.device.kind is DeviceKind.MCU_FLASH:
        found.append(
            Notice(
                code="internal-flash",
                message="The device is internal flash. CubeProgrammer programs that of an STM32 itself; external"
                " loaders serve external memory.",
            )
        )
    return (*found, *second_piece_warnings(parts))
