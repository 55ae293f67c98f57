"""The strict driver's code in FLMs of other shapes: what the builder lays out oddly still runs."""

from dataclasses import replace

from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.memory import Part
from support.flm_recipe import FlmRecipe
from support.paths import FIXTURES


def strict_recipe() -> FlmRecipe:
    """Return a recipe for an FLM that is strict_flm.FLM but for its layout."""
    loader = read_loader_file(FIXTURES / "strict_flm.FLM").loader
    code = next(segment for segment in loader.segments if segment.part is Part.CODE)
    data = next(segment for segment in loader.segments if segment.part is Part.DATA)
    starts = sorted((entry.address, entry.symbol) for entry in loader.entry_points)
    if starts[0][0] != code.address:
        starts.insert(0, (code.address, "code_before_the_first_routine"))
    ends = [address for address, _ in starts[1:]] + [code.range.end]
    device = loader.described_device
    return FlmRecipe(
        routines={
            name: code.data[address - code.address : end - code.address]
            for (address, name), end in zip(starts, ends, strict=True)
        },
        rw=data.data,
        zi_size_bytes=data.memory_size_bytes - len(data.data),
        device_name=device.name.encode(),
        device_type=device.type_code or 0,
        base_address=device.base_address,
        size_bytes=device.size_bytes,
        page_size_bytes=device.page_size_bytes,
        runs=tuple((run.sector_size_bytes, run.offset_bytes) for run in device.sectors),
    )


STRICT_SHAPES = {
    "as armlink lays it out": strict_recipe(),
    "PrgCode at 0x1000": replace(strict_recipe(), code_address=0x1000),
    "PrgCode at 0x20000004": replace(strict_recipe(), code_address=0x2000_0004),
    "gap of 4 bytes before the data": replace(strict_recipe(), data_gap_bytes=4),
    "gap of 60 bytes before the data": replace(strict_recipe(), data_gap_bytes=60),
    "descriptor behind the zeroed data": replace(strict_recipe(), is_descriptor_over_zi=False),
    "descriptor of 184 bytes": replace(strict_recipe(), descriptor_shipped_bytes=184),
    "FlashDevice in a section of another name": replace(strict_recipe(), descriptor_section="device_info"),
    "FlashDevice inside PrgCode": replace(strict_recipe(), descriptor_section="PrgCode"),
    "default visibility, entry set": replace(strict_recipe(), visibility=0, entry=1),
    "one segment": replace(strict_recipe(), is_single_segment=True),
    "absolute sector addresses": replace(strict_recipe(), are_sector_addresses_absolute=True),
}
"""Shapes that the survey found in real files; each holds the same driver."""
