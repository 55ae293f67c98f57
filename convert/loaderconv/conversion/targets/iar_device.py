"""A device as a `.flash` file describes it: sectors, page and base address, and nothing else."""

from loaderconv.conversion.sources.geometry import merge_runs
from loaderconv_schemas.device import Device, DeviceKind


def as_iar_device(device: Device, name: str) -> Device:
    """Return the device as the `.flash` file will describe it; a reader calls it by the name of the file."""
    return device.model_copy(
        update={
            "name": name,
            "kind": DeviceKind.UNKNOWN,
            "type_code": None,
            "erased_value": None,
            "program_timeout_ms": None,
            "erase_timeout_ms": None,
            "sectors": merge_runs(device.sectors),
        }
    )
