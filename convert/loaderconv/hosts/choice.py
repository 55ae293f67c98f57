"""The host of each flavour."""

from collections.abc import Callable

from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import Core
from loaderconv.hosts.cube_programmer import CubeProgrammerHost, TransferStyle
from loaderconv.hosts.host import Host
from loaderconv.hosts.uvision import UVisionHost
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour, Loader


def host_for(
    core: Core,
    loader: Loader,
    ram: AddressRange,
    *,
    facts: PassFacts = PassFacts(),  # noqa: B008 - frozen
    style: TransferStyle = TransferStyle(),  # noqa: B008 - frozen
    reset: Callable[[], None] = lambda: None,
    budgets: Budgets = Budgets(),  # noqa: B008 - frozen
) -> Host:
    """Return the tool that drives loaders of a flavour, with a loader downloaded where the tool does so at once.

    Args:
        core: the target.
        loader: what was read of it.
        ram: for the host and a loader that may lie anywhere; an IAR loader brings its own.
        facts: of the pass of a `.board`.
        style: how data are handed over, as far as the flavour leaves a choice.
        reset: resets the target, as C-SPY does before each download of the loader.
        budgets: how long one call may take.

    Raises:
        ConversionRefused: nothing describes the memory.
        RunFailed: image, stack and buffer do not fit into the RAM, or the host could not drive the loader.
    """
    match loader.flavour:
        case Flavour.STLDR:
            return CubeProgrammerHost(core, loader, ram, style=style, budgets=budgets)
        case Flavour.FLM:
            return UVisionHost(core, loader, ram, budgets=budgets, most_buffers=style.buffers)
        case Flavour.IAR:
            return CSpyHost(core, loader, facts=facts, reset=reset, budgets=budgets)
