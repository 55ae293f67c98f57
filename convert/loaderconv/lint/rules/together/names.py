"""What loaders that belong together call the memory."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.loader_set import LoaderSet
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.severity import Severity


@rule("SET006", Severity.NOTE, LoaderSet)
def same_name(loaders: LoaderSet) -> Iterator[Problem]:
    """Loaders of one memory call it the same.

    What it checks:
        DevName of the FLM against DeviceName of the stldr, without regard to case and blanks.

    Why it matters:
        People choose loaders by these names. Different ones look like loaders of different boards.

    Example:
        "MX25LM51245G_STM32H7B3I-EVAL" in the stldr, "Flash Template" in the FLM

    How to fix:
        Use one name for all of them.

    Source:
        docs/formats/flm.md, Geometry and the rest of the descriptor.
    """
    named = [each for each in loaders.loaders if each.flavour is not Flavour.IAR and each.device.name.strip()]
    if len(named) < 2:
        return
    for loader, usual in loaders.deviating({each: "".join(each.device.name.lower().split()) for each in named}):
        yield Problem(
            "name",
            f"{loaders.title_of(loader)} is called {quoted(loader.device.name)}, {loaders.title_of(usual)} is called"
            f" {quoted(usual.device.name)}.",
            "Use one name for all of them.",
            loaders.at(loader),
        )


RULES: tuple[AnyRule, ...] = (same_name,)
