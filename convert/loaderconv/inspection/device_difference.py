"""In what the memories differ that two loaders serve."""

from collections.abc import Iterator
from itertools import zip_longest

from loaderconv.inspection.compared import Compare, compared
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.difference import Difference, Unit


def device_differences(left: Device | None, right: Device | None, compare: Compare) -> Iterator[Difference]:
    """Give the differences; a value for which a flavour has no field is None.

    Args:
        left: the first memory; None where no descriptor tells of one.
        right: the second.
        compare: how facts are compared that not every flavour has.
    """
    if left is None or right is None:
        yield from compared("device", _name(left), _name(right))
        return
    yield from compare("device name", _own_name(left), _own_name(right))
    yield from compare("device kind", _kind(left), _kind(right))
    yield from compared("base address", left.base_address, right.base_address, Unit.ADDRESS)
    yield from compared("device size", left.size_bytes, right.size_bytes, Unit.BYTES)
    yield from compared("page size", left.page_size_bytes, right.page_size_bytes, Unit.BYTES)
    yield from compare("erased value", _hex(left.erased_value), _hex(right.erased_value))
    yield from compare("program timeout", left.program_timeout_ms, right.program_timeout_ms, Unit.MILLISECONDS)
    yield from compare("erase timeout", left.erase_timeout_ms, right.erase_timeout_ms, Unit.MILLISECONDS)
    runs = zip_longest(_merged(left.sectors), _merged(right.sectors))
    for number, (left_run, right_run) in enumerate(runs, start=1):
        yield from compared(f"sectors, run {number}", _run(left_run), _run(right_run))


def _name(device: Device | None) -> str | None:
    return None if device is None else device.name


def _own_name(device: Device) -> str | None:
    """Return the name that a descriptor gives; IAR's have none, and the device is called like its file."""
    return None if device.type_code is None else device.name


def _kind(device: Device) -> str | None:
    """Return the kind, with its number where that is in no table; None where the flavour has no field for it."""
    if device.type_code is None:
        return None
    return f"type {device.type_code}" if device.kind is DeviceKind.UNKNOWN else str(device.kind)


def _hex(value: int | None) -> str | None:
    return None if value is None else f"0x{value:02x}"


def _merged(runs: tuple[SectorRun, ...]) -> list[SectorRun]:
    """Return the runs with neighbours of one sector size as one: hosts see no difference."""
    merged: list[SectorRun] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and (last.sector_size_bytes, last.end_offset_bytes) == (run.sector_size_bytes, run.offset_bytes):
            merged[-1] = last.model_copy(update={"count": last.count + run.count})
        else:
            merged.append(run)
    return merged


def _run(run: SectorRun | None) -> str | None:
    if run is None:
        return None
    return f"{run.count} x {run.sector_size_bytes} bytes from offset 0x{run.offset_bytes:x}"
