"""A stldr as a source: absolute code whose Init prepares everything and leaves the memory readable."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.code_checks import check_core, check_routines, code_warnings
from loaderconv.conversion.sources.described_device import described_device
from loaderconv.conversion.sources.host_stack import host_stack
from loaderconv.conversion.sources.moved import in_place
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.sources.pieces import pieces_of
from loaderconv.conversion.sources.symbols import symbols_of
from loaderconv_formats.stldr import abi
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.plan import Loss

MANDATORY = (Routine.INIT, Routine.PROGRAM_PAGE, Routine.ERASE_SECTOR)
"""Without these no host drives a stldr (docs/formats/stldr.md, Entry points)."""

_SLOTS = ("Init", "Write", "Read", "SectorErase", "MassErase")

_WORKERS: dict[Routine, tuple[str, ...]] = {
    Routine.INIT: ("Init",),
    Routine.UNINIT: ("Init",),
    Routine.ERASE_SECTOR: ("SectorErase",),
    Routine.ERASE_CHIP: ("MassErase",),
    Routine.PROGRAM_PAGE: ("Write",),
    Routine.READ: ("Read",),
    Routine.VERIFY: ("Read",),
}


def stldr_parts(source: Source, request: ConversionRequest) -> SourceParts:
    """Return the parts of a stldr.

    Raises:
        ConversionRefused: it could not run under another host.
    """
    source = in_place(source, request)
    loader = source.loader
    check_core(loader)
    check_routines(loader.entry_points, MANDATORY, abi.ROUTINES, "stldr")
    described = described_device(loader, source.facts, request)
    device = described.device
    symbols = {entry.symbol: entry.address | 1 for entry in loader.entry_points if entry.symbol in _SLOTS}
    if not request.with_read:
        symbols.pop("Read", None)
    if not described.is_whole:
        symbols.pop("MassErase", None)
    pieces = pieces_of(loader)
    return SourceParts(
        loader=loader,
        device=device,
        address_delta=0,
        init_address=device.base_address,
        is_movable=False,
        pieces=pieces,
        stack=host_stack(pieces),
        stack_bytes=abi.HOST_STACK_BYTES,
        static_base=loader.placement.static_base,
        routines=symbols,
        workers={routine: tuple(name for name in names if name in symbols) for routine, names in _WORKERS.items()},
        fields={},
        flags=(),
        program_unit_bytes=1,
        scratch_bytes=0,
        largest_transfer_bytes=None,
        symbols=symbols_of(source.image, loader, "stldr."),
        losses=_losses(loader, request),
        requirements=(
            "The source must do without interrupts, SysTick among them: hosts may mask them during its calls.",
        ),
        warnings=(*code_warnings(loader), *described.warnings),
    )


def _losses(loader: Loader, request: ConversionRequest) -> tuple[Loss, ...]:
    unused = [entry.symbol for entry in loader.entry_points if entry.routine in (Routine.VERIFY, Routine.CHECKSUM)]
    if not unused:
        return ()
    return (
        Loss(
            fact=" and ".join(unused),
            consequence="not called, for authors differ in what they answer"
            + ("; the shim reads and compares itself" if request.with_read else ""),
        ),
    )
