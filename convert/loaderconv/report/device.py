"""A memory as text."""

from loaderconv.report.units import address_text, size_text
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.device import Device, DeviceKind, SectorRun


def device_rows(device: Device) -> list[tuple[str, str]]:
    """Return names and values, also of a memory whose numbers contradict each other."""
    rows = [("Name", device.name)]
    if device.type_code is not None:
        rows.append(("Type", _kind(device)))
    rows += [("Range", _range(device)), ("Page", _page(device))]
    timeouts = _timeouts(device)
    if timeouts:
        rows.append(("Timeouts", timeouts))
    sectors = [_sectors(device, run) for run in device.sectors] or ["none"]
    return rows + [("" if number else "Sectors", text) for number, text in enumerate(sectors)]


def _kind(device: Device) -> str:
    if device.kind is DeviceKind.UNKNOWN and device.type_code:
        return f"{device.kind} (number {device.type_code})"
    return str(device.kind)


def _range(device: Device) -> str:
    size = size_text(device.size_bytes)
    if device.base_address + device.size_bytes > ADDRESS_SPACE_BYTES:
        return f"from {address_text(device.base_address)} ({size}), beyond the 32-bit address space"
    return f"{device.range} ({size})"


def _page(device: Device) -> str:
    page = size_text(device.page_size_bytes)
    return page if device.erased_value is None else f"{page}, erased value 0x{device.erased_value:02x}"


def _timeouts(device: Device) -> str:
    spelled = ((device.program_timeout_ms, "to program a page"), (device.erase_timeout_ms, "to erase a sector"))
    return ", ".join(f"{timeout_ms:,} ms {purpose}" for timeout_ms, purpose in spelled if timeout_ms is not None)


def _sectors(device: Device, run: SectorRun) -> str:
    start = address_text((device.base_address + run.offset_bytes) % ADDRESS_SPACE_BYTES)
    return f"{run.count} x {size_text(run.sector_size_bytes)} from {start}"
