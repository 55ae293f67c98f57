"""Whether code and data have their final addresses."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("STL039", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def has_fixed_addresses(file: StldrFile) -> Iterator[Problem]:
    """Code and data have their final addresses, and none lies near address 0.

    What it checks:
        Addresses of what hosts download, which are 0x01000000 or higher, and whether the file wants a dynamic loader
        (a dynamic section, or relocations that are loaded). Relocations that ld keeps with --emit-relocs are no
        problem: no host reads them.

    Why it matters:
        ST links loaders of its own for internal flash near address 0, and CubeProgrammer moves them. ST's OpenOCD takes
        every section for such a loader that can be written or executed and has a zero in the top byte of its address:
        "Relocatable flashloaders are not supported". No known host is a dynamic loader.

    Example:
        MEMORY { RAM (xrw) : ORIGIN = 0x00000004, LENGTH = 64K }

    How to fix:
        Link the loader for the RAM of its chip, at base + 4 (0x20000004, or 0x24000004 on an STM32H7), without -pie
        and without -shared.

    Source:
        docs/formats/stldr.md, How hosts drive it, and What real files look like.
    """
    near_zero = [each for each in file.image_segments if not each.address >> 24]
    for segment in near_zero[:1]:
        yield Problem(
            "near-zero",
            f"{len(segment.data)} bytes are linked for 0x{segment.address:08x}, below 0x01000000, as only loaders are"
            " that the host moves.",
            "Link the loader for the RAM of its chip, at base + 4.",
            file.at_segment(segment),
            hosts={Host.ST_OPENOCD: Verdict.REJECTED},
        )
    for section in file.image.sections:
        is_table = section.type in (c.SHT_REL, c.SHT_RELA) and section.is_allocated
        if section.type == c.SHT_DYNAMIC or (is_table and section.size_bytes):
            yield Problem(
                "dynamic",
                f"The section {section.name} is for a dynamic loader, which no host is.",
                "Link without -pie and -shared.",
                file.at_section(section),
            )
            return


RULES: tuple[AnyRule, ...] = (has_fixed_addresses,)
