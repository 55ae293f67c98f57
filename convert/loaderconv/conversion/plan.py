"""Plans a conversion between any two flavours: what the source gives, and what the target makes of it."""

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.sources.flm import flm_parts
from loaderconv.conversion.sources.iar import iar_parts
from loaderconv.conversion.sources.stldr import stldr_parts
from loaderconv.conversion.targets.flm import plan_flm
from loaderconv.conversion.targets.iar import plan_iar
from loaderconv.conversion.targets.planned import Planned
from loaderconv.conversion.targets.stldr import plan_stldr
from loaderconv.shims.blob import load_shim
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.loader import Flavour

_SOURCES = {Flavour.FLM: flm_parts, Flavour.STLDR: stldr_parts, Flavour.IAR: iar_parts}
_TARGETS = {Flavour.FLM: plan_flm, Flavour.STLDR: plan_stldr, Flavour.IAR: plan_iar}


def plan_conversion(source: Source, request: ConversionRequest) -> Planned:
    """Decide everything, and write nothing.

    Raises:
        ConversionRefused: the source is of the target's flavour already, or the result could not behave as it does.
    """
    flavour = source.loader.flavour
    if flavour is request.target:
        raise ConversionRefused(
            f"The loader is of the flavour {flavour} already.",
            hint="loaderconv rewrite makes a new file of the same flavour.",
        )
    parts = _SOURCES[flavour](source, request)
    shim = load_shim(f"{request.target.lower()}_over_{flavour.lower()}")
    return _TARGETS[request.target](source, parts, shim, request)
