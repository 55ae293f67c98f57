"""The parameter table of a shim, from what a conversion decided."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.sources.parts import SourceParts
from loaderconv.conversion.targets.layout import Layout, Sizes
from loaderconv.shims.blob import Shim
from loaderconv_schemas.device import Device

_OPTIONAL_FIELDS = ("clock_hz", "source_block", "refused_results", "argument_count", "argument_vector")
"""Of one flavour of source only; for others they are 0."""


def table_bytes(
    parts: SourceParts, device: Device, layout: Layout, shim: Shim, sizes: Sizes, request: ConversionRequest
) -> bytes:
    """Return the table with its lists, as the shim will find it behind its code."""
    table = layout.table.start
    moved_base = None if parts.static_base is None else layout.moved(parts.static_base)
    fields = {
        **dict.fromkeys(_OPTIONAL_FIELDS, 0),
        **parts.fields,
        "device_base": device.base_address,
        "device_size": device.size_bytes,
        "address_delta": parts.address_delta,
        "page_size": sizes.transfer_page_bytes,
        "program_unit": parts.program_unit_bytes,
        "erased_value": parts.device.erased_byte,
        "init_address": parts.init_address,
        "static_base": moved_base or 0,
        "stack_top": 0 if parts.stack is None else parts.stack.end,
        "page_buffer": layout.page_buffer.start - table,
        "own_start": layout.own.start - table,
        "own_size": layout.own.size_bytes,
    }
    return shim.table(
        fields=fields,
        routines={name: layout.moved(address) for name, address in parts.routines.items()},
        flags=[*parts.flags, *(["SHIM_READABLE"] if request.with_read else [])],
        runs=[
            {"offset": run.offset_bytes, "sector_size": run.sector_size_bytes, "end_offset": run.end_offset_bytes}
            for run in device.sectors
        ],
        install=[
            {
                "from": install.source - table,
                "to": install.to,
                "copy_size": install.copy_bytes,
                "zero_size": install.zero_bytes,
            }
            for install in layout.installs
        ],
    )
