"""How much of the file is for debuggers."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv_schemas.severity import Severity

_DEBUG_NAMES = (".debug", ".zdebug", ".iar.debug", ".stab")
_MUCH_DEBUG_BYTES = 500_000


@rule("STL041", Severity.NOTE, StldrFile)
def is_mostly_code(file: StldrFile) -> Iterator[Problem]:
    """The file is not mostly debug information.

    What it checks:
        Whether debug sections have more than 500,000 bytes and are more than half of the file.

    Why it matters:
        Hosts read past it, so it does no harm; but a loader of 20 KB is a file of megabytes then, and it carries the
        paths of the machine on which it was built.

    Example:
        arm-none-eabi-gcc -g3 ...   # with the macros of all headers

    How to fix:
        loaderconv rewrite --strip-debug, or build the released file without -g.

    Source:
        docs/formats/stldr.md, What real files look like.
    """
    sections = [each for each in file.image.sections if not each.is_allocated and each.name.startswith(_DEBUG_NAMES)]
    size_bytes = sum(each.size_bytes for each in sections)
    if size_bytes > _MUCH_DEBUG_BYTES and size_bytes > len(file.data) // 2:
        largest = max(sections, key=lambda each: each.size_bytes)
        yield Problem(
            "debug-info",
            f"{size_bytes:,} of {len(file.data):,} bytes are debug information, which no host reads.",
            "Let loaderconv rewrite --strip-debug leave it out.",
            file.at_section(largest),
        )


RULES: tuple[AnyRule, ...] = (is_mostly_code,)
