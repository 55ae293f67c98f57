"""The sections by which hosts find code and data."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pyocd_view import sections_of
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfSection
from loaderconv_formats.flm import abi
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_SHT_NOTE = 7
_SHT_ARM_EXIDX = 0x7000_0001
_NOT_NEEDED = (_SHT_NOTE, _SHT_ARM_EXIDX)
"""Notes, and tables for unwinding the stack, which no driver does."""

_DESCRIPTOR_SECTION = "DevDscr"


@rule("FLM020", Severity.ERROR, FlmFile, hosts={Host.PYOCD: Verdict.REJECTED, Host.PROBE_RS: Verdict.REJECTED})
def code_is_in_prgcode(file: FlmFile) -> Iterator[Problem]:
    """There is a section PrgCode, and it holds the code.

    What it checks:
        A section of this name with bytes (PROGBITS) that is loaded.

    Why it matters:
        pyOCD and probe-rs take the program from the sections PrgCode and PrgData, whatever the segments hold, and
        refuse a file without PrgCode. uVision goes by segments.

    Example:
        SECTIONS { .text : { *(.text*) } }

    How to fix:
        Name the output section of code and constants PrgCode, and that of the variables PrgData.

    Source:
        docs/formats/flm.md, What hosts refuse; Linking and position independence.
    """
    if file.code_sections:
        return
    if sections_of(file.image, abi.CODE_SECTION, c.SHT_PROGBITS):
        yield Problem(
            "empty",
            "The section PrgCode has no bytes that are loaded.",
            "Link the driver into PrgCode.",
            file.at_section(sections_of(file.image, abi.CODE_SECTION, c.SHT_PROGBITS)[0]),
            hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )
        return
    names = dict.fromkeys(s.name for s in file.allocated if s.flags & c.SHF_EXECINSTR)
    yield Problem(
        "missing",
        "There is no section PrgCode" + (f"; the code lies in {', '.join(names)}." if names else "."),
        "Name the output section of the code PrgCode in the scatter file or linker script.",
        file.whole,
    )


@rule("FLM021", Severity.WARNING, FlmFile, hosts={Host.PYOCD: Verdict.REJECTED})
def code_starts_at_zero(file: FlmFile) -> Iterator[Problem]:
    """PrgCode is linked at address 0.

    What it checks:
        The address of PrgCode.

    Why it matters:
        pyOCD takes symbols as offsets from the start of the code and refuses a file that is linked elsewhere (issue
        1459). probe-rs subtracts the start from the routines, but not from the address of PrgData, so r9 is off by it.
        5 of 430 public files are linked elsewhere, four of them from RT-UFL.

    Example:
        PRG 0x1000 PI { PrgCode +0 { * (+RO) } ... }

    How to fix:
        Start the load region of the program at 0 in the scatter file or linker script, and build for position
        independence (/ropi /rwpi). A driver that needs its address cannot be an FLM for pyOCD.

    Source:
        docs/formats/flm.md, What hosts refuse; pyOCD issue 1459.
    """
    seen_by_pyocd = sections_of(file.image, abi.CODE_SECTION, c.SHT_PROGBITS)
    if seen_by_pyocd and seen_by_pyocd[0].address:
        code = seen_by_pyocd[0]
        hosts = {Host.PYOCD: Verdict.REJECTED}
        yield Problem(
            "not-at-zero",
            f"PrgCode is linked at 0x{code.address:08x} instead of 0.",
            "Link the program at 0, position independent.",
            file.at_section(code),
            hosts={**hosts, Host.PROBE_RS: Verdict.LOSS} if file.data_sections else hosts,
        )


@rule("FLM022", Severity.ERROR, FlmFile, hosts={Host.PYOCD: Verdict.REJECTED, Host.PROBE_RS: Verdict.LOSS})
def sections_are_single(file: FlmFile) -> Iterator[Problem]:
    """PrgCode, PrgData with bytes and PrgData with zeros occur once each.

    What it checks:
        How often each of the three occurs. PrgData once with bytes and once as zeroed data is normal.

    Why it matters:
        pyOCD refuses a second one; probe-rs takes the last one and leaves the others out of the image.

    Example:
        PrgData +0 { * (+RW) }  and a second region of the same name

    How to fix:
        Collect everything of one kind in one output section.

    Source:
        docs/formats/flm.md, What hosts refuse; What breaks a naive parser.
    """
    for name, section_type, words in (
        (abi.CODE_SECTION, c.SHT_PROGBITS, "sections PrgCode"),
        (abi.DATA_SECTION, c.SHT_PROGBITS, "sections PrgData with bytes"),
        (abi.DATA_SECTION, c.SHT_NOBITS, "sections PrgData of zeroed data"),
    ):
        found = sections_of(file.image, name, section_type)
        if len(found) > 1:
            yield Problem(
                "duplicate",
                f"There are {len(found)} {words}, at {' and '.join(f'0x{each.address:08x}' for each in found)}.",
                "Merge them into one output section in the scatter file or linker script.",
                file.at_section(found[1]),
            )


@rule("FLM024", Severity.WARNING, FlmFile, hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS})
def nothing_outside_of_known_sections(file: FlmFile) -> Iterator[Problem]:
    """Everything that is loaded lies in PrgCode, PrgData or the section of FlashDevice.

    What it checks:
        The names of the sections with bytes or zeros in the target's memory. Notes and unwind tables (.ARM.exidx) do
        not count, since drivers run without them.

    Why it matters:
        pyOCD and probe-rs build the image from PrgCode and PrgData alone, so what lies elsewhere is missing in the
        target's RAM; probe-rs warns about .text, .rodata, .data and .bss. Zeroed data outside lies where the host has
        its stack or nothing at all.

    Example:
        PrgData : { *(.data*) } .bss : { *(.bss*) }

    How to fix:
        Put constants into PrgCode, and variables and zeroed data into PrgData.

    Source:
        docs/formats/flm.md, What hosts refuse; Linking and position independence.
    """
    if not file.code_sections:
        return
    known = {
        *file.code_sections,
        *file.data_sections,
        *file.zero_sections,
        None if file.descriptor is None else file.descriptor.section,
    }
    for section in file.allocated:
        if section not in known and section.name != _DESCRIPTOR_SECTION and not _is_told_or_not_needed(section):
            yield Problem(
                "outside",
                f"{_named(section)} with {section.size_bytes} bytes at 0x{section.address:08x} belongs to neither"
                " PrgCode nor PrgData.",
                "Put it into PrgCode (constants) or PrgData (variables) in the scatter file or linker script.",
                file.at_section(section),
            )


def _is_told_or_not_needed(section: ElfSection) -> bool:
    """Tell whether drivers run without a section, or FLM031 tells of it: a .got with addresses."""
    return section.type in _NOT_NEEDED or (section.name.startswith(".got") and any(section.data))


def _named(section: ElfSection) -> str:
    return f"The section {section.name}" if section.name else "A section without a name"


RULES: tuple[AnyRule, ...] = (
    code_is_in_prgcode,
    code_starts_at_zero,
    sections_are_single,
    nothing_outside_of_known_sections,
)
