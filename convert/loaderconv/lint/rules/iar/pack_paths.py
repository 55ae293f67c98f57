"""Paths through the variable for a pack's folder."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.xml.quoting import short_ascii
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "IAR032",
    Severity.ERROR,
    Description,
    hosts={Host.C_SPY: Verdict.LOSS},
    needs=(Fact.INSTALLED_PACK,),
)
def pack_path(file: Description) -> Iterator[Problem]:
    r"""A path through ${CMSIS_PACK_PATH_...}$ leads into the pack that the file is in.

    What it checks:
        Vendor, name and version in the variable against those of the pack: of the .pack that holds the file, or of the
        only .pdsc file in its folder or up to three folders above.

    Why it matters:
        The variable stands for the folder in which exactly that version is installed. Whoever has only the new version
        gets no loader, and whoever has the old one too gets its loader. HDSC.HC32M120.1.0.6 and HC32F120.1.0.4 still
        point to 1.0.0.

    Example:
        <exe>${CMSIS_PACK_PATH_HDSC#HC32M120#1.0.0}$\FlashIAR\FlashHC32M120.out</exe>  <!-- in 1.0.6 -->

    How to fix:
        Write the version of the pack, and raise it with each release.

    Source:
        docs/formats/iar.md, The .board file.
    """
    pack = file.pack if file.pack_paths else None
    if pack is None:
        return
    told: set[str] = set()
    for element, named in file.pack_paths:
        if named == pack or str(named) in told:
            continue
        told.add(str(named))
        yield Problem(
            "other-pack",
            f"<{short_ascii(element.name)}> leads to the pack {named}, but the file is in {pack}.",
            "Write vendor, name and version of the pack that holds the file.",
            file.at(element),
        )


RULES: tuple[AnyRule, ...] = (pack_path,)
