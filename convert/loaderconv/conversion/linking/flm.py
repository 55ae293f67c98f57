"""Makes the FLM that a plan describes: PrgCode with the source's bytes and the shim, PrgData with its table."""

from loaderconv.conversion.linking.image import entry_points, image_bytes, installed_by, local_symbols
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.targets.planned import Planned
from loaderconv_formats.elf.build_facts import PI_FLAG, ROPI_WORD, RWPI_WORD, SB_FLAG
from loaderconv_formats.flm.writer import flm_document
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, Segment

_ALIGNMENT = 8
"""Hosts load an FLM at multiples of 4 at least; the shim takes any of them, and this is what armlink's files claim."""


def link_flm(planned: Planned) -> Linked:
    """Return the loader that the plan describes and its document."""
    plan, layout = planned.plan, planned.layout
    image = image_bytes(planned)
    table_start, data_end = layout.table.start, layout.page_buffer.start
    loader = Loader(
        flavour=Flavour.FLM,
        identity=plan.source_identity.model_copy(update={"name": plan.device.name, "toolchain": None}),
        device=plan.device,
        entry_points=entry_points(planned),
        segments=(
            Segment(
                part=Part.CODE,
                address=0,
                data=image[:table_start],
                memory_size_bytes=table_start,
                writable=True,
                executable=True,
            ),
            Segment(
                part=Part.DATA,
                address=table_start,
                data=image[table_start:data_end],
                memory_size_bytes=layout.image.end - table_start,
                writable=True,
                executable=True,
            ),
        ),
        placement=Placement(
            kind=PlacementKind.POSITION_INDEPENDENT,
            static_base=table_start,
            alignment_bytes=_ALIGNMENT,
            evidence=(PI_FLAG, ROPI_WORD, SB_FLAG, RWPI_WORD),
        ),
        ram=planned.ram,
        installed=installed_by(planned),
    )
    document = flm_document(
        loader, comment=f"{plan.made_by}, shim {planned.shim.name}", local_symbols=local_symbols(planned)
    )
    return Linked(loader, document)
