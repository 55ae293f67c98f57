"""Makes the stldr that a plan describes: one image, and the descriptor."""

from loaderconv.conversion.linking.image import entry_points, image_bytes, installed_by, local_symbols
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.targets.planned import Planned
from loaderconv_formats.stldr.descriptor_section import DESCRIPTOR_ADDRESS
from loaderconv_formats.stldr.storage_info import SIZE_BYTES, pack_storage_info
from loaderconv_formats.stldr.writer import ImageSection, stldr_document
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, Segment


def link_stldr(planned: Planned) -> Linked:
    """Return the loader that the plan describes and its document."""
    plan, layout = planned.plan, planned.layout
    image = image_bytes(planned)
    sections = [
        ImageSection(part.name, part.range, executable=part.executable, alignment_bytes=part.alignment_bytes)
        for part in layout.parts
    ]
    loader = Loader(
        flavour=Flavour.STLDR,
        identity=plan.source_identity.model_copy(update={"name": plan.device.name, "toolchain": None}),
        device=plan.device,
        entry_points=entry_points(planned),
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
                data=pack_storage_info(plan.device),
                memory_size_bytes=SIZE_BYTES,
                writable=False,
                executable=False,
            ),
        ),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE, alignment_bytes=max(section.alignment_bytes for section in sections)
        ),
        ram=planned.ram,
        installed=installed_by(planned),
    )
    document = stldr_document(
        loader,
        sections=sections,
        local_symbols=local_symbols(planned),
        comment=f"{plan.made_by}, shim {planned.shim.name}",
    )
    return Linked(loader, document)
