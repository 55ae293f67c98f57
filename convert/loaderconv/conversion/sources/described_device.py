"""The memory of a source as its new host addresses it: by the pass's offset and range, with the user's corrections."""

from dataclasses import dataclass

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.geometry import check_geometry, end_of
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Loader, Notice


@dataclass(frozen=True)
class DescribedDevice:
    """A memory and how the source's addresses differ.

    Attributes:
        device: by the new host's addresses.
        address_delta: added modulo 2**32 to them it gives those that the source sees.
        source_base: the start of the memory as the source sees it, whatever part of it the pass uses.
        is_whole: it is all that the source serves, so that the source may erase everything at once.
        warnings: where the pass's range and the sectors do not agree, and what the user put in their place.
    """

    device: Device
    address_delta: int
    source_base: int
    is_whole: bool
    warnings: tuple[Notice, ...] = ()


def described_device(loader: Loader, facts: PassFacts, request: ConversionRequest) -> DescribedDevice:
    """Return the device of a source.

    Raises:
        ConversionRefused: no device, sectors on which an erase loop would touch the wrong bytes, or a pass whose offset
            or range cannot be followed.
    """
    told = loader.described_device
    own = _corrected(told, request)
    delta = _delta(facts)
    base = (own.base_address - delta) % ADDRESS_SPACE_BYTES
    seen = own.model_copy(update={"base_address": base})
    device, warnings = _cut(seen, facts.range)
    check_geometry(device)
    is_whole = device.size_bytes >= told.size_bytes
    return DescribedDevice(device, delta, own.base_address, is_whole, (*warnings, *_corrections(told, own)))


def _corrected(device: Device, request: ConversionRequest) -> Device:
    """Return the device with what the user knows better."""
    changes: dict[str, object] = {}
    if request.geometry is not None:
        changes = {"sectors": request.geometry, "size_bytes": end_of(request.geometry)}
    if request.page_size_bytes is not None:
        changes["page_size_bytes"] = request.page_size_bytes
    for name in ("program_timeout_ms", "erase_timeout_ms"):
        value = getattr(request, name)
        if value is not None:
            changes[name] = value
    return device.model_copy(update=changes)


def _corrections(told: Device, own: Device) -> list[Notice]:
    """Return what the user said otherwise than the source."""
    found = []
    if own.sectors != told.sectors:
        found.append(f"sectors of {own.size_bytes} bytes in all, in place of {told.size_bytes} in the source's own")
    if own.page_size_bytes != told.page_size_bytes:
        found.append(f"pages of {own.page_size_bytes} bytes, in place of {told.page_size_bytes}")
    if not found:
        return []
    return [Notice(code="geometry-given", message=f"As the user has it: {'; '.join(found)}.")]


def _delta(facts: PassFacts) -> int:
    """Return what the pass adds to the image's addresses."""
    if facts.absolute_start is None:
        return facts.address_delta
    if facts.range is None:
        raise ConversionRefused(
            "The pass has an abs_offset and no range, so that its offset depends on the data.",
            hint="Give the pass a range in the .board file.",
        )
    return (facts.absolute_start - facts.range.start) % ADDRESS_SPACE_BYTES


def _cut(device: Device, wanted: AddressRange | None) -> tuple[Device, tuple[Notice, ...]]:
    """Return the sectors that the range of a pass touches; runs keep their order and grow no new holes."""
    if wanted is None:
        return device, ()
    start, end = wanted.start - device.base_address, wanted.end - device.base_address
    kept = tuple(run for run in (_part(run, start, end) for run in device.sectors) if run.count)
    if not kept:
        raise ConversionRefused(
            f"The pass is for {wanted}, where the loader has no sectors: they start at 0x{device.base_address:08x}.",
            hint="Compare the range and offset in the .board file with flash_base and block in the .flash file.",
        )
    first, size = kept[0].offset_bytes, end_of(kept) - kept[0].offset_bytes
    moved = tuple(run.model_copy(update={"offset_bytes": run.offset_bytes - first}) for run in kept)
    cut = device.model_copy(update={"base_address": device.base_address + first, "size_bytes": size, "sectors": moved})
    if (first, first + size) == (start, end):
        return cut, ()
    message = (
        f"The pass is for {wanted}, its sectors cover"
        f" {AddressRange(start=cut.base_address, size_bytes=cut.size_bytes)}; the output serves the latter."
    )
    return cut, (Notice(code="range-and-sectors-differ", message=message),)


def _part(run: SectorRun, start: int, end: int) -> SectorRun:
    """Return the sectors of a run that touch the offsets from `start` up to `end`."""
    size = run.sector_size_bytes
    if not size:
        return run
    skipped = min(max(0, (start - run.offset_bytes) // size), run.count)
    last = min(max(0, -(-(end - run.offset_bytes) // size)), run.count)
    offset = run.offset_bytes + skipped * size
    return SectorRun(offset_bytes=offset, sector_size_bytes=size, count=max(0, last - skipped))
