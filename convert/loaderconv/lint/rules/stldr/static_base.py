"""Data that are reached through r9."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.build_facts import build_facts
from loaderconv_formats.elf.loaded import lowest_data_address
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "STL035",
    Severity.WARNING,
    StldrFile,
    hosts={Host.ST_OPENOCD: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def variables_have_addresses(file: StldrFile) -> Iterator[Problem]:
    """Variables are at fixed addresses, not relative to r9.

    What it checks:
        Whether the file has variables and was built read-write position independent: PF_ARM_SB on the segment of the
        code, RWPI in armlink's build attributes, or r9-relative data in .ARM.attributes.

    Why it matters:
        Such code finds its variables at r9 plus an offset. ST's OpenOCD sets r0 to r3, sp and lr only; traces of
        CubeProgrammer show other registers at 0, and whether it ever sets r9 is not known. With 0 the variables fall
        near address 0, which works by luck where the chip has ITCM RAM. 31 Keil files look like that.

    Example:
        armclang -fropi -frwpi, armlink --ropi --rwpi, as for an FLM

    How to fix:
        Compile and link without RWPI: a stldr is linked for one address anyway.

    Source:
        docs/formats/stldr.md, What breaks a naive parser (item 8), and How hosts drive it (item 5).
    """
    section = None if file.descriptor is None else file.descriptor.section
    address = lowest_data_address(file.image, without=section)
    if address is None:
        return
    evidence = build_facts(file.image).writable_independent
    if evidence:
        yield Problem(
            "r9",
            f"The variables at 0x{address:08x} are reached through r9 ({evidence[0]}), which no host is known to set.",
            "Compile and link without RWPI.",
            file.at_address(address),
        )


RULES: tuple[AnyRule, ...] = (variables_have_addresses,)
