"""Makes the stldr that a plan describes: shim, parameter table and the moved FLM in one image."""

from loaderconv.conversion.flm_to_stldr import PlannedStldr
from loaderconv.conversion.source_symbols import moved_symbols
from loaderconv.conversion.stldr_layout import source_regions
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.flm.abi import CODE_SECTION
from loaderconv_formats.stldr import abi
from loaderconv_formats.stldr.descriptor_section import DESCRIPTOR_ADDRESS
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, pack_storage_info
from loaderconv_formats.stldr.writer import ImageSection, LocalSymbol, stldr_document
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import EntryPoint
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed, Segment

CLOCK_HZ = 0
"""What pyOCD and probe-rs pass to Init; none of 350 surveyed FLMs behaves differently with another value."""


def link_stldr(planned: PlannedStldr) -> tuple[Loader, ElfImage]:
    """Return the loader that the plan describes and its document."""
    plan, layout = planned.plan, planned.layout
    image = _image_bytes(planned)
    descriptor = pack_storage_info(plan.device)
    loader = Loader(
        flavour=Flavour.STLDR,
        identity=plan.source_identity.model_copy(update={"name": plan.device.name, "toolchain": None}),
        device=plan.device,
        entry_points=tuple(
            EntryPoint(
                routine=entry.routine,
                symbol=entry.symbol,
                address=entry.address,
                thumb=True,
                size_bytes=planned.shim.routines[entry.symbol].size_bytes,
            )
            for entry in plan.entry_points
        ),
        segments=(
            Segment(
                part=Part.CODE,
                address=layout.image.start,
                data=image,
                memory_size_bytes=len(image),
                writable=True,
                executable=True,
            ),
            Segment(
                part=Part.DESCRIPTOR,
                address=DESCRIPTOR_ADDRESS,
                data=descriptor,
                memory_size_bytes=SIZE_BYTES,
                writable=False,
                executable=False,
            ),
        ),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE, alignment_bytes=max(section.alignment_bytes for section in _sections(planned))
        ),
        ram=RamNeed(
            image_bytes=len(image),
            page_buffer_bytes=plan.device.page_size_bytes,
            stack_bytes=abi.HOST_STACK_BYTES,
        ),
    )
    document = stldr_document(
        loader,
        sections=_sections(planned),
        local_symbols=_local_symbols(planned),
        comment=f"{plan.made_by}, shim {planned.shim.name}",
    )
    return loader, document


def _image_bytes(planned: PlannedStldr) -> bytes:
    """Return all bytes of the image; what nothing fills is zero, as its owner expects it."""
    layout = planned.layout
    image = bytearray(layout.image.size_bytes)

    def put(address: int, data: bytes) -> None:
        start = address - layout.image.start
        image[start : start + len(data)] = data

    put(layout.shim.start, planned.shim.code)
    put(layout.table.start, _table(planned))
    for segment in planned.source.loader.image_segments:
        put(layout.moved(segment.address), segment.data)
    return bytes(image)


def _table(planned: PlannedStldr) -> bytes:
    plan, layout = planned.plan, planned.layout
    device, source = plan.device, planned.source.loader
    routines = {
        entry.symbol: layout.moved(entry.address) | 1
        for entry in source.entry_points
        if entry.symbol in planned.shim.layout.routines
    }
    if not planned.with_read:
        routines.pop("Read", None)
    return planned.shim.table(
        fields={
            "device_base": device.base_address,
            "device_size": device.size_bytes,
            "page_size": device.page_size_bytes,
            "erased_value": device.erased_byte,
            "clock_hz": CLOCK_HZ,
            "static_base": plan.static_base or 0,
            "page_buffer": layout.page_buffer.start - layout.table.start,
        },
        routines=routines,
        flags=["SHIM_READABLE"] if planned.with_read else [],
        runs=[
            {
                "offset": run.offset_bytes,
                "sector_size": run.sector_size_bytes,
                "end_offset": run.end_offset_bytes,
            }
            for run in device.sectors
        ],
    )


def _sections(planned: PlannedStldr) -> list[ImageSection]:
    """Return sections that cover the image without gaps, so that hosts that download by section miss nothing."""
    layout = planned.layout
    source = source_regions(planned.source.loader, layout)
    alignment = planned.source.loader.placement.alignment_bytes
    return [
        ImageSection(".shim", layout.shim, executable=True, alignment_bytes=4),
        ImageSection(".shim_parameters", layout.table, executable=False, alignment_bytes=4),
        *(
            ImageSection(
                region.name,
                region.range,
                executable=region.name == CODE_SECTION,
                alignment_bytes=_alignment_of(region.range, alignment),
            )
            for region in source
        ),
        ImageSection(".page_buffer", layout.page_buffer, executable=False, alignment_bytes=8),
    ]


def _alignment_of(where: AddressRange, wanted: int) -> int:
    """Return the alignment that a section may claim: its address decides, since link addresses need not be 0."""
    lowest_bit = where.start & -where.start
    return min(wanted, lowest_bit)


def _local_symbols(planned: PlannedStldr) -> list[LocalSymbol]:
    """Return names for the shim's parts and the FLM's own, for debuggers and disassemblers."""
    layout = planned.layout
    return [
        LocalSymbol("$t", layout.shim.start, 0, c.STT_NOTYPE),
        LocalSymbol("$d", layout.table.start, 0, c.STT_NOTYPE),
        LocalSymbol("shim_parameters", layout.table.start, layout.table.size_bytes, c.STT_OBJECT),
        *moved_symbols(planned.source, layout),
        LocalSymbol("$d", layout.page_buffer.start, 0, c.STT_NOTYPE),
        LocalSymbol("page_buffer", layout.page_buffer.start, layout.page_buffer.size_bytes, c.STT_OBJECT),
    ]
