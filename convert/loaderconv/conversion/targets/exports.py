"""What an output exports, and which routines of the source do the work behind it."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.shims.blob import Shim
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.iar import abi as iar_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import PlannedEntryPoint

_TABLES = {Flavour.STLDR: stldr_abi.ROUTINES, Flavour.FLM: flm_abi.ROUTINES, Flavour.IAR: iar_abi.ROUTINES}

_WORK = {
    Routine.CHECKSUM: Routine.READ,
    Routine.BLANK_CHECK: Routine.READ,
    Routine.SIGNOFF: Routine.UNINIT,
}
"""What else does the work of routines that no source has."""

_READING = (Routine.READ, Routine.CHECKSUM, Routine.BLANK_CHECK, Routine.VERIFY)


def planned_entry_points(
    parts: SourceParts, request: ConversionRequest, shim: Shim, shim_start: int
) -> tuple[PlannedEntryPoint, ...]:
    """Return the routines of the output; those that read the device only where it can be read."""
    return tuple(
        PlannedEntryPoint(
            routine=routine,
            symbol=symbol,
            address=shim_start + shim.routines[symbol].offset_bytes,
            carried_by=_carriers(parts, request, routine),
        )
        for symbol, routine in _TABLES[request.target].items()
        if symbol in shim.routines and (request.with_read or not needs_reading(parts, routine))
    )


def needs_reading(parts: SourceParts, routine: Routine) -> bool:
    """Tell whether a routine works only where the device can be read."""
    if routine is Routine.VERIFY and "Verify" in parts.routines:
        # The FLM's own Verify, asked page by page, may ignore bytes behind the last word of each.
        return parts.device.page_size_bytes % 4 != 0
    return routine in _READING


def _carriers(parts: SourceParts, request: ConversionRequest, routine: Routine) -> tuple[str, ...]:
    carriers = parts.workers[_WORK.get(routine, routine)]
    erasing_all = parts.workers[Routine.ERASE_CHIP] or parts.workers[Routine.ERASE_SECTOR]
    if routine is Routine.ERASE_CHIP:
        return erasing_all
    if routine is Routine.INIT and request.target is Flavour.IAR:
        return (*carriers, *erasing_all)  # C-SPY asks FlashInit for a mass erase
    if routine is Routine.VERIFY and request.with_read and needs_reading(parts, routine):
        return parts.workers[Routine.READ]
    return carriers
