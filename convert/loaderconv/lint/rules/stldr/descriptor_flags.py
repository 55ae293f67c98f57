"""Flags of the descriptor's section."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "STL043",
    Severity.WARNING,
    StldrFile,
    hosts={Host.ST_OPENOCD: Verdict.REJECTED},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def descriptor_is_read_only(file: StldrFile) -> Iterator[Problem]:
    """The section of StorageInfo is neither writable nor executable.

    What it checks:
        SHF_WRITE and SHF_EXECINSTR of the section, where StorageInfo has a PT_LOAD of its own. In RAM it is a note.

    Why it matters:
        ST's OpenOCD downloads all sections that can be written or executed. One of them near address 0, where a
        descriptor lies, it takes for a loader that must be relocated: "Relocatable flashloaders are not supported". In
        RAM it writes the descriptor there too, which takes room and does no harm.

    Example:
        struct StorageInfo StorageInfo __attribute__((section(".Dev_Info"))) = { ... };   /* without const */

    How to fix:
        Declare StorageInfo as const, and give the section nothing but constants, or let lint --fix clear the flags.

    Source:
        docs/formats/stldr.md, How hosts drive it (OOCD).
    """
    section = None if file.descriptor is None else file.descriptor.section
    if section is None or file.descriptor_segment is None:
        return
    flags = {c.SHF_WRITE: "writable", c.SHF_EXECINSTR: "executable"}
    words = [word for flag, word in flags.items() if section.flags & flag]
    if words:
        is_near_zero = not section.address >> 24
        yield Problem(
            "flags",
            f"The section {section.name} of StorageInfo at 0x{section.address:08x} is {' and '.join(words)}.",
            "Declare StorageInfo as const, or let lint --fix clear the flags.",
            file.at_section(section),
            severity=None if is_near_zero else Severity.NOTE,
            hosts=None if is_near_zero else {},
            is_fixable=True,
        )


RULES: tuple[AnyRule, ...] = (descriptor_is_read_only,)
