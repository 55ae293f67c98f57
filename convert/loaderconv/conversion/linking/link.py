"""Makes what a plan describes, for any target."""

from loaderconv.conversion.linking.flm import link_flm
from loaderconv.conversion.linking.iar import link_iar
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.linking.stldr import link_stldr
from loaderconv.conversion.targets.planned import Planned
from loaderconv_schemas.loader import Flavour

_LINKERS = {Flavour.FLM: link_flm, Flavour.STLDR: link_stldr, Flavour.IAR: link_iar}


def link(planned: Planned) -> Linked:
    """Return the loader that the plan describes and its document."""
    return _LINKERS[planned.plan.target](planned)
