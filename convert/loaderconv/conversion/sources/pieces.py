"""A source's segments as pieces to carry."""

from itertools import pairwise

from loaderconv.conversion.sources.parts import Piece
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Segment

_NAMES = {
    (Flavour.FLM, Part.CODE): "PrgCode",
    (Flavour.FLM, Part.DATA): "PrgData",
    (Flavour.STLDR, Part.CODE): ".stldr",
    (Flavour.STLDR, Part.DATA): ".stldr_data",
    (Flavour.IAR, Part.CODE): ".iar",
    (Flavour.IAR, Part.DATA): ".iar_data",
}


def pieces_of(loader: Loader) -> tuple[Piece, ...]:
    """Return the pieces of a loader, by address.

    Raises:
        ConversionRefused: none has any bytes, or two overlap, so that it depends on the host what is loaded.
    """
    segments = sorted(loader.image_segments, key=lambda segment: segment.address)
    if not any(segment.data for segment in segments):
        raise ConversionRefused(
            f"There is no machine code in {loader.identity.name}.", hint="Take the loader from its origin again."
        )
    for lower, upper in pairwise(segments):
        if lower.range.overlaps(upper.range):
            raise ConversionRefused(
                f"Two loaded parts of the file overlap: {lower.range} and {upper.range}.",
                hint="Hosts would load them differently; check the scatter file or linker script.",
            )
    return tuple(_piece(loader.flavour, segment) for segment in segments if segment.memory_size_bytes)


def _piece(flavour: Flavour, segment: Segment) -> Piece:
    name = _NAMES[flavour, segment.part]
    return Piece(name, segment.address, segment.data, segment.memory_size_bytes, segment.part is Part.CODE)
