"""Whether a device's sectors and pages are what an erase and a program loop may rely on."""

from collections.abc import Sequence

from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import ConversionRefused

_GEOMETRY_HINT = (
    "Any host would erase or program wrongly: correct the descriptor or .flash file, or give sectors and page from the"
    " data sheet with --geometry and --page."
)


def check_geometry(device: Device) -> None:
    """Refuse a device on which splitting at pages and walking the sectors would touch the wrong bytes.

    Raises:
        ConversionRefused: the message names the numbers that do not fit.
    """
    if not device.size_bytes:
        raise ConversionRefused("The device has a size of 0 bytes.", hint=_GEOMETRY_HINT)
    if device.base_address + device.size_bytes > 1 << 32:
        raise ConversionRefused(
            f"The device at 0x{device.base_address:08x} of {device.size_bytes} bytes goes beyond the address space.",
            hint=_GEOMETRY_HINT,
        )
    if not device.page_size_bytes:
        raise ConversionRefused("The page size is 0 bytes.", hint=_GEOMETRY_HINT)
    _check_sectors(device)
    if device.page_size_bytes > device.smallest_sector_bytes:
        raise ConversionRefused(
            f"A page of {device.page_size_bytes} bytes is larger than a sector of {device.smallest_sector_bytes} bytes:"
            " programming one page would need several sectors erased.",
            hint=_GEOMETRY_HINT,
        )


def _check_sectors(device: Device) -> None:
    """Refuse sectors that leave gaps, overlap, or do not end where the device ends."""
    expected = 0
    for run in device.sectors:
        if not run.sector_size_bytes or not run.count or run.offset_bytes != expected:
            raise ConversionRefused(
                f"The sector run of {run.sector_size_bytes} bytes at offset 0x{run.offset_bytes:x} does not start"
                f" where the one before ends, 0x{expected:x}, or holds no sector.",
                hint=_GEOMETRY_HINT,
            )
        expected = run.end_offset_bytes
    if expected != device.size_bytes:
        raise ConversionRefused(
            f"The sectors cover {expected} bytes, the device has {device.size_bytes}.", hint=_GEOMETRY_HINT
        )


def merge_runs(runs: Sequence[SectorRun]) -> tuple[SectorRun, ...]:
    """Return the runs with neighbours of the same sector size joined; the geometry stays what it is."""
    merged: list[SectorRun] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and last.sector_size_bytes == run.sector_size_bytes and last.end_offset_bytes == run.offset_bytes:
            merged[-1] = last.model_copy(update={"count": last.count + run.count})
        else:
            merged.append(run)
    return tuple(merged)


def end_of(runs: Sequence[SectorRun]) -> int:
    """Return the offset of the first byte behind the last run."""
    return max((run.end_offset_bytes for run in runs), default=0)
