"""Where the memory of loaders that belong together lies, and how large it is."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.loader_set import LoaderSet
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.severity import Severity


@rule("SET001", Severity.WARNING, LoaderSet)
def same_start(loaders: LoaderSet) -> Iterator[Problem]:
    """Loaders of one memory say the same start address.

    What it checks:
        DevAdr of the FLM against DeviceStartAddress of the stldr. A .flash file does not count: passes of a .board add
        offsets to addresses before its loader sees them.

    Why it matters:
        An image is programmed to its own addresses. With another start, one of the tools refuses it, or programs
        another memory. Where a chip shows its flash at several addresses, each tool sees the contents elsewhere.

    Example:
        0x90000000 in MDK-ARM/OSPI.FLM, 0x70000000 in STM32Cube/OSPI.stldr

    How to fix:
        Build all of them from one header with the facts of the memory.

    Source:
        docs/formats/flm.md, Geometry and the rest of the descriptor.
    """
    starts = {each: each.device.base_address for each in loaders.loaders if each.flavour is not Flavour.IAR}
    for loader, usual in loaders.deviating(starts) if starts else ():
        yield Problem(
            "start",
            f"{loaders.title_of(loader)} starts at 0x{loader.device.base_address:08x}, {loaders.title_of(usual)} at"
            f" 0x{usual.device.base_address:08x}.",
            "Correct the start address in one of them.",
            loaders.at(loader),
        )


@rule("SET002", Severity.WARNING, LoaderSet)
def same_size(loaders: LoaderSet) -> Iterator[Problem]:
    """Loaders of one memory say the same size.

    What it checks:
        szDev of the FLM, DeviceSize of the stldr and the blocks of the .flash file against each other.

    Why it matters:
        Behind the smaller size one of the tools programs nothing, or the other one erases what is not there.

    Example:
        0x10000 in HC32F120.FLM, 256 blocks of 0x200 bytes in HC32F120.flash

    How to fix:
        Build all of them from one header with the facts of the memory.

    Source:
        docs/formats/flm.md, Geometry and the rest of the descriptor.
    """
    for loader, usual in loaders.deviating({each: each.device.size_bytes for each in loaders.loaders}):
        yield Problem(
            "size",
            f"{loaders.title_of(loader)} has 0x{loader.device.size_bytes:x} bytes, {loaders.title_of(usual)} has"
            f" 0x{usual.device.size_bytes:x}.",
            "Correct the size in one of them.",
            loaders.at(loader),
        )


RULES: tuple[AnyRule, ...] = (same_start, same_size)
