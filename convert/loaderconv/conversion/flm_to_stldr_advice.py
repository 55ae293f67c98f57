"""What a user must know of an stldr made from an FLM: what is lost, what is required, what deserves a second look."""

from loaderconv.conversion.flm_source import exported, flm_warnings, works_without_reading
from loaderconv.conversion.request import StldrRequest
from loaderconv.conversion.stldr_layout import StldrLayout
from loaderconv.shims.blob import MAX_STACK_BYTES
from loaderconv_formats.loader_file import LoaderFile
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.device import DeviceKind
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader, Notice
from loaderconv_schemas.plan import Loss

_CORTEX_M7_RAM = 0x2400_0000

SUFFIX = ".stldr"


def carrying_losses(source: LoaderFile, request: StldrRequest) -> list[Loss]:
    """Return what of the FLM itself has no place in an stldr; its device has losses of its own."""
    loader = source.loader
    losses = [Loss(fact="the last UnInit", consequence="no host calls it; what the FLM undoes there stays as it is")]
    if exported(loader, Routine.BLANK_CHECK):
        losses.append(Loss(fact="BlankCheck", consequence="an stldr has no such routine; sectors are always erased"))
    if any(section.name.startswith(".debug") for section in source.image.sections):
        losses.append(Loss(fact="debug information", consequence="the converted code cannot be stepped by source line"))
    if not request.with_read:
        losses.append(Loss(fact="reading the device", consequence="no Read and no CheckSum are exported (--no-read)"))
        if not works_without_reading(loader, Routine.VERIFY):
            losses.append(
                Loss(
                    fact="verification",
                    consequence="no Verify is exported: the FLM has none that can be relied on, nothing can be read",
                )
            )
    return losses


def requirements(loader: Loader, layout: StldrLayout, request: StldrRequest) -> tuple[str, ...]:
    """Return what host, target and device must provide, one sentence each."""
    device = loader.described_device
    needed = layout.host_buffer.start + device.page_size_bytes - request.ram.start
    found = [
        f"STM32CubeProgrammer must know at least {needed} bytes of RAM at 0x{request.ram.start:08x} for the target.",
        f"CubeProgrammer must find the file under the name {request.name}{SUFFIX}; 2.18 and later check it.",
    ]
    stack_bytes = stldr_abi.HOST_STACK_BYTES - MAX_STACK_BYTES
    found.append(
        f"The FLM must get by with {stack_bytes} bytes of stack: the host leaves {stldr_abi.HOST_STACK_BYTES}, the shim"
        f" takes up to {MAX_STACK_BYTES}."
    )
    found.append(
        f"Programming 0x{device.erased_byte:02x} must leave a byte as it is, for parts of pages are filled up with"
        " it: flash does so, MRAM, FRAM and EEPROM do not."
    )
    architecture = loader.identity.architecture
    found.append(
        "The FLM does not say for which core it was built; the target must be able to run it."
        if architecture is None
        else f"The target's core must run {architecture} code."
    )
    if not request.with_read:
        return tuple(found)
    if exported(loader, Routine.READ):
        found.append("The FLM's Read must answer 0 or address + size for success; no standard defines it.")
    elif device.kind is not DeviceKind.MCU_FLASH:
        found.append(
            f"The device must be readable at 0x{device.base_address:08x} after Init(address, clock, 3):"
            f" {_readers(loader)} copy from there. If it is not, convert again with --no-read."
        )
    return tuple(found)


def _readers(loader: Loader) -> str:
    return "Read and CheckSum" if exported(loader, Routine.VERIFY) else "Read, Verify and CheckSum"


def warnings(loader: Loader, request: StldrRequest) -> tuple[Notice, ...]:
    """Return what deserves a second look before the file is trusted."""
    found = flm_warnings(loader)
    if request.ram_is_default:
        found.append(
            Notice(
                code="default-ram",
                message=f"RAM {request.ram} ({request.ram.size_bytes // 1024} KiB) is assumed; choose with --ram.",
            )
        )
    if request.file_name != request.name + SUFFIX:
        found.append(
            Notice(
                code="name-mismatch",
                message=f'DeviceName "{request.name}" and the file name "{request.file_name}" differ:'
                f" CubeProgrammer 2.18 and later refuse a mass erase then, and list only *{SUFFIX} files.",
            )
        )
    cpu = loader.identity.cpu or ""
    if cpu.startswith("Cortex-M7") and request.ram.start != _CORTEX_M7_RAM:
        found.append(
            Notice(
                code="cortex-m7-ram",
                message=f"The code is built for {cpu}; loaders for STM32H7 live at 0x24000000 (--ram 0x24000000:64K).",
            )
        )
    if loader.described_device.kind is DeviceKind.MCU_FLASH:
        found.append(
            Notice(
                code="internal-flash",
                message="The device is internal flash. CubeProgrammer programs that of an STM32 itself; external"
                " loaders serve external memory.",
            )
        )
    second_piece = _second_piece(loader, request)
    if second_piece is not None:
        found.append(
            Notice(
                code="page-programmed-twice",
                message=f"Of a page of {loader.described_device.page_size_bytes} bytes that the host writes in two"
                f" pieces, {second_piece}.",
            )
        )
    return tuple(found)


def _second_piece(loader: Loader, request: StldrRequest) -> str | None:
    """Return what the shim does for the second piece of a page, None where that harms nothing."""
    device = loader.described_device
    if request.with_read and any(run.sector_size_bytes == device.page_size_bytes for run in device.sectors):
        return "the sector is read, erased and programmed again for the second"
    if device.kind is DeviceKind.MCU_FLASH:
        return "the second is padded and programmed over the first, which flash with ECC refuses"
    return None
