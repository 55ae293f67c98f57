"""An FLM as a source: position independent code that hosts bracket with Init and UnInit."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.code_checks import check_core, check_routines, code_warnings
from loaderconv.conversion.sources.described_device import described_device
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.sources.pieces import pieces_of
from loaderconv.conversion.sources.symbols import symbols_of
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.flm import abi
from loaderconv_schemas.address_range import span
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader, Notice
from loaderconv_schemas.memory import PlacementKind
from loaderconv_schemas.plan import Loss

CLOCK_HZ = 0
"""What pyOCD and probe-rs pass to Init; none of 350 surveyed FLMs behaves differently with another value."""

_ABSOLUTE_RELOCATIONS = {
    2: "R_ARM_ABS32",
    5: "R_ARM_ABS16",
    38: "R_ARM_TARGET1",
    43: "R_ARM_MOVW_ABS_NC",
    44: "R_ARM_MOVT_ABS",
    47: "R_ARM_THM_MOVW_ABS_NC",
    48: "R_ARM_THM_MOVT_ABS",
}
"""Relocations whose result changes with the link address (Arm AAELF32)."""

_SLOTS = ("Init", "UnInit", "EraseSector", "EraseChip", "ProgramPage", "Verify", "Read")

_WORKERS: dict[Routine, tuple[str, ...]] = {
    Routine.INIT: ("UnInit", "Init"),
    Routine.UNINIT: ("UnInit", "Init"),
    Routine.ERASE_SECTOR: ("EraseSector",),
    Routine.ERASE_CHIP: ("EraseChip",),
    Routine.PROGRAM_PAGE: ("ProgramPage",),
    Routine.READ: ("Read",),
    Routine.VERIFY: ("Verify", "Read"),
}


def flm_parts(source: Source, request: ConversionRequest) -> SourceParts:
    """Return the parts of an FLM.

    Raises:
        ConversionRefused: it could not behave in another place as it does in its own.
    """
    loader = source.loader
    check_core(loader)
    check_routines(loader.entry_points, abi.MANDATORY, abi.ROUTINES, "FLM")
    _check_placement(loader, source.image)
    _check_moves(request)
    pieces = pieces_of(loader)
    static_base = loader.placement.static_base
    whole = span(piece.range for piece in pieces)
    if static_base is not None and not whole.start <= static_base <= whole.end:
        raise ConversionRefused(
            f"The static base 0x{static_base:08x} (start of PrgData) lies outside of the image {whole}.",
            hint="Link PrgData right behind PrgCode, as the CMSIS-Pack scatter file does.",
        )
    described = described_device(loader, source.facts, request)
    device = described.device
    symbols = {entry.symbol: entry.address | 1 for entry in loader.entry_points if entry.symbol in _SLOTS}
    if not request.with_read:
        symbols.pop("Read", None)
    if not described.is_whole:
        symbols.pop("EraseChip", None)
    return SourceParts(
        loader=loader,
        device=device,
        address_delta=0,
        init_address=device.base_address,
        is_movable=True,
        pieces=pieces,
        stack=None,
        stack_bytes=None,
        static_base=static_base,
        routines=symbols,
        workers={routine: tuple(name for name in names if name in symbols) for routine, names in _WORKERS.items()},
        fields={"clock_hz": CLOCK_HZ},
        flags=_flags(device, request),
        program_unit_bytes=device.page_size_bytes,
        scratch_bytes=0,
        largest_transfer_bytes=None,
        symbols=symbols_of(source.image, loader, "flm."),
        losses=_losses(loader),
        requirements=_requirements(loader, request),
        warnings=(*code_warnings(loader), *described.warnings, *_page_warnings(device)),
    )


def _flags(device: Device, request: ConversionRequest) -> tuple[str, ...]:
    """Return the flag for a shim that may read a page, erase it, and program it whole."""
    pages_are_sectors = all(run.sector_size_bytes == device.page_size_bytes for run in device.sectors)
    return ("SHIM_REPROGRAMS",) if pages_are_sectors and request.with_read else ()


def _check_moves(request: ConversionRequest) -> None:
    if request.relocate_to is not None:
        raise ConversionRefused(
            "An FLM is position independent: there is nothing to relocate.",
            hint="Leave --relocate out, and choose where the result lies with --ram.",
        )


def _check_placement(loader: Loader, image: ElfImage | None) -> None:
    if loader.placement.kind is not PlacementKind.POSITION_INDEPENDENT:
        raise ConversionRefused(
            "The file is not marked position independent (no PF_ARM_PI and PF_ARM_SB segment flags, no ROPI and RWPI"
            " build attributes), so it cannot be moved.",
            hint="Rebuild it with armclang -fropi -frwpi; docs/formats/flm.md tells what else counts as a mark.",
        )
    if image is not None:
        _check_relocations(image)


def _check_relocations(image: ElfImage) -> None:
    """Refuse code whose own relocations (`--emit-relocs`) show that it holds addresses."""
    for section in image.sections:
        target = section.info_section
        if not isinstance(section.content, list) or target is None or not target.is_allocated:
            continue
        for relocation in section.content:
            if relocation.type in _ABSOLUTE_RELOCATIONS:
                raise ConversionRefused(
                    f"The relocation {_ABSOLUTE_RELOCATIONS[relocation.type]} at 0x{relocation.offset:08x} puts an"
                    " address into the code or its data, so it is not position independent.",
                    hint="Keep tables of function or string pointers out of the driver, or fill them at run time.",
                )


def _losses(loader: Loader) -> tuple[Loss, ...]:
    return (
        (Loss(fact="BlankCheck", consequence="the output has no such routine; sectors are always erased"),)
        if loader.entry_point(Routine.BLANK_CHECK) is not None
        else ()
    )


def _requirements(loader: Loader, request: ConversionRequest) -> tuple[str, ...]:
    if request.with_read and loader.entry_point(Routine.READ) is not None:
        return ("The FLM's Read must answer 0 or address + size for success; no standard defines it.",)
    return ()


def _page_warnings(device: Device) -> list[Notice]:
    if device.page_size_bytes and any(run.sector_size_bytes % device.page_size_bytes for run in device.sectors):
        return [
            Notice(
                code="page-does-not-divide-sector",
                message=f"Pages of {device.page_size_bytes} bytes do not divide every sector; some cross sectors.",
            )
        ]
    return []
