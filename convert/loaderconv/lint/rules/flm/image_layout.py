"""Where code, data and descriptor lie to each other."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pyocd_view import read_at, verdict_on_descriptor
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.anatomy import MAX_GAP_BYTES
from loaderconv_formats.elf.image import ElfSection
from loaderconv_formats.flm.flash_device import HEADER, SECTOR
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("FLM023", Severity.WARNING, FlmFile, hosts={Host.PROBE_RS: Verdict.LOSS})
def code_and_data_are_adjacent(file: FlmFile) -> Iterator[Problem]:
    """PrgData follows PrgCode without a gap, and zeroed data follows PrgData.

    What it checks:
        The ends and starts of PrgCode, PrgData with bytes and PrgData of zeroed data.

    Why it matters:
        probe-rs joins the contents of the sections, so after a gap the variables are not where r9 points: two targets
        that it ships have data 4 bytes early, because armlink aligned PrgData to 8. DAPLink's scripts refuse a gap.
        Overlapping sections overwrite each other. Variables far away, in the target's RAM, are none of the image that
        a host may place where it likes.

    Example:
        PrgCode ends at 0xb6d4, PrgData starts at 0xb6d8

    How to fix:
        Align the end of PrgCode to that of PrgData, for example with a filler of one word in front of it, or drop the
        8-byte alignment of the variables.

    Source:
        docs/formats/flm.md, What breaks a naive parser; How hosts drive it.
    """
    if len(file.code_sections) != 1 or len(file.data_sections) > 1 or len(file.zero_sections) > 1:
        return
    before = file.code_sections[0]
    for section, words in (
        (s, w) for kind, w in ((file.data_sections, "PrgData"), (file.zero_sections, "The zeroed data")) for s in kind
    ):
        yield from _gap(file, before, section, words)
        before = section


def _gap(file: FlmFile, before: ElfSection, section: ElfSection, words: str) -> Iterator[Problem]:
    gap = section.address - before.end
    place = file.at_section(section)
    if gap > MAX_GAP_BYTES:
        yield Problem(
            "far-away",
            f"{words} is linked at 0x{section.address:08x}, the code in front of it ends at 0x{before.end:08x}.",
            "Link PrgData directly behind PrgCode, and reach it through r9 (/rwpi, -frwpi).",
            place,
            severity=Severity.ERROR,
            hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )
    elif gap > 0:
        yield Problem(
            "gap",
            f"{words} starts at 0x{section.address:08x}, {gap} bytes behind the end of what is in front of it.",
            "Fill the end of the section in front of it up to this address.",
            place,
        )
    elif gap < 0:
        yield Problem(
            "overlap",
            f"{words} starts at 0x{section.address:08x}, {-gap} bytes before the end of what is in front of it.",
            "Give each section addresses of its own in the scatter file or linker script.",
            place,
            severity=Severity.ERROR,
            hosts={Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
        )


@rule("FLM025", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def descriptor_has_its_own_addresses(file: FlmFile) -> Iterator[Problem]:
    """FlashDevice shares addresses with zeroed data at most.

    What it checks:
        Another segment with bytes at the address of FlashDevice comes before its own. Zeroed data there is normal:
        armlink puts the descriptor behind the bytes of the file, and half of all public FLMs are so.

    Why it matters:
        pyOCD and probe-rs read FlashDevice by its address from the first segment that has it, so they take code for
        the description of the device.

    Example:
        SECTIONS { PrgCode 0 : { ... } DevDscr 0 : { ... } }

    How to fix:
        Link DevDscr behind the program, as armlink does (DSCR +0).

    Source:
        docs/formats/flm.md, What real files look like; What hosts refuse.
    """
    symbol = file.descriptor
    if symbol is None:
        return
    size_bytes = HEADER.size + SECTOR.size * len(file.info.entries)
    seen = read_at(file.image, symbol.value, size_bytes)
    if seen is not None and seen != file.behind(symbol)[:size_bytes]:
        yield Problem(
            "over-program",
            f"FlashDevice is linked at 0x{symbol.address:08x}, where another segment has the bytes that hosts read.",
            "Link DevDscr at an address behind the program.",
            file.at_symbol(symbol),
            hosts={Host.PYOCD: verdict_on_descriptor(file.image), Host.PROBE_RS: Verdict.LOSS},
        )


RULES: tuple[AnyRule, ...] = (code_and_data_are_adjacent, descriptor_has_its_own_addresses)
