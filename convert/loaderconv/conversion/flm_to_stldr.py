"""Plans an stldr from an FLM: what will be where, what is lost, what the user must see to."""

from dataclasses import dataclass

from loaderconv import __version__
from loaderconv.conversion.flm_source import check_flm, works_without_reading
from loaderconv.conversion.flm_to_stldr_advice import carrying_losses, requirements, warnings
from loaderconv.conversion.request import StldrRequest
from loaderconv.conversion.stldr_device import as_storage_device, device_losses
from loaderconv.conversion.stldr_layout import StldrLayout, lay_out, memory_map
from loaderconv.shims.blob import Shim, load_shim
from loaderconv_formats.detection import KINDS_OF_LOADERS
from loaderconv_formats.loader_file import LoaderFile
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.plan import ConversionPlan, PlannedEntryPoint

SHIM_NAME = "stldr_over_flm"

_CARRIED_BY: dict[Routine, tuple[Routine, ...]] = {
    Routine.INIT: (Routine.UNINIT, Routine.INIT),
    Routine.PROGRAM_PAGE: (Routine.PROGRAM_PAGE,),
    Routine.READ: (Routine.READ,),
    Routine.ERASE_SECTOR: (Routine.ERASE_SECTOR,),
    Routine.ERASE_CHIP: (Routine.ERASE_CHIP,),
    Routine.VERIFY: (Routine.VERIFY, Routine.READ),
    Routine.CHECKSUM: (Routine.READ,),
}


@dataclass(frozen=True)
class PlannedStldr:
    """A plan with what the linker needs to carry it out.

    Attributes:
        plan: for people.
        source: the file to carry.
        layout: addresses.
        shim: the code that joins both flavours.
        with_read: the device can be read, through the FLM's Read or at its address.
    """

    plan: ConversionPlan
    source: LoaderFile
    layout: StldrLayout
    shim: Shim
    with_read: bool


def plan_flm_to_stldr(source: LoaderFile, source_name: str, request: StldrRequest) -> PlannedStldr:
    """Decide everything, and write nothing.

    Args:
        source: the loader that was read.
        source_name: its file name, for the plan.
        request: what the user wants.

    Raises:
        ConversionRefused: the result could not behave as the source.
    """
    loader = source.loader
    if loader.flavour is not Flavour.FLM:
        raise ConversionRefused(
            f"The file is {KINDS_OF_LOADERS[loader.flavour]}, not {FileKind.FLM}.",
            hint="STM32CubeProgrammer takes it as it is, under a name that ends in .stldr."
            if loader.flavour is Flavour.STLDR
            else "This version converts .FLM files only.",
        )
    check_flm(source)
    _check_ram(loader, request)
    device = as_storage_device(loader.described_device, request.name)
    shim = load_shim(SHIM_NAME)
    layout = lay_out(
        loader,
        device,
        request.ram,
        shim_bytes=len(shim.code),
        table_bytes=shim.table_size_bytes(len(device.sectors)),
    )
    static_base = loader.placement.static_base
    plan = ConversionPlan(
        made_by=f"loaderconv {__version__}",
        source_file=source_name,
        source_sha256=source.sha256,
        source=Flavour.FLM,
        source_identity=loader.identity,
        target=Flavour.STLDR,
        device=device,
        ram=request.ram,
        memory_map=memory_map(loader, layout),
        image=layout.image,
        entry_points=_entry_points(loader, shim, layout, with_read=request.with_read),
        shim=shim.name,
        static_base=None if static_base is None else layout.moved(static_base),
        losses=(*device_losses(loader.described_device, device), *carrying_losses(source, request)),
        requirements=requirements(loader, layout, request),
        warnings=warnings(loader, request),
    )
    return PlannedStldr(plan, source, layout, shim, request.with_read)


def _check_ram(loader: Loader, request: StldrRequest) -> None:
    """Refuse RAM that is the device itself."""
    if request.ram.overlaps(loader.described_device.range):
        raise ConversionRefused(
            f"The RAM {request.ram} overlaps the device {loader.described_device.range}.",
            hint="Give the RAM of the target with --ram BASE:SIZE.",
        )


def _entry_points(loader: Loader, shim: Shim, layout: StldrLayout, *, with_read: bool) -> tuple[PlannedEntryPoint, ...]:
    """Return the routines of the output; those that need a readable device only where it is one."""
    wanted = []
    for symbol, routine in stldr_abi.ROUTINES.items():
        if not with_read and not works_without_reading(loader, routine):
            continue
        carriers = [
            entry.symbol for needed in _CARRIED_BY[routine] if (entry := loader.entry_point(needed)) is not None
        ]
        if routine is Routine.ERASE_CHIP and not carriers:
            carriers = ["EraseSector"]
        wanted.append(
            PlannedEntryPoint(
                routine=routine,
                symbol=symbol,
                address=layout.shim.start + shim.routines[symbol].offset_bytes,
                carried_by=tuple(carriers),
            )
        )
    return tuple(wanted)
